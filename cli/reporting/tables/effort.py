"""The tables on what became of the answers, and what they took."""

from collections.abc import Mapping, Sequence
from typing import Any

from cli.reporting.figures import numbers as n
from cli.reporting.tables.table import Table

STEPS = {"retrieve": "retrieve", "generate": "generate", "total": "total", "per_output_token": "per output token"}
NO_TIME = {"mean": None, "median": None, "p95": None}

Entry = Mapping[str, Any]


def answers(arms: Sequence[Entry]) -> Table:
    headings = ("Arm", "Mode", "Model", "Prompting", "Cases", "Answered", "Failed", "Missing", "Without a score")
    counted = ("Degraded", "Throttles", "Right source cited", "Leaked", "In a job")
    rows = (
        (
            arm["name"],
            arm.get("mode") or n.UNKNOWN,
            arm.get("model") or "as configured",
            arm.get("prompting") or "as configured",
            n.whole(arm.get("cases")),
            n.whole(arm.get("answered")),
            n.counts(arm.get("failed")),
            n.whole(arm.get("missing")),
            n.whole(arm.get("unjudged")),
            n.whole(arm.get("degraded")),
            n.whole(arm.get("throttles")),
            _cited(arm.get("citations") or {}),
            n.whole(arm.get("leaked")),
            n.whole(arm.get("in_batch")),
        )
        for arm in arms
    )
    return Table("Answers", (*headings, *counted), tuple(rows), "The run has no arm.")


def _cited(citations: Entry) -> str:
    if not citations.get("citable"):
        return n.UNKNOWN
    return f"{citations['cited']:,} of {citations['citable']:,} ({n.percent(citations.get('share'))})"


def latency(arms: Sequence[Entry]) -> Table:
    rows = (
        (f"{arm['name']}: {step}", *(n.milliseconds(found.get(name)) for name in ("mean", "median", "p95")))
        for arm in arms
        for key, step in STEPS.items()
        if (found := (arm.get("latency_ms") or {}).get(key) or (key == "total" and arm.get("in_batch") and NO_TIME))
    )
    headings = ("Arm and step", "Mean", "Median", "95th percentile")
    return Table("Time", headings, tuple(rows), "No arm has an answer.", note=n.in_batch(arms))


def effort(arms: Sequence[Entry]) -> Table:
    headings = ("Arm", "Input tokens", "Output tokens", "Input an answer", "Output an answer")
    rows = []
    for arm in arms:
        used, cost = arm.get("tokens") or {}, arm.get("cost") or {}
        rows.append(
            (
                arm["name"],
                n.whole(used.get("input")),
                n.whole(used.get("output")),
                n.plain(used.get("mean_input"), 1),
                n.plain(used.get("mean_output"), 1),
                n.dollars(cost.get("total_usd")),
                n.dollars(cost.get("per_answer_usd")),
                n.dollars(cost.get("per_1000_usd")),
            )
        )
    return Table("Tokens and cost", (*headings, "Cost", "An answer", "1,000 answers"), tuple(rows))


def money(cost: Entry) -> Table:
    names = {
        "answers_usd": "Answers",
        "judging_usd": "Judging",
        "total_usd": "Total",
        "estimate_usd": "Estimated before",
    }
    rows = tuple((label, n.dollars(cost.get(name))) for name, label in names.items())
    return Table("Cost of this run", ("Of", "US dollars"), rows if cost else (), "The summary says nothing about cost.")
