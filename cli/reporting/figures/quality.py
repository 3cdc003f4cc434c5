"""The charts on quality: by technique, against base, and in the bands of the scale."""

from typing import NamedTuple

from arbiter.evaluation.summary.arms import Quality
from arbiter.evaluation.summary.document import Summary
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
    """Whether a run has too few questions to say anything of two of its techniques."""
    return any(row["verdict"] == "too_few" for row in summary["comparisons"])


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
    best = max(arms, key=lambda arm: arm.quality["mean"])
    said = f"{best.name} has the highest mean, {numbers.plain(best.quality['mean'])} of 10"
    counts = {arm.quality["n"] for arm in arms}
    said += f" on its {best.quality['n']} questions." if len(counts) > 1 else "."
    if too_few(summary):
        said = "Too few questions to say which is better."
    with figure(height(rows)) as drawn:
        dots(row_axes(drawn, rows, SCALE), rows, values)
        svg = inline(drawn, "quality")
    return Chart(
        name="quality",
        title=title,
        takeaway=f"{said} Bars are 95 % intervals.",
        alt="Mean score of 10 with 95 % interval: " + "; ".join(words) + ".",
        svg=svg,
    )


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
