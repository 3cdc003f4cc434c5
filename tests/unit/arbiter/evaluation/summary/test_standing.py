"""A mode that became worse is told from chance, and only like is compared with like."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.document import Summary, load
from arbiter.evaluation.summary.standing import (
    KEPT,
    Latest,
    Standing,
    before,
    by_mode,
    embedded,
    identities,
    kind_of,
    metrics,
    remembering,
    standing,
)
from bench.synthetic_plan import document

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NONE: Latest = {"latest": "", "kinds": {}}


def arm(name: str = "rag", mean: float = 7.0, **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        "mode": "rag",
        "cases": 60,
        "answered": 57,
        "quality": {"n": 60, "mean": mean, "interval": [mean - 0.3, mean + 0.3]},
        "latency_ms": {"total": {"median": 900.0}},
        "cost": {"per_answer_usd": 0.001},
        **fields,
    }


def summary(*arms: dict[str, Any], run: str = "r") -> Summary:
    return load({"run": run, "arms": list(arms)})


def plan(**arm: Any) -> Plan:
    return Plan.load(document("r", [{"name": "rag", "mode": "rag", **arm}], ["a", "b"]))


def earlier(mean: float) -> Standing:
    return {
        "run": "earlier",
        "summarised_at": "2026-01-01",
        "modes": {"rag": {"mean": mean, "interval": [mean - 0.4, mean + 0.4]}},
    }


def test_a_run_becomes_metrics_by_mode() -> None:
    assert metrics(summary(arm()), None, plan())["rag"] == pytest.approx(
        {
            "EvaluationQuality": 7.0,
            "EvaluationQualityHalfWidth": 0.3,
            "EvaluationFailureRate": 0.05,
            "EvaluationLatency": 900.0,
            "EvaluationCostUsd": 0.001,
        }
    )


def test_what_is_unknown_is_no_metric() -> None:
    unknown = arm(quality=None, latency_ms={"total": None}, cost={"per_answer_usd": None}, answered=0)
    assert metrics(summary(unknown), earlier(9.0), plan()) == {"rag": {"EvaluationFailureRate": 1.0}}


def test_only_arms_that_stand_for_their_mode_are_measured_and_never_a_gates() -> None:
    assert list(by_mode(summary(arm("rag.nova-lite"), arm()))) == ["rag"]
    assert by_mode(summary(arm(), run="r-gate")) == {}


# The half-widths 0.3 and 0.4 together explain 0.5 points.
@pytest.mark.parametrize(("before_it", "regressed"), [(7.6, 1.0), (7.4, 0.0), (6.0, 0.0)])
def test_a_regression_is_a_fall_that_both_intervals_do_not_explain(before_it: float, regressed: float) -> None:
    assert metrics(summary(arm()), earlier(before_it), plan())["rag"]["QualityRegression"] == regressed


def test_a_mode_scored_on_part_of_its_cases_is_not_compared() -> None:
    partly = arm(quality={"n": 50, "mean": 2.0, "interval": [1.7, 2.3]})
    assert "QualityRegression" not in metrics(summary(partly), earlier(9.0), plan())["rag"]
    assert standing(summary(partly), NOW, plan()) is None


def test_runs_on_other_cases_or_with_other_judges_are_of_another_kind() -> None:
    assert kind_of(plan()) == kind_of(replace(plan(), judges=("b", "a")))
    others = replace(plan(), judges=("a", "c")), replace(plan(), cases_digest="e")
    assert len(set(map(kind_of, (plan(), *others)))) == 3


def test_an_arm_that_is_set_up_otherwise_is_never_held_against_the_history_of_its_mode() -> None:
    other = plan(model="amazon.nova-lite-v1:0")
    assert metrics(summary(arm()), earlier(9.0), plan())["rag"]["QualityRegression"] == 1.0
    assert "QualityRegression" not in metrics(summary(arm()), earlier(9.0), other)["rag"]
    first = standing(summary(arm(mean=9.0)), NOW, plan())
    second = standing(summary(arm(mean=2.0), run="s"), NOW, other)
    assert first is not None
    assert second is not None
    kept = before(remembering(remembering(NONE, "k", first), "k", second), "k", "t")
    assert kept is not None
    assert kept["modes"]["rag"]["mean"] == 9.0
    assert metrics(summary(arm(mean=1.0), run="t"), kept, other)["rag"]["QualityRegression"] == 1.0


def test_a_store_behind_the_same_name_is_another_technique() -> None:
    stores = [replace(plan(knowledge_base="aws"), knowledge_bases={"aws": id_}) for id_ in ("OLD", "OLD", "NEW")]
    first, again, other = (identities(one)["rag"] for one in stores)
    assert first == again != other
    # What the deployment's own is made of is what its owner changes, and wants to see in the metrics.
    assert identities(replace(plan(), knowledge_bases={"default": "NEW"})) == identities(plan())


def test_a_run_is_remembered_for_the_next_one_and_not_for_itself() -> None:
    new = standing(summary(arm()), NOW, plan())
    assert new is not None
    latest = remembering(NONE, "k", new)
    assert before(latest, "k", "next") == new
    assert before(latest, "k", "r") is None
    assert before(latest, "other", "next") is None


def test_a_mode_that_was_not_measured_again_keeps_its_figures() -> None:
    base = {"mean": 5.0, "interval": [4.0, 6.0]}
    latest: Latest = {
        "latest": "a",
        "kinds": {"k": {"run": "a", "summarised_at": "2026-01-01", "modes": {"base": base}}},
    }
    new = standing(summary(arm()), NOW, plan())
    assert new is not None
    assert remembering(latest, "k", new)["kinds"]["k"]["modes"].keys() == {"base", "rag"}


def test_the_oldest_kinds_are_forgotten() -> None:
    latest = NONE
    for number in range(KEPT + 3):
        new = standing(summary(arm(), run=f"r{number}"), NOW + timedelta(days=number), plan())
        assert new is not None
        latest = remembering(latest, f"k{number}", new)
    assert list(latest["kinds"]) == [f"k{number}" for number in range(3, KEPT + 3)]
    assert latest["latest"] == f"r{KEPT + 2}"


def test_metrics_are_in_the_embedded_format() -> None:
    line = embedded("dev", "rag", {"EvaluationLatency": 5.0}, NOW)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["Environment", "Mode"]]
    assert directive["Metrics"] == [{"Name": "EvaluationLatency", "Unit": "Milliseconds"}]
    assert (line["Environment"], line["Mode"], line["EvaluationLatency"]) == ("dev", "rag", 5.0)
    assert line["_aws"]["Timestamp"] == NOW.timestamp() * 1000
