"""Charts with a row for each thing compared: name and value above, mark below, so that they fit a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cli.reporting.figures.drawing import COLOURS, SMALL, TEXT, axes

ROW = 40
FOOT = 18
MARK = 0.66
BAR = 0.34
LABEL = 0.27
LINE_LENGTH = 50
"""About so many characters of both texts of a row fit into its line."""


@dataclass(frozen=True)
class Row:
    """One line of a chart: its label, its value in words, and the colour of its mark."""

    label: str
    value: str
    colour: str


def height(rows: Sequence[Row], *, foot: float = FOOT) -> float:
    return len(rows) * ROW + foot + 4


def row_axes(drawn: Any, rows: Sequence[Row], domain: tuple[float, float], *, ticks: bool = True) -> Any:
    """Axes with every row's texts; the marks are the caller's, at `i + MARK`."""
    made = axes(drawn, left=6, right=6, bottom=FOOT if ticks else 4)
    made.set_ylim(len(rows), 0)
    made.set_xlim(*domain)
    made.set_yticks([])
    if ticks:
        made.grid(axis="x", color=COLOURS["grid"], linewidth=0.8)
    else:
        made.set_xticks([])
    made.spines["bottom"].set_visible(False)
    across = made.get_yaxis_transform()
    for index, row in enumerate(rows):
        style: dict[str, Any] = {"transform": across, "fontsize": TEXT, "va": "center", "clip_on": False}
        made.text(
            0, index + LABEL, shortened(row.label, LINE_LENGTH - len(row.value)), ha="left", fontweight="bold", **style
        )
        made.text(1, index + LABEL, row.value, ha="right", color=COLOURS["soft"], **style)
    return made


def shortened(text: str, length: int = LINE_LENGTH) -> str:
    """A text that fits its space, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"


def dots(made: Any, rows: Sequence[Row], values: Sequence[tuple[float, Sequence[float] | None]]) -> None:
    """A dot for each value, on a bar as long as its interval."""
    for index, (row, (value, interval)) in enumerate(zip(rows, values, strict=True)):
        level = index + MARK
        if interval:
            made.plot(interval, [level, level], color=row.colour, linewidth=7, alpha=0.35, solid_capstyle="round")
        made.plot([value], [level], "o", color=row.colour, markersize=9, clip_on=False)


def zero(made: Any, rows: Sequence[Row]) -> None:
    """Where nothing differs: a line through the marks, not through the texts."""
    for index in range(len(rows)):
        made.plot([0, 0], [index + MARK - 0.22, index + MARK + 0.26], color=COLOURS["ink"], linewidth=1.2)


def stacks(made: Any, values: Sequence[Sequence[float]], colours: Sequence[str], *, written: bool = False) -> None:
    """Bars made of parts, in the order of the colours."""
    for index, parts in enumerate(values):
        start = 0.0
        for part, colour in zip(parts, colours, strict=True):
            made.barh(index + MARK, part, left=start, height=BAR, color=colour, edgecolor=COLOURS["paper"], linewidth=1)
            if written and part >= 0.08:
                middle = start + part / 2
                style = {"fontsize": SMALL, "ha": "center", "va": "center_baseline", "color": COLOURS["paper"]}
                made.text(middle, index + MARK, f"{part:.0%}", fontweight="bold", **style)
            start += part
