"""A candidate is published when it is surely better and neither slower, dearer nor less reliable than allowed."""

import copy
from typing import Any

import pytest

from arbiter.evaluation.summary.document import load
from arbiter.evaluation.summary.gate import Limits, NotComparable, decide

LIMITS = Limits(margin=0.0, minimum_cases=30, max_latency_ratio=1.5, max_cost_ratio=1.5, max_failure_rate=0.02)


def arm(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "cases": 60,
        "answered": 60,
        "abstained": 0,
        "failed": {},
        "missing": 0,
        "quality": {"n": 60},
        "latency_ms": {"total": {"median": 1000.0}},
        "cost": {"per_answer_usd": 0.01},
        "in_batch": 0,
        "priced_as": None,
        **fields,
    }


def summary(**candidate: Any) -> Any:
    comparison = {"a": "candidate", "b": "in_service", "n": 60, "interval": [0.2, 1.1]}
    return {"run": "r-gate", "arms": [arm("candidate", **candidate), arm("in_service")], "comparisons": [comparison]}


def stopped_by(found: Any, limits: Limits = LIMITS) -> list[str]:
    decision = decide(found, limits)
    failed = [condition["name"] for condition in decision["conditions"] if not condition["passed"]]
    assert decision["publish"] == (not failed)
    return failed


def test_a_candidate_that_is_surely_better_passes() -> None:
    decision = decide(summary(), LIMITS)
    assert decision["publish"]
    assert [condition["name"] for condition in decision["conditions"]] == [
        "cases", "quality", "failures", "verdicts", "latency", "cost"
    ]  # fmt: skip
    assert decision["conditions"][1]["sentence"] == (
        "The new model's score less that of in_service is at least +0.20 points (lower end of the 95 % interval), "
        "above the margin of +0.00."
    )


@pytest.mark.parametrize(
    ("candidate", "condition", "sentence"),
    [
        (
            {"failed": {"throttled": 1}, "missing": 1},
            "failures",
            "left 2 of 60 questions unanswered (3.3%), above the 2.0%",
        ),
        ({"quality": {"n": 50}}, "verdicts", "10 of 120 answers lack a valid verdict of some judge (8.3%), above"),
        ({"latency_ms": {"total": {"median": 1600.0}}}, "latency", "is 1.60 times that of today's, above the 1.50"),
        ({"cost": {"per_answer_usd": 0.02}}, "cost", "Cost per answer is 2.00 times that of today's, above the 1.50"),
    ],
)
def test_each_limit_stops_a_candidate_by_itself(candidate: dict[str, Any], condition: str, sentence: str) -> None:
    found = summary(**candidate)
    assert stopped_by(found) == [condition]
    assert any(sentence in one["sentence"] for one in decide(found, LIMITS)["conditions"])


def test_limits_themselves_are_allowed() -> None:
    at = {"latency_ms": {"total": {"median": 1500.0}}, "cost": {"per_answer_usd": 0.015}}
    found = summary(**at)
    found["comparisons"][0]["n"] = LIMITS.minimum_cases
    assert stopped_by(found) == []


def test_the_lower_bound_must_exceed_the_margin() -> None:
    assert stopped_by(summary(), Limits(**{**vars(LIMITS), "margin": 0.2})) == ["quality"]
    assert stopped_by(summary(), Limits(**{**vars(LIMITS), "margin": 0.19})) == []


def test_the_difference_is_read_in_the_right_direction() -> None:
    found = summary()
    found["comparisons"] = [{"a": "in_service", "b": "candidate", "n": 60, "interval": [0.2, 1.1]}]
    assert stopped_by(found) == ["quality"]
    found["comparisons"][0]["interval"] = [-1.1, -0.2]
    assert stopped_by(found) == []
    found["comparisons"][0]["interval"] = [-1.1, 0.2]
    assert stopped_by(found) == ["quality"], "surely better by nothing: its lower end is that of the other arm, negated"
    assert any("at least -0.20 points" in one["sentence"] for one in decide(found, LIMITS)["conditions"])


def test_too_few_cases_never_publish() -> None:
    found = summary()
    found["comparisons"][0]["n"] = 29
    assert stopped_by(found) == ["cases"]
    found["comparisons"][0] |= {"n": 0, "interval": None}
    assert stopped_by(found) == ["cases", "quality"]
    found["comparisons"] = []
    assert stopped_by(found) == ["cases", "quality"]


def test_what_cannot_be_told_is_not_within_its_limit_and_the_sentence_says_what_to_do() -> None:
    found = summary(cost={"per_answer_usd": None}, latency_ms={"total": None})
    assert stopped_by(found) == ["latency", "cost"]
    assert decide(found, LIMITS)["conditions"][-1]["sentence"] == (
        "Cost per answer cannot be held to the 1.50 times allowed: a price is unknown. Look it up with "
        "`arbiter cost --refresh` and deploy, or set evaluation.gate.max_cost_ratio to null: then any cost will do."
    )


def test_without_a_limit_nothing_is_judged_and_that_is_said() -> None:
    limits = Limits(**{**vars(LIMITS), "max_cost_ratio": None, "max_latency_ratio": None})
    found = summary(cost={"per_answer_usd": None}, latency_ms={"total": {"median": 9000.0}})
    assert stopped_by(found, limits) == []
    sentences = [condition["sentence"] for condition in decide(found, limits)["conditions"][-2:]]
    assert sentences == [f"{what} was not judged: no limit is set." for what in ("Median latency", "Cost per answer")]


# Between the ratio of what is read and that of what is written lies the ratio of costs, whatever a token costs.
@pytest.mark.parametrize(("read", "written", "stopped"), [(100, 75, []), (100, 76, ["cost"]), (151, 50, ["cost"])])
def test_two_models_of_one_unknown_price_are_compared_by_their_tokens(
    read: float, written: float, stopped: list[str]
) -> None:
    alike = {"cost": {"per_answer_usd": None}, "priced_as": "custom:nova"}
    found = summary(**alike, tokens={"mean_input": read, "mean_output": written})
    found["arms"][1] |= alike | {"tokens": {"mean_input": 100, "mean_output": 50}}
    assert stopped_by(found) == stopped
    found["arms"][1]["priced_as"] = "nova"
    assert stopped_by(found) == ["cost"]


def test_a_candidate_that_answered_nothing_is_stopped() -> None:
    gone = {"answered": 0, "failed": {"tuned_model_unavailable": 60}, "quality": None, "latency_ms": {"total": None}}
    found = copy.deepcopy(summary(**gone, cost={"per_answer_usd": None}))
    found["comparisons"][0] |= {"n": 0, "interval": None}
    assert stopped_by(found) == ["cases", "quality", "failures", "latency", "cost"]


@pytest.mark.parametrize("names", [["base", "rag"], ["candidate"], ["candidate", "base", "rag"]])
def test_an_evaluation_of_something_else_is_refused(names: list[str]) -> None:
    with pytest.raises(NotComparable, match="needs"):
        decide(load({"run": "r", "arms": [arm(name) for name in names]}), LIMITS)


@pytest.mark.parametrize("count", [1, 60])
def test_an_answer_without_a_latency_leaves_the_median_unknown(count: int) -> None:
    found = summary()
    found["arms"][1]["in_batch"] = count
    assert stopped_by(found) == ["latency"]
    sentence = decide(found, LIMITS)["conditions"][4]["sentence"]
    assert sentence.endswith(
        "cannot be held to the 1.50 times allowed: answers of a batch inference job have no latency."
    )
    assert stopped_by(found, Limits(**{**vars(LIMITS), "max_latency_ratio": None})) == []
