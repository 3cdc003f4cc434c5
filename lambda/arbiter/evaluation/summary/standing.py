"""How the modes stand over time: each run's quality by mode as metrics, and the last one to compare the next with."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from math import hypot
from typing import Any, TypedDict

from arbiter.evaluation.numbers.comparison import Bounds
from arbiter.evaluation.run.arms import MODES, Arm
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.arms import ArmSummary, received
from arbiter.evaluation.summary.document import Summary

LATEST_KEY = "evaluations/latest.json"
KEPT = 20
"""Sets of questions whose last run is remembered."""
NAMESPACE = "Arbiter"
WHOLE = 0.95
"""Share of the cases that must be scored for a mode's mean to be compared with an earlier one."""
_UNITS = {
    "EvaluationQuality": "None",
    "EvaluationQualityHalfWidth": "None",
    "EvaluationFailureRate": "None",
    "EvaluationLatency": "Milliseconds",
    "EvaluationCostUsd": "None",
    "QualityRegression": "Count",
}

Measured = Mapping[str, float]


class Mean(TypedDict):
    """The mean score of one mode, and its interval."""

    mean: float
    interval: Bounds


class Standing(TypedDict):
    """A run that later ones are compared with."""

    run: str
    summarised_at: str
    modes: dict[str, Mean]
    """By what an arm is apart from its name."""


class Latest(TypedDict):
    """`latest.json`: the last run of each kind."""

    latest: str
    kinds: dict[str, Standing]


def load(document: Mapping[str, Any]) -> Latest:
    """`latest.json` as it was read."""
    return {"latest": document.get("latest", ""), "kinds": dict(document.get("kinds", {}))}


def identities(plan: Plan) -> dict[str, str]:
    """Each arm of a plan as it is set up, by its name: only the same is compared with earlier runs.

    A further knowledge base goes by its id, for its name may pass to another; the deployment's own is what its owner
    changes and wants compared.
    """
    by_id = (
        arm._replace(knowledge_base=plan.store_of(arm) or arm.knowledge_base) if arm.knowledge_base else arm
        for arm in plan.arms
    )
    return {arm.name: _identity(arm) for arm in by_id}


def _identity(arm: Arm) -> str:
    as_set: dict[str, str | None] = {"prompting": "zero_shot", "tuned": "in_service"}
    as_set |= dict.fromkeys(("model", "retrieval", "asked", "knowledge_base"))
    given = arm.dump()
    chosen = {name: given[name] for name, value in as_set.items() if given[name] not in (None, value)}
    return f"{arm.mode.value} {json.dumps(chosen, sort_keys=True)}" if chosen else arm.mode.value


def by_mode(summary: Summary) -> dict[str, ArmSummary]:
    """The arms that stand for their mode: those named after it, of a run that is no gate's."""
    if summary["run"].endswith("-gate"):
        return {}
    return {arm["mode"]: arm for arm in summary["arms"] if arm["name"] == arm["mode"] and arm["mode"] in MODES}


def kind_of(plan: Plan) -> str:
    """A digest of cases and judges: only runs with the same ones can be compared."""
    text = "\n".join([plan.cases_digest, *sorted(plan.judges)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def metrics(summary: Summary, before: Standing | None, plan: Plan) -> dict[str, dict[str, float]]:
    """The metrics of a run, by mode; `QualityRegression` where the same arm of an earlier run can be compared with."""
    modes, known = {}, identities(plan)
    for mode, arm in by_mode(summary).items():
        own = dict(_own(arm))
        regressed = regression(arm, before["modes"].get(known[arm["name"]]) if before else None)
        if regressed is not None:
            own["QualityRegression"] = float(regressed)
        modes[mode] = own
    return modes


def _own(arm: ArmSummary) -> Iterator[tuple[str, float]]:
    quality, total = arm["quality"], arm["latency_ms"]["total"]
    if quality:
        yield "EvaluationQuality", quality["mean"]
        if quality["interval"]:
            low, high = quality["interval"]
            yield "EvaluationQualityHalfWidth", (high - low) / 2
    if arm["cases"]:
        yield "EvaluationFailureRate", 1 - received(arm) / arm["cases"]
    if total:
        yield "EvaluationLatency", total["median"]
    if arm["cost"]["per_answer_usd"] is not None:
        yield "EvaluationCostUsd", arm["cost"]["per_answer_usd"]


def regression(arm: ArmSummary, before: Mean | None) -> bool | None:
    """Whether a mode's mean fell by more than both intervals together explain; `None` where that cannot be told.

    The half-widths are added as those of independent samples. Runs share their questions, so this errs to silence.
    """
    quality = arm["quality"]
    if not before or not quality or not quality["interval"] or quality["n"] < WHOLE * arm["cases"]:
        return None
    half_widths = [(high - low) / 2 for low, high in (quality["interval"], before["interval"])]
    return before["mean"] - quality["mean"] > hypot(*half_widths)


def standing(summary: Summary, now: datetime, plan: Plan) -> Standing | None:
    """The figures that the next run is compared with; `None` where no mode was scored nearly whole."""
    known, modes = identities(plan), dict[str, Mean]()
    for arm in by_mode(summary).values():
        quality = arm["quality"]
        if quality and quality["interval"] and quality["n"] >= WHOLE * arm["cases"]:
            modes[known[arm["name"]]] = {"mean": quality["mean"], "interval": quality["interval"]}
    return {"run": summary["run"], "summarised_at": now.isoformat(), "modes": modes} if modes else None


def before(latest: Latest, kind: str, run: str) -> Standing | None:
    """The last run of a kind, unless that is this very run, summarised again."""
    last = latest["kinds"].get(kind)
    return last if last and last["run"] != run else None


def remembering(latest: Latest, kind: str, new: Standing) -> Latest:
    """`latest.json` with one more run; the oldest kinds are forgotten. A mode not measured now keeps its figures."""
    kinds = dict(latest["kinds"])
    earlier = kinds.pop(kind, None)
    kinds[kind] = {**new, "modes": {**(earlier["modes"] if earlier else {}), **new["modes"]}}
    oldest_first = sorted(kinds.items(), key=lambda item: item[1]["summarised_at"])
    return {"latest": new["run"], "kinds": dict(oldest_first[-KEPT:])}


def embedded(environment: str, mode: str, values: Measured, now: datetime) -> dict[str, Any]:
    """The fields that make CloudWatch read a mode's metrics out of a log line (embedded metric format)."""
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Environment", "Mode"]],
        "Metrics": [{"Name": name, "Unit": _UNITS[name]} for name in values],
    }
    timing = {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    return {"_aws": timing, "Environment": environment, "Mode": mode, **values}
