"""The charts on quality: by technique, against base, and in the bands of the scale."""

from collections.abc import Sequence
from typing import NamedTuple

from arbiter.evaluation.summary.arms import Quality, sparse
from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.summary.groups import listed
from cli.reporting.figures import numbers
from cli.reporting.figures.drawing import COLOURS, Chart, arm_colour, figure, inline
from cli.reporting.figures.rows import Row, dots, height, row_axes, stacks

BANDS = {
    "0-3": "0-3 wrong or misleading",
    "4-6": "4-6 partly right",
    "7-8": "7-8 mostly right",
    "9-10": "9-10 complete",
}
SCALE = (0.0, 10.0)
ALL_SPARSE = "Every technique lacks the score of many questions: their means are of different ones, and no comparison."
NO_QUALITY = "No answer has a score of every judge, so nothing is said about quality."


class Judged(NamedTuple):
    """An arm that has a quality; its position decides its colour."""

    position: int
    name: str
    quality: Quality


def judged(summary: Summary) -> list[Judged]:
    """The arms that have a quality."""
    return [Judged(index, arm["name"], arm["quality"]) for index, arm in enumerate(summary["arms"]) if arm["quality"]]


def absent(name: str, title: str, reason: str) -> Chart:
    """A chart that cannot be drawn, and why."""
    return Chart(name=name, title=title, takeaway=reason, alt="", svg="")


def too_few(summary: Summary) -> bool:
    """Whether a run has too few questions to say anything of any two of its techniques."""
    compared = [row["verdict"] for row in summary["comparisons"] if row["verdict"] != "confounded"]
    return bool(compared) and all(verdict == "too_few" for verdict in compared)


def quality(summary: Summary) -> Chart:
    title = "Quality by technique"
    if not (arms := judged(summary)):
        return absent("quality", title, NO_QUALITY)
    values = [(arm.quality["mean"], arm.quality["interval"]) for arm in arms]
    rows = [
        Row(arm.name, f"{numbers.plain(mean)}  ({numbers.interval(interval)})", arm_colour(arm.position))
        for arm, (mean, interval) in zip(arms, values, strict=True)
    ]
    words = [f"{row.label} {row.value} from {arm.quality['n']} questions" for row, arm in zip(rows, arms, strict=True)]
    takeaway = "Too few questions to say which is better." if too_few(summary) else _highest(arms, summary)
    with figure(height(rows)) as drawn:
        dots(row_axes(drawn, rows, SCALE), rows, values)
        svg = inline(drawn, "quality")
    return Chart(
        name="quality",
        title=title,
        takeaway=f"{takeaway} Bars are 95 % intervals.",
        alt="Mean score of 10 with 95 % interval: " + "; ".join(words) + ".",
        svg=svg,
    )


def _highest(arms: Sequence[Judged], summary: Summary) -> str:
    """The arms with the highest mean; one that lacks the score of many questions is held against none."""
    partial = [arm["name"] for arm in summary["arms"] if sparse(arm)]
    complete = [arm for arm in arms if arm.name not in partial]
    if not complete and len(arms) > 1:
        return ALL_SPARSE
    complete = complete or list(arms)
    most = max(arm.quality["mean"] for arm in complete)
    first = [arm for arm in complete if arm.quality["mean"] == most]
    lead = f"{listed([arm.name for arm in first])} {'have' if len(first) > 1 else 'has'}"
    if len(arms) == 1:
        return f"{lead} a mean of {numbers.plain(most)} of 10."
    own = f" on its {first[0].quality['n']:,} questions" if len({arm.quality["n"] for arm in arms}) > 1 else ""
    others = [arm.name for arm in arms if arm not in complete]
    beside = f" Not held against it, for want of scores: {listed(others)}." if others else ""
    return f"{lead} the highest mean, {numbers.plain(most)} of 10{own if len(first) == 1 else ''}.{beside}"


def bands(summary: Summary) -> Chart:
    title = "How good the answers are"
    if not (arms := judged(summary)):
        return absent("bands", title, NO_QUALITY)
    shares = [[arm.quality["bands"].get(band, 0.0) for band in BANDS] for arm in arms]
    rows = [
        Row(arm.name, f"{share[2] + share[3]:.0%} at least mostly right", COLOURS["ink"])
        for arm, share in zip(arms, shares, strict=True)
    ]
    with figure(height(rows, foot=0)) as drawn:
        made = row_axes(drawn, rows, (0, 1), ticks=False)
        stacks(made, shares, [COLOURS[f"band-{index}"] for index in range(len(BANDS))], written=True)
        svg = inline(drawn, "bands")
    words = [
        f"{row.label}: "
        + ", ".join(f"{part:.0%} {meaning}" for part, meaning in zip(share, BANDS.values(), strict=True))
        for row, share in zip(rows, shares, strict=True)
    ]
    return Chart(
        name="bands",
        title=title,
        takeaway="Share of the questions in each band of the scale.",
        alt="; ".join(words) + ".",
        svg=svg,
        legend=tuple((f"band-{index}", meaning) for index, meaning in enumerate(BANDS.values())),
    )
