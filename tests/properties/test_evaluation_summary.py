"""Whatever the order and however often its records come, a run has one summary; a failure never has a score."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arbiter.evaluation.numbers import extraction, statistics
from arbiter.evaluation.numbers.records import Failure
from arbiter.evaluation.numbers.significance import holm, sign_flip_p
from arbiter.evaluation.numbers.statistics import HIGHEST, mean_interval
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.arms import received
from arbiter.evaluation.summary.summary import summarise
from tests import synthetic_run

TAGS = {case["id"]: case["tags"] for case in synthetic_run.cases()[:12]}
ANSWERS = [one for one in map(extraction.answer, synthetic_run.answers()) if one.case in TAGS]
VERDICTS = [one for one in map(extraction.verdicts, synthetic_run.verdicts()) if one.case in TAGS]
PAIRS = [one for one in map(extraction.pair, synthetic_run.pairs()) if one.case in TAGS]
JUDGES = st.sampled_from(synthetic_run.JUDGES)
SCORES = st.lists(st.integers(0, 20).map(lambda halves: halves / 2), max_size=40)


def summary(answers: Any, verdicts: Any, pairs: Any) -> Any:
    return summarise(Plan.load(synthetic_run.plan()), TAGS, answers, verdicts, pairs)


@pytest.fixture(autouse=True, scope="module")
def few_resamples() -> Iterator[None]:
    """Neither order nor failures touch how exact an interval is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statistics, "RESAMPLES", 99)
        yield


@pytest.fixture(scope="module")
def once(few_resamples: None) -> Any:
    return summary(ANSWERS, VERDICTS, PAIRS)


@settings(max_examples=12, deadline=None)
@given(st.integers(), st.integers(0, 20))
def test_neither_order_nor_repetition_of_records_changes_a_number(once: Any, seed: int, twice: int) -> None:
    random, came = Random(seed), [some + some[:twice] for some in (ANSWERS, VERDICTS, PAIRS)]
    assert summary(*(random.sample(some, len(some)) for some in came)) == once


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ANSWERS), st.booleans()), max_size=24), st.integers(0, 48))
def test_a_failure_is_counted_and_never_scored(fates: Any, judged: int) -> None:
    answers = {
        (one.case, one.arm): one._replace(failure=Failure("throttled", "slow down")) if fails else one
        for one, fails in fates
    }
    found = summary(answers.values(), VERDICTS[:judged], ())
    scorable = {cell for cell, one in answers.items() if one.failure is None}
    valid = [one for one in VERDICTS[:judged] if (one.case, one.arm) in scorable]
    for arm in found["arms"]:
        own = [one for (_, name), one in answers.items() if name == arm["name"]]
        assert sum(arm["failed"].values()) == sum(one.failure is not None for one in own)
        assert received(arm) + sum(arm["failed"].values()) + arm["missing"] == len(TAGS)
        scored = arm["quality"]["n"] if arm["quality"] else 0
        assert scored <= sum(one.arm == arm["name"] for one in valid)
        assert arm["unjudged"] == received(arm) - scored >= 0


@settings(max_examples=60, deadline=None)
@given(SCORES)
def test_an_interval_holds_the_mean_and_stays_on_the_scale(scores: list[float]) -> None:
    interval = mean_interval(scores, seed="s")
    if interval is None:
        assert len(scores) < 3
    else:
        assert 0 <= interval[0] <= sum(scores) / len(scores) + 1e-9
        assert sum(scores) / len(scores) - 1e-9 <= interval[1] <= HIGHEST


@given(st.lists(st.integers(-20, 20).map(lambda halves: halves / 2), max_size=60))
def test_a_p_value_is_a_share_that_ignores_sign_order_and_ties(differences: list[float]) -> None:
    p = sign_flip_p(differences)
    assert 0 < p <= 1
    assert p == sign_flip_p([-one for one in reversed(differences)]) == sign_flip_p([*differences, 0.0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_correction_only_raises_p_values_and_keeps_their_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(raised is not None and p <= raised <= 1 for p, raised in zip(p_values, adjusted, strict=True))
    ordered = [adjusted[index] or 0.0 for index in sorted(range(len(p_values)), key=p_values.__getitem__)]
    assert ordered == sorted(ordered)
