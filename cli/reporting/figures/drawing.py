"""Figures that matplotlib draws and the page colours: SVG whose colours are the page's CSS variables."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from cli.core.project import repository

WIDTH = 340
"""Points of every chart's width: text of 11 stays readable on a phone."""
TEXT, SMALL = 11, 9.5
# What matplotlib is told is a colour, is a name for one: the page decides, by light and dark.
COLOURS = {
    "ink": "#010101",
    "soft": "#020202",
    "grid": "#030303",
    "paper": "#040404",
    "heat": "#050505",
    "good": "#060606",
    "bad": "#070707",
    **{f"arm-{place}": f"#0a0a{place:02x}" for place in range(8)},
    **{f"band-{place}": f"#0b0b{place:02x}" for place in range(4)},
    **{f"part-{place}": f"#0c0c{place:02x}" for place in range(2)},
}
_NAMED = re.compile("|".join(COLOURS.values()))
_VARIABLES = {code: f"var(--{name})" for name, code in COLOURS.items()}
_SETTINGS: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "text.parse_math": False,
    "text.color": COLOURS["ink"],
    "axes.edgecolor": COLOURS["grid"],
    "axes.linewidth": 0.8,
    "xtick.color": COLOURS["soft"],
    "ytick.color": COLOURS["soft"],
}


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A figure, what it shows in a sentence, and all of it in words for who cannot see it."""

    name: str
    title: str
    takeaway: str
    alt: str
    svg: str
    legend: Sequence[tuple[str, str]] = field(default=())
    """Colour variable and meaning of each colour that the labels do not explain."""


def arm_colour(position: int) -> str:
    return COLOURS[f"arm-{position % 8}"]


def matplotlib() -> Any:
    """The drawing library, imported where something is drawn: it takes a while."""
    # It keeps its font list somewhere: in this project rather than in the home of whoever runs it.
    os.environ.setdefault("MPLCONFIGDIR", str(repository() / ".arbiter" / "matplotlib"))
    import matplotlib as library

    return library


@contextmanager
def figure(height: float) -> Iterator[Any]:
    """An empty figure of the report's width; without pyplot, so nothing is kept and no display is asked for."""
    mpl = matplotlib()
    from matplotlib.figure import Figure

    with mpl.rc_context(_SETTINGS):
        yield Figure(figsize=(WIDTH / 72, height / 72), dpi=72)


def axes(drawn: Any, *, left: float = 4, right: float = 4, top: float = 4, bottom: float = 4) -> Any:
    """Axes that fill a figure but for margins in points."""
    width, height = (side * 72 for side in drawn.get_size_inches())
    frame = (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    made = drawn.add_axes(frame)
    made.patch.set_visible(False)
    for side in ("top", "right", "left"):
        made.spines[side].set_visible(False)
    made.tick_params(length=0, labelsize=SMALL)
    made.set_axisbelow(True)
    return made


def inline(drawn: Any, name: str) -> str:
    """A figure as SVG to stand in a page: coloured by it, without ids that two figures would share."""
    text = StringIO()
    with matplotlib().rc_context({**_SETTINGS, "svg.hashsalt": name}):
        drawn.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    body = text.getvalue()
    body = re.sub(r"<metadata>.*?</metadata>", "", body[body.index("<svg") :], flags=re.S)
    # It would style the whole page; the page says the same for its charts.
    body = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", body, count=1, flags=re.S)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.S)
    body = re.sub(r"<[^>]+>", lambda tag: _adapted(tag[0], name), body)
    return re.sub(r"\s*\n\s*", "\n", body).strip()


def _adapted(tag: str, name: str) -> str:
    """One tag, never the text between tags: that is somebody's."""
    if tag.startswith("<svg"):
        tag = re.sub(r' (?:width|height|version|xmlns(?::\w+)?)="[^"]*"', "", tag)
        return tag.replace("<svg", '<svg aria-hidden="true" focusable="false"')
    if tag.startswith("<g "):
        tag = re.sub(r' id="[^"]*"', "", tag)
    tag = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", tag).replace("xlink:href", "href")
    tag = re.sub(
        r" transform=\"rotate\(-?0 [^\"]*\"|font-family: [^;\"]*(?:; )?|; stroke-line(?:cap|join): \w+", "", tag
    )
    return _NAMED.sub(lambda match: _VARIABLES[match[0]], tag)
