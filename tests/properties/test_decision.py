"""Choosing is total and monotone, and scoring stays in its range, whatever is asked."""

import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arbiter.answering.decision import THRESHOLDS, Score, Scores, Thresholds, choose, decide, score
from arbiter.answering.prompts import neutralise
from arbiter.answering.request import Request
from arbiter.modes import Mode

VALUES = st.floats(0, 1)
THRESHOLD_PAIRS = st.builds(Thresholds, VALUES, VALUES)


def mode(grounded: float, specialised: float, thresholds: Thresholds) -> Mode:
    return choose(Scores(Score(grounded, ""), Score(specialised, "")), thresholds).mode


@given(VALUES, VALUES, THRESHOLD_PAIRS)
def test_every_pair_of_scores_is_a_mode(grounded: float, specialised: float, thresholds: Thresholds) -> None:
    assert mode(grounded, specialised, thresholds) in set(Mode)


@given(VALUES, VALUES, VALUES, VALUES, THRESHOLD_PAIRS)
def test_more_never_means_less(a: float, b: float, c: float, d: float, thresholds: Thresholds) -> None:
    less = mode(min(a, b), min(c, d), thresholds)
    more = mode(max(a, b), max(c, d), thresholds)

    assert more.grounded >= less.grounded
    assert more.specialised >= less.specialised


@given(VALUES, VALUES, VALUES, THRESHOLD_PAIRS)
def test_each_question_is_answered_alone(grounded: float, one: float, other: float, thresholds: Thresholds) -> None:
    assert mode(grounded, one, thresholds).grounded == mode(grounded, other, thresholds).grounded


@given(st.text(min_size=1, max_size=300))
def test_scores_stay_between_0_and_1_and_deciding_never_fails(question: str) -> None:
    request = Request(question)
    scores = score(request)

    assert 0 <= scores.grounded.value <= 1
    assert 0 <= scores.specialised.value <= 1
    assert decide(request) == decide(request)


@given(st.text(min_size=1, max_size=300))
def test_preferring_quality_grants_whatever_another_preference_grants(question: str) -> None:
    quality = decide(Request(question)).mode
    for preference in THRESHOLDS:
        other = decide(Request(question, prefer=preference)).mode
        assert quality.grounded >= other.grounded
        assert quality.specialised >= other.specialised


LONGEST = 20_000
HOSTILE = [
    unit * (LONGEST // len(unit))
    for unit in (" ", "\n", "1", "1+", "1 +", "a ", "<", "< ", "</", "<document", " and", ". ", "write a ",
                 "reply to a ", "\u0301", "Aa ", "how ", "-")
] + [f"{edge}{fill * (LONGEST - 1)}" for edge, fill in product(("<", "1", "write", "reply to a"), " a/1")]  # fmt: skip


@pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
def test_no_question_takes_long_to_look_at(question: str) -> None:
    started = time.process_time()
    decide(Request(question))
    neutralise(question)

    assert time.process_time() - started < 0.5
