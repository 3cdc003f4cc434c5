"""How the modes stand over time: each run's quality by mode as metrics, and the last one to compare the next with."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from math import hypot
from typing import Any

from arbiter.modes import Mode

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

Row = Mapping[str, Any]


def identities(run: Row) -> dict[str, str]:
    """What each arm of a plan is apart from its name: only the same is compared with earlier runs."""
    return {arm["name"]: _identity(arm) for arm in run.get("arms") or ()}


def _identity(arm: Row) -> str:
    as_set = {"model": None, "prompting": "zero_shot", "retrieval": None, "tuned": "in_service"}
    chosen = {name: arm[name] for name, value in as_set.items() if arm.get(name) not in (None, value)}
    return f"{arm['mode']} {json.dumps(chosen, sort_keys=True)}" if chosen else str(arm["mode"])


def by_mode(summary: Row) -> dict[str, Row]:
    """The arms that stand for their mode: those named after it, of a run that is no gate's."""
    if str(summary["run"]).endswith("-gate"):
        return {}
    modes = {mode.value for mode in Mode}
    return {arm["mode"]: arm for arm in summary["arms"] if arm["name"] == arm["mode"] and arm["mode"] in modes}


def kind_of(run: Row) -> str:
    """What tells runs apart that cannot be compared: other cases or other judges."""
    told = "\n".join([str(run.get("cases_digest")), *sorted(run.get("judges") or ())])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def metrics(summary: Row, before: Row | None, run: Row) -> dict[str, dict[str, float]]:
    """The metrics of a run, by mode; `QualityRegression` where the same arm of an earlier run can be compared with."""
    found, known = {}, identities(run)
    for mode, arm in by_mode(summary).items():
        own = dict(_own(arm))
        regressed = regression(arm, (before or {}).get("modes", {}).get(known.get(arm["name"], mode)))
        if regressed is not None:
            own["QualityRegression"] = float(regressed)
        found[mode] = own
    return found


def _own(arm: Row) -> Iterator[tuple[str, float]]:
    quality, total = arm["quality"], (arm["latency_ms"] or {}).get("total")
    if quality:
        yield "EvaluationQuality", quality["mean"]
        if quality["interval"]:
            low, high = quality["interval"]
            yield "EvaluationQualityHalfWidth", (high - low) / 2
    if arm["cases"]:
        yield "EvaluationFailureRate", 1 - arm["answered"] / arm["cases"]
    if total:
        yield "EvaluationLatency", total["median"]
    if arm["cost"]["per_answer_usd"] is not None:
        yield "EvaluationCostUsd", arm["cost"]["per_answer_usd"]


def regression(arm: Row, before: Row | None) -> bool | None:
    """Whether a mode's mean fell by more than both intervals together explain; `None` where that cannot be told.

    The half-widths are added as those of independent samples. Runs share their questions, so this errs to silence.
    """
    quality = arm["quality"]
    if not before or not quality or not quality["interval"] or quality["n"] < WHOLE * arm["cases"]:
        return None
    half_widths = [(high - low) / 2 for low, high in (quality["interval"], before["interval"])]
    return bool(before["mean"] - quality["mean"] > hypot(*half_widths))


def standing(summary: Row, now: datetime, run: Row) -> dict[str, Any] | None:
    """What the next run is compared with, by what each arm is; `None` where no mode was scored nearly whole."""
    known = identities(run)
    modes = {
        known.get(arm["name"], mode): {"mean": arm["quality"]["mean"], "interval": arm["quality"]["interval"]}
        for mode, arm in by_mode(summary).items()
        if arm["quality"] and arm["quality"]["interval"] and arm["quality"]["n"] >= WHOLE * arm["cases"]
    }
    return {"run": summary["run"], "summarised_at": now.isoformat(), "modes": modes} if modes else None


def before(latest: Row, kind: str, run: str) -> Row | None:
    """The last run of a kind, unless that is this very run, summarised again."""
    found: Row | None = latest.get("kinds", {}).get(kind)
    return found if found and found["run"] != run else None


def remembering(latest: Row, kind: str, new: Row) -> dict[str, Any]:
    """`latest.json` with one more run; the oldest kinds are forgotten. A mode not measured now keeps its figures."""
    kinds = dict(latest.get("kinds", {}))
    earlier = kinds.pop(kind, {})
    kinds[kind] = {**new, "modes": {**earlier.get("modes", {}), **new["modes"]}}
    oldest_first = sorted(kinds.items(), key=lambda item: item[1]["summarised_at"])
    return {"latest": new["run"], "kinds": dict(oldest_first[-KEPT:])}


def embedded(environment: str, mode: str, values: Mapping[str, float], now: datetime) -> dict[str, Any]:
    """The fields that make CloudWatch read a mode's metrics out of a log line (embedded metric format)."""
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Environment", "Mode"]],
        "Metrics": [{"Name": name, "Unit": _UNITS[name]} for name in values],
    }
    timing = {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    return {"_aws": timing, "Environment": environment, "Mode": mode, **values}
