"""A change that is told to flip the recommendation does, and nothing nearer of that input does."""

from dataclasses import replace
from typing import Any

import pytest

from cli.advice.record.decision import decision_on
from cli.advice.record.flips import flips
from cli.advice.record.roadmap import next_command, roadmap, tools
from cli.advice.record.sentences import recommendation
from tests.unit.cli.advice.known import KNOWN, decided
from tests.unit.cli.advice.planted import planted

CASES: list[dict[str, Any]] = [
    {},
    {"requirements": ("style",), "examples": 60},
    {"requirements": ("domain",), "examples": 480, "corpus": "small"},
    {"requirements": ("cost",), "requests_a_month": 80_000, "examples": 300},
    {"use_cases": ("customer_support",), "examples": 800, "work": ("outside_tools",)},
    {"expertise": "strong", "compute": "large", "deadline_weeks": 40, "examples": 9_000, "no_model_meets_it": True},
]


@pytest.mark.parametrize("answers", CASES)
def test_every_flip_that_is_told_changes_what_is_recommended(answers: dict[str, Any]) -> None:
    found = decided(**answers)
    told = flips(found, KNOWN)
    assert told
    assert [one.distance for one in told] == sorted(one.distance for one in told)
    for flip in told:
        then = decision_on(replace(found.scenario, **{flip.field: flip.value}), KNOWN)
        assert set(then.advice.recommended) - set(found.advice.recommended) == set(flip.added)
        assert set(found.advice.recommended) - set(then.advice.recommended) == set(flip.dropped)


def test_the_number_of_examples_that_is_missing_is_told_exactly() -> None:
    [flip] = [one for one in flips(decided(requirements=("style",), examples=60), KNOWN) if one.field == "examples"]
    assert flip.words == "with 40 more good examples (100 in all)"
    assert decided(requirements=("style",), examples=99).advice.recommended == ("prompting",)
    assert "fine_tuning" in decided(requirements=("style",), examples=100).advice.recommended


def test_a_measurement_is_part_of_what_is_tried() -> None:
    run = planted({"base": 5.0, "rag": 5.0, "fine_tuned": 8.0, "combined": 8.0})
    found = decided(run, requirements=("style",), examples=300)
    told = flips(found, replace(KNOWN, stored=run))
    assert "examples" not in {one.field for one in told}
    assert "data_may_train" in {one.field for one in told}


def test_a_limit_of_cost_takes_the_dearest_layer_out() -> None:
    free = decided(requirements=("facts", "style"), examples=300, requests_a_month=1_000_000)
    bound = decided(requirements=("facts", "style"), examples=300, requests_a_month=1_000_000, cost_limit_usd=1_200)
    assert free.layers == {"retrieval", "fine_tuning"}
    assert bound.layers == {"fine_tuning"}
    assert bound.month.usd <= 1_200


def test_what_is_asked_for_and_overruled_is_not_told_as_needless() -> None:
    assert "nothing known of your case asks for more" in recommendation(decided(requirements=(), corpus="none"))
    kept = decided(requirements=("style",), corpus="none", examples=500, data_may_train=False)
    assert "fine-tuning is asked for, but overruled" in recommendation(kept)


def test_a_limit_that_nothing_keeps_to_is_told() -> None:
    sentence = recommendation(decided(requirements=("facts",), cost_limit_usd=5))
    assert "retrieval is asked for, but overruled" in sentence
    assert sentence.endswith("Even that costs more than your limit of $5.00 a month.")
    assert "limit of" not in recommendation(decided(requirements=("facts",), cost_limit_usd=500))


def test_the_roadmap_has_four_phases_and_marks_what_is_done() -> None:
    found = decided(requirements=("facts", "style"), examples=300)
    phases = roadmap(found, frozenset({"documents", "examples"}))
    assert [one.weeks for one in phases] == ["weeks 1 to 2", "weeks 3 to 6", "weeks 7 to 12", "from then on"]
    done = {step.command for phase in phases for step in phase.steps if step.done}
    assert "arbiter sync my-documents" in done
    assert next_command(phases) == "arbiter evaluate generate --out questions.jsonl"
    assert all(phase.measure for phase in phases)


@pytest.mark.parametrize(
    ("corpus", "first"),
    [
        ("none", "arbiter evaluate questions.jsonl --modes base --models MODEL,MODEL"),
        ("small", "arbiter sync my-documents"),
    ],
)
def test_nothing_is_made_from_documents_before_there_are_any(corpus: str, first: str) -> None:
    phases = roadmap(decided(requirements=("style",), corpus=corpus, examples=20))
    commands = [step.command for phase in phases for step in phase.steps]
    assert next_command(phases) == first
    assert any("generate" in command for command in commands) == (corpus != "none")


def test_tools_are_given_where_orchestration_is_advised_alone() -> None:
    assert tools(decided()) == []
    for examples, expected in ((0, ["rag", "base"]), (300, ["rag", "fine_tuned", "combined", "base"])):
        found = decided(work=("outside_tools",), requirements=("facts",), examples=examples)
        assert [tool["request"] for tool in tools(found)] == [{"mode": mode} for mode in expected]
