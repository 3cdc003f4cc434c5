"""For every combination of the bands there is an answer that contradicts no limit, picks no dominated method, and grows
with what is there."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.advice.rules.engine import RULES, Advice, decide
from cli.advice.rules.options import OF_METHOD, Status
from cli.advice.scenario.fields import FIELDS
from cli.advice.scenario.scenario import Scenario

BANDS: dict[str, tuple[Any, ...]] = {
    "expertise": ("little", "moderate", "strong"),
    "compute": ("little", "moderate", "large"),
    "deadline_weeks": (1, 2, 40),
    "examples": (0, 10, 100, 500, 1_000, 10_000, 2_000_000),
    "corpus": ("none", "small", "large"),
    "requirements": (("facts",), ("style",), ("domain",), ("reasoning",), ("cost",), ("latency",), ()),
}
GROWING = ("expertise", "compute", "deadline_weeks", "examples")
DEMANDING: dict[str, Any] = {
    "no_model_meets_it": True,
    "requests_a_month": 5e6,
    "work": ("many_steps", "outside_tools"),
}
OWN_MODELS = {"transfer_learning", "own_architecture", "from_scratch"}
HEAVY = OWN_MODELS | {"full_tuning", "distillation"}
WEEKS = {"hybrid_search", "multi_step_retrieval", "adaptive_retrieval"}


@cache
def decisions(*, demanding: bool) -> dict[tuple[Any, ...], Advice]:
    """The advice on every combination."""
    more = DEMANDING if demanding else {}
    return {
        values: decide(Scenario(**dict(zip(BANDS, values, strict=True)), **more)) for values in product(*BANDS.values())
    }


def each(*, demanding: bool) -> Iterator[tuple[dict[str, Any], Advice, set[str]]]:
    """Answers, advice, and the methods that it recommends."""
    for values, advice in decisions(demanding=demanding).items():
        chosen = {name for name, one in advice.methods.items() if one.status is Status.RECOMMENDED}
        yield dict(zip(BANDS, values, strict=True)), advice, chosen


@pytest.mark.slow
@pytest.mark.parametrize("demanding", [False, True])
def test_no_combination_contradicts_a_limit(demanding: bool) -> None:
    for answers, advice, chosen in each(demanding=demanding):
        assert "prompting" in advice.recommended, answers
        assert all(advice.methods_of(name) for name in advice.recommended), answers
        if answers["compute"] == "little":
            assert all(advice.methods[name].status is Status.RULED_OUT for name in HEAVY), answers
        if answers["deadline_weeks"] < 2:
            assert set(advice.recommended) <= {"prompting", "retrieval"}, answers
            assert not chosen & WEEKS, answers
        if answers["expertise"] != "strong":
            assert not chosen & HEAVY, answers
        if answers["examples"] < 100:
            assert "fine_tuning" not in advice.recommended, answers
        if answers["corpus"] == "none":
            assert "retrieval" not in advice.recommended, answers


@pytest.mark.slow
@pytest.mark.parametrize("demanding", [False, True])
def test_no_recommended_method_is_dominated(demanding: bool) -> None:
    """Of methods that do the same on the same data, one alone is recommended, and never a more complex one."""
    for answers, _, chosen in each(demanding=demanding):
        assert len(chosen & {"qlora", "lora", "peft", "full_tuning"}) <= 1, answers
        assert not chosen & {"peft", "full_tuning", "own_architecture", "from_scratch"}, answers
        assert len(chosen & {"basic_retrieval", "hybrid_search"}) <= 1, answers
        assert len(chosen & {"zero_shot", "few_shot"}) == 1, answers
        assert len(chosen & {"tool_integration", "multi_model_pipelines"}) <= 1, answers


@pytest.mark.slow
@pytest.mark.parametrize(("growing", "names"), [
    *((name, ("fine_tuning", "custom_model", "orchestration")) for name in GROWING),
    ("corpus", ("retrieval",)),
])  # fmt: skip
@pytest.mark.parametrize("demanding", [False, True])
def test_more_of_something_never_makes_less_advisable(growing: str, names: tuple[str, ...], demanding: bool) -> None:
    found, level = decisions(demanding=demanding), list(BANDS).index(growing)
    for values in found:
        for less, more in pairwise(BANDS[growing]):
            if values[level] == less:
                then = found[(*values[:level], more, *values[level + 1 :])]
                for name in names:
                    assert found[values].approaches[name].status <= then.approaches[name].status, (values, more)


def anything() -> st.SearchStrategy[dict[str, Any]]:
    """Any answers to all questions."""
    kinds: dict[str, st.SearchStrategy[Any]] = {}
    for field in FIELDS:
        if field.kind == "choice":
            kinds[field.name] = st.sampled_from(list(field.allowed))
        elif field.kind == "choices":
            kinds[field.name] = st.lists(st.sampled_from(list(field.allowed)), unique=True, max_size=4).map(tuple)
        elif field.kind == "flag":
            kinds[field.name] = st.booleans()
        elif field.kind == "number":
            kinds[field.name] = st.sampled_from([1, 2, 9, 12, 99, 100, 499, 500, 1_000, 10_000, 1_000_000])
    return st.fixed_dictionaries(kinds)


@given(anything())
def test_any_answers_lead_to_advice_whose_reasons_are_rules(answers: dict[str, Any]) -> None:
    scenario = Scenario(**answers)
    advice = decide(scenario)
    ids = {rule.id for rule in RULES}
    for one in (*advice.approaches.values(), *advice.methods.values()):
        assert {rule.id for rule in one.fired} <= ids
        assert all(rule.fires(scenario) for rule in one.fired)
        assert one.fired or one.status is Status.NOT_NOW
        # A rule that lost is no reason.
        assert not {loser.id for loser, _ in one.lost} & {winner.id for _, winner in one.lost}
    for name, method in advice.methods.items():
        assert method.status <= advice.approaches[OF_METHOD[name]].status


@given(anything(), st.sampled_from([100, 500, 1_000, 10_000, 1_000_000]))
def test_more_examples_never_make_tuning_less_advisable_whatever_else_holds(answers: dict[str, Any], more: int) -> None:
    fewer, then = Scenario(**answers), Scenario(**{**answers, "examples": max(more, answers["examples"])})
    assert decide(fewer).approaches["fine_tuning"].status <= decide(then).approaches["fine_tuning"].status
