"""The charts on what answers take: time, tokens and money."""

from collections.abc import Sequence
from typing import Literal

from arbiter.evaluation.summary.arms import ArmSummary
from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.summary.groups import listed
from cli.reporting.figures import numbers
from cli.reporting.figures.drawing import COLOURS, Chart, arm_colour, figure, inline
from cli.reporting.figures.numbers import in_batch
from cli.reporting.figures.quality import absent
from cli.reporting.figures.rows import BAR, MARK, Row, height, row_axes, stacks

NOTHING = "No technique has an answer."
ROOM = 1.04
"""The axis ends a little after the longest bar."""
PARTS = [COLOURS["part-0"], COLOURS["part-1"]]

Step = Literal["retrieve", "generate", "total", "per_output_token"]


def mean_of(arm: ArmSummary, step: Step, measure: Literal["mean", "p95"] = "mean") -> float | None:
    """A latency of an arm, when it was measured."""
    spread = arm["latency_ms"][step]
    return spread[measure] if spread else None


def latency(summary: Summary) -> Chart:
    arms = [arm for arm in summary["arms"] if mean_of(arm, "total") is not None]
    title = "Time to the whole answer"
    if not arms:
        return absent("latency", title, in_batch(summary["arms"]) or NOTHING)
    parts = [[mean_of(arm, "retrieve") or 0.0, mean_of(arm, "generate") or 0.0] for arm in arms]
    rows = [Row(arm["name"], _times(arm), COLOURS["ink"]) for arm in arms]
    svg = _bars("latency", rows, parts, PARTS)
    return Chart(
        name="latency",
        title=title,
        takeaway=f"{_fastest(arms)}Bars are means; see the time per output token beside this: a shorter answer is "
        "faster.",
        alt="Mean latency: "
        + "; ".join(
            f"{row.label} {row.value} of which retrieve {numbers.milliseconds(retrieve)}"
            for row, [retrieve, _] in zip(rows, parts, strict=True)
        )
        + ".",
        svg=svg,
        legend=(("part-0", "retrieve"), ("part-1", "generate")),
    )


def _fastest(arms: Sequence[ArmSummary]) -> str:
    """The arms with the least mean time as it is written; nothing where no arm took longer."""
    least = min(mean_of(arm, "total") or 0.0 for arm in arms)
    first = [arm["name"] for arm in arms if _mean(arm) == numbers.milliseconds(least)]
    took = "take" if len(first) > 1 else "takes"
    return f"{listed(first)} {took} the least time on average. " if len(first) < len(arms) else ""


def _mean(arm: ArmSummary) -> str:
    return numbers.milliseconds(mean_of(arm, "total"))


def _times(arm: ArmSummary) -> str:
    return f"{_mean(arm)}, p95 {numbers.milliseconds(mean_of(arm, 'total', 'p95'))}"


def per_token(summary: Summary) -> Chart:
    arms = [(index, arm) for index, arm in enumerate(summary["arms"]) if mean_of(arm, "per_output_token")]
    title = "Time per output token"
    if not arms:
        return absent("per-token", title, "No answer has both a time and output tokens.")
    values = [[mean_of(arm, "per_output_token") or 0.0] for _, arm in arms]
    rows = [Row(arm["name"], numbers.milliseconds(mean_of(arm, "per_output_token")), "") for _, arm in arms]
    domain = (0.0, max(value for [value] in values) * ROOM)
    with figure(height(rows)) as drawn:
        made = row_axes(drawn, rows, domain)
        for level, ((index, _), value) in enumerate(zip(arms, values, strict=True)):
            made.barh(level + MARK, value, height=BAR, color=arm_colour(index))
        svg = inline(drawn, "per-token")
    return Chart(
        name="per-token",
        title=title,
        takeaway="Speed with the length of the answer taken out.",
        alt="Mean time per output token: " + "; ".join(f"{row.label} {row.value}" for row in rows) + ".",
        svg=svg,
    )


def tokens(summary: Summary) -> Chart:
    arms = [arm for arm in summary["arms"] if arm["tokens"]["mean_input"] is not None]
    title = "Tokens per answer"
    if not arms:
        return absent("tokens", title, NOTHING)
    parts = [[arm["tokens"]["mean_input"] or 0.0, arm["tokens"]["mean_output"] or 0.0] for arm in arms]
    rows = [
        Row(arm["name"], f"{numbers.integer(part[0])} in + {numbers.integer(part[1])} out", COLOURS["ink"])
        for arm, part in zip(arms, parts, strict=True)
    ]
    return Chart(
        name="tokens",
        title=title,
        takeaway="Retrieved passages cost input tokens; long answers cost output tokens, which are dearer.",
        alt="Mean tokens: " + "; ".join(f"{row.label} {row.value}" for row in rows) + ".",
        svg=_bars("tokens", rows, parts, PARTS),
        legend=(("part-0", "input"), ("part-1", "output")),
    )


def _bars(name: str, rows: Sequence[Row], parts: Sequence[Sequence[float]], colours: Sequence[str]) -> str:
    longest = max(sum(part) for part in parts) or 1.0
    with figure(height(rows)) as drawn:
        stacks(row_axes(drawn, rows, (0.0, longest * ROOM)), parts, colours)
        return inline(drawn, name)
