"""The charts on what answers take: time, tokens and money."""

from collections.abc import Sequence
from itertools import count
from typing import Any, Literal, NamedTuple

from arbiter.evaluation.summary.arms import ArmSummary
from arbiter.evaluation.summary.document import Summary
from cli.reporting.figures import numbers
from cli.reporting.figures.drawing import COLOURS, TEXT, Chart, arm_colour, axes, figure, inline
from cli.reporting.figures.numbers import in_batch
from cli.reporting.figures.quality import SCALE, absent, too_few
from cli.reporting.figures.rows import BAR, MARK, Row, height, row_axes, shortened, stacks

NOTHING = "No technique has an answer."
TOO_FEW = "Too few questions to say which technique is worth its price."
ROOM = 1.04
"""The axis ends a little after the longest bar."""
PARTS = [COLOURS["part-0"], COLOURS["part-1"]]

Step = Literal["retrieve", "generate", "total", "per_output_token"]


class Priced(NamedTuple):
    """One arm as a point of cost and quality; its position decides its colour."""

    position: int
    name: str
    price: float
    mean: float


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
    fastest = min(arms, key=lambda arm: mean_of(arm, "total") or 0.0)
    return Chart(
        name="latency",
        title=title,
        takeaway=f"{fastest['name']} is the fastest. Bars are means; see the time per output token beside this: "
        "a shorter answer is faster.",
        alt="Mean latency: "
        + "; ".join(
            f"{row.label} {row.value} of which retrieve {numbers.milliseconds(retrieve)}"
            for row, [retrieve, _] in zip(rows, parts, strict=True)
        )
        + ".",
        svg=svg,
        legend=(("part-0", "retrieve"), ("part-1", "generate")),
    )


def _times(arm: ArmSummary) -> str:
    return f"{numbers.milliseconds(mean_of(arm, 'total'))}, p95 {numbers.milliseconds(mean_of(arm, 'total', 'p95'))}"


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
        Row(arm["name"], f"{numbers.whole(part[0])} in + {numbers.whole(part[1])} out", COLOURS["ink"])
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


def front(points: Sequence[tuple[float, float]]) -> list[int]:
    """The points that no other beats in cost without losing in quality: their indexes, by cost."""
    order = sorted(range(len(points)), key=lambda index: (points[index][0], -points[index][1]))
    kept: list[int] = []
    for index in order:
        if not kept or points[index][1] > points[kept[-1]][1]:
            kept.append(index)
    return kept


def cost(summary: Summary) -> Chart:
    title = "Cost against quality"
    priced = [
        Priced(index, arm["name"], price, arm["quality"]["mean"])
        for index, arm in enumerate(summary["arms"])
        if arm["quality"] and (price := arm["cost"]["per_1000_usd"]) is not None
    ]
    if not priced:
        return absent("cost", title, "No technique has both a quality and a known price: enter prices to see this.")
    best = [priced[index] for index in front([(one.price, one.mean) for one in priced])]
    with figure(240) as drawn:
        _scatter(drawn, priced, best)
        svg = inline(drawn, "cost")
    words = [f"{one.name} {numbers.dollars(one.price)} at {numbers.plain(one.mean)}" for one in priced]
    return Chart(
        name="cost",
        title=title,
        takeaway=TOO_FEW
        if too_few(summary)
        else f"Worth considering (on the line): {', '.join(one.name for one in best)}. "
        "Any other technique is beaten by one of these in cost or in quality, and not better in the other.",
        alt="Cost of 1,000 answers and mean score: " + "; ".join(words) + ".",
        svg=svg,
    )


def _scatter(drawn: Any, priced: Sequence[Priced], best: Sequence[Priced]) -> None:
    made = axes(drawn, left=30, right=10, top=18, bottom=38)
    dearest = max(one.price for one in priced) or 1.0
    made.set_xlim(0, dearest * 1.12)
    made.set_ylim(*SCALE)
    # No 0 at the corner: the one of the other axis stands there.
    made.set_yticks(range(2, 11, 2))
    made.grid(color=COLOURS["grid"], linewidth=0.8)
    made.set_xlabel("US dollars per 1,000 answers", fontsize=TEXT, color=COLOURS["soft"])
    made.set_title("mean score", loc="left", x=-0.06, fontsize=TEXT, color=COLOURS["soft"])
    line = [one.price for one in best], [one.mean for one in best]
    made.plot(*line, color=COLOURS["soft"], linewidth=1.5, linestyle="--")
    offsets = label_offsets([(one.price / dearest, one.mean) for one in priced])
    for one, offset in zip(priced, offsets, strict=True):
        made.plot([one.price], [one.mean], "o", color=arm_colour(one.position), markersize=10, clip_on=False)
        right = one.price < dearest * 0.6
        made.annotate(
            shortened(one.name, 24),
            (one.price, one.mean),
            xytext=(9 if right else -9, offset),
            textcoords="offset points",
            fontsize=TEXT,
            ha="left" if right else "right",
            va="center",
            bbox={"facecolor": COLOURS["paper"], "edgecolor": "none", "pad": 0.5},
        )


def label_offsets(points: Sequence[tuple[float, float]]) -> list[int]:
    """How many points of text above its dot each label stands; `points` are a share of the dearest, and a mean score.

    Techniques of one price lie on each other, and so would their names: each stands beyond those of its neighbours.
    """
    levels: list[int] = []
    for number, (price, mean) in enumerate(points):
        near = {levels[i] for i, (p, m) in enumerate(points[:number]) if abs(price - p) < 0.25 and abs(mean - m) < 1}
        levels.append(next(level for level in count() if level not in near))
    ups = [_stands_above(point, points) for point in points]
    return [9 + 13 * level if up else -11 - 13 * level for level, up in zip(levels, ups, strict=True)]


def _stands_above(point: tuple[float, float], points: Sequence[tuple[float, float]]) -> bool:
    """Whether a label stands above its dot: away from dots that lie on one side, else where there is more room."""
    price, mean = point
    near = [m for p, m in points if abs(price - p) < 0.25 and abs(mean - m) < 1.5]
    higher, lower = any(m > mean for m in near), any(m < mean for m in near)
    return lower if higher != lower and 1 <= mean <= 9 else mean < 6
