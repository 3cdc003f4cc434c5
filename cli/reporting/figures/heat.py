"""The heat maps: quality by tag, and by criterion."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from arbiter.evaluation.numbers.records import CRITERIA
from arbiter.evaluation.summary.document import Summary
from cli.reporting.figures import numbers
from cli.reporting.figures.drawing import COLOURS, SMALL, TEXT, Chart, axes, figure, inline
from cli.reporting.figures.quality import NO_QUALITY, absent, judged
from cli.reporting.figures.rows import shortened

CELL = 28
MAX_LINES = 40
LONGEST_LABEL = 22

Value = Callable[[str, str], float | None]


def by_tag(summary: Summary) -> Chart:
    title = "Quality by tag"
    tags = {tag["tag"]: tag for tag in summary["tags"] if any(scores["n"] for scores in tag["arms"].values())}
    if not tags:
        return absent("tags", title, "No question with a score has a tag: tags show where a technique is strong.")
    lines = list(tags)[:MAX_LINES]
    more = len(tags) - len(lines)
    labels = [f"{shortened(tag, 13)} ({tags[tag]['cases']})" for tag in lines]
    return _chart(
        "tags",
        title,
        "Mean score, the stronger the colour the better; in brackets the questions. Few make wide intervals: see the "
        "table." + (f" {more} more tags are in the table." if more > 0 else ""),
        dict(zip(lines, labels, strict=True)),
        list(dict.fromkeys(arm for tag in tags.values() for arm in tag["arms"])),
        lambda tag, arm: scores["mean"] if (scores := tags[tag]["arms"].get(arm)) else None,
    )


def by_criterion(summary: Summary) -> Chart:
    title = "Quality by criterion"
    means = {arm.name: arm.quality["criteria"] for arm in judged(summary)}
    if not means:
        return absent("criteria", title, NO_QUALITY)
    return _chart(
        "criteria",
        title,
        "Mean score of each criterion. Faithfulness is judged where the model was given passages.",
        {name: name for name in CRITERIA},
        list(means),
        lambda criterion, arm: means[arm].get(criterion),
    )


def _chart(name: str, title: str, takeaway: str, lines: Mapping[str, str], arms: Sequence[str], value: Value) -> Chart:
    tilted = max(len(arm) for arm in arms) > 10 or len(arms) > 4
    longest = max(len(shortened(arm, LONGEST_LABEL)) for arm in arms)
    # A letter of a label takes some two and a half points across and four and a half up: the last one ends in the card.
    top, right = (14 + 4.5 * longest, 6 + 2.6 * longest) if tilted else (22, 2)
    with figure(top + CELL * len(lines) + 4) as drawn:
        made = axes(drawn, left=96, right=right, top=top)
        _heat(made, lines, arms, value, tilted=tilted)
        svg = inline(drawn, name)
    words = [f"{line}: " + ", ".join(f"{arm} {numbers.plain(value(line, arm), 1)}" for arm in arms) for line in lines]
    return Chart(name=name, title=title, takeaway=takeaway, alt="; ".join(words) + ".", svg=svg)


def _heat(made: Any, lines: Mapping[str, str], arms: Sequence[str], value: Value, *, tilted: bool) -> None:
    from matplotlib.patches import Rectangle

    made.set_xlim(0, len(arms))
    made.set_ylim(len(lines), 0)
    made.set_xticks([])
    made.set_yticks([])
    made.spines["bottom"].set_visible(False)
    lean: dict[str, Any] = {"rotation": 60, "ha": "left"} if tilted else {"ha": "center"}
    for column, arm in enumerate(arms):
        made.text(
            column + 0.5, -0.16, shortened(arm, LONGEST_LABEL), fontsize=SMALL, va="bottom", clip_on=False, **lean
        )
    for index, (line, label) in enumerate(lines.items()):
        beside = {"ha": "right", "va": "center_baseline", "fontsize": SMALL, "clip_on": False}
        made.text(-0.08, index + 0.5, label, **beside)
        for column, arm in enumerate(arms):
            mean = value(line, arm)
            shade = 0.04 if mean is None else 0.08 + 0.062 * mean
            frame = (column + 0.02, index + 0.03)
            made.add_patch(Rectangle(frame, 0.96, 0.94, facecolor=COLOURS["heat"], alpha=shade))
            middle = {"ha": "center", "va": "center_baseline", "fontsize": SMALL if tilted else TEXT}
            made.text(column + 0.5, index + 0.5, numbers.plain(mean, 1), **middle)
