"""The chart of cost against quality: which techniques are worth their price."""

from collections.abc import Sequence
from itertools import count
from typing import Any, NamedTuple

from arbiter.evaluation.summary.arms import sparse
from arbiter.evaluation.summary.document import Summary
from cli.reporting.figures import numbers
from cli.reporting.figures.drawing import COLOURS, TEXT, Chart, arm_colour, axes, figure, inline
from cli.reporting.figures.quality import ALL_SPARSE, SCALE, absent, too_few
from cli.reporting.figures.rows import shortened

TOO_FEW = "Too few questions to say which technique is worth its price."


class Priced(NamedTuple):
    """One arm as a point of cost and quality; its position decides its colour."""

    position: int
    name: str
    price: float
    mean: float


def front(points: Sequence[tuple[float, float]]) -> list[int]:
    """The points that no other beats in cost without losing in quality: their indexes, by cost; equal points alike."""
    order = sorted(range(len(points)), key=lambda index: (points[index][0], -points[index][1]))
    kept: list[int] = []
    for index in order:
        if not kept or points[index][1] > points[kept[-1]][1] or points[index] == points[kept[-1]]:
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
    # The mean of an arm that failed often is of other questions: it is shown, and beats none.
    partial = [arm["name"] for arm in summary["arms"] if sparse(arm)]
    compared = [one for one in priced if one.name not in partial] or priced
    partial = [name for name in partial if name not in [one.name for one in compared]]
    unpriced = [arm["name"] for arm in summary["arms"] if arm["quality"] and arm["cost"]["per_1000_usd"] is None]
    best = [compared[index] for index in front([(one.price, one.mean) for one in compared])]
    with figure(240) as drawn:
        _scatter(drawn, priced, best)
        svg = inline(drawn, "cost")
    words = [f"{one.name} {numbers.dollars(one.price)} at {numbers.plain(one.mean)}" for one in priced]
    return Chart(
        name="cost",
        title=title,
        takeaway=_takeaway(summary, _worth(best, len(compared), partial, unpriced)),
        alt="Cost of 1,000 answers and mean score: " + "; ".join(words) + ".",
        svg=svg,
    )


def _takeaway(summary: Summary, worth: str) -> str:
    """The words below the chart: nothing of worth where means are of few questions, or of different ones."""
    if too_few(summary):
        return TOO_FEW
    scored = [arm for arm in summary["arms"] if arm["quality"]]
    return ALL_SPARSE if len(scored) > 1 and all(map(sparse, scored)) else worth


def _worth(best: Sequence[Priced], compared: int, partial: Sequence[str], unpriced: Sequence[str]) -> str:
    """The techniques on the line, what holds of the others, and which of them were held against none."""
    sentence = f"Worth considering (on the line): {', '.join(one.name for one in best)}."
    if len(best) < compared:
        sentence += " Any other technique is beaten by one of these in cost or in quality, and not better in the other."
    sentence += f" Not held against them, for want of scores: {', '.join(partial)}." if partial else ""
    return sentence + (f" Not shown, for want of a price: {', '.join(unpriced)}." if unpriced else "")


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
