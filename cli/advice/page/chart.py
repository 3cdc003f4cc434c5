"""The chart of cost by volume, with the owner's volume marked; drawn here, for straight lines need no library."""

from collections.abc import Iterator
from math import log10

from markupsafe import escape

from cli.advice.money.bills import NAMES
from cli.advice.page.amounts import money
from cli.advice.record.record import Record
from cli.reporting.figures.drawing import WIDTH, Chart

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 250, 48, 10, 10, 36
DECADES = 2
"""Powers of ten on either side of the owner's volume."""
LOWEST = 0.01
"""US dollars; a bill below it is drawn as this."""
POINTS = 40


class Scales:
    """Both axes, in powers of ten: from requests and US dollars to points of the drawing."""

    def __init__(self, own: float, bills: list[float]) -> None:
        self.first = round(log10(own)) - DECADES
        self.last = self.first + 2 * DECADES
        exponents = [log10(max(LOWEST, bill)) for bill in bills]
        self.low, self.high = int(min(exponents) // 1), int(max(exponents) // 1) + 1

    def x(self, requests: float) -> float:
        share = (log10(requests) - self.first) / (self.last - self.first)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, usd: float) -> float:
        share = (log10(max(LOWEST, usd)) - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def chart(record: Record) -> Chart:
    """A line for each technique whose prices are all known."""
    decision = record.decision
    own, use = max(decision.volumes.requests, 1.0), decision.volumes.use
    shown = [
        name
        for name, cost in decision.shown.items()
        if cost.month(use).known and name not in {"distilled"} - {decision.technique}
    ]
    lines = {name: (decision.costs[name].fixed(use).usd, decision.costs[name].request.usd) for name in shown}
    ends = [10 ** (round(log10(own)) + side * DECADES) for side in (-1, 1)]
    scales = Scales(own, [fixed + each * volume for fixed, each in lines.values() for volume in (*ends, own)] or [1.0])
    body = "".join([*_grid(scales), *_lines(scales, lines, decision.technique), *_mark(scales, own)])
    months = [f"{NAMES[name]} {money(decision.costs[name].month(use))}" for name in shown]
    return Chart(
        name="cost-by-volume",
        title="Cost a month by requests a month",
        takeaway=f"The upright line is your volume, {own:,.0f} a month; the thick line is what is recommended. "
        "Both scales grow by powers of ten.",
        alt=f"At {own:,.0f} requests a month: {'; '.join(months)}.",
        svg=f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" focusable="false" font-size="10">{body}</svg>',
        legend=tuple((f"arm-{index}", NAMES[name]) for index, name in enumerate(shown)),
    )


def _grid(scales: Scales) -> Iterator[str]:
    bottom = HEIGHT - BOTTOM
    for power in range(scales.first, scales.last + 1):
        x = scales.x(10**power)
        yield f'<path d="M{x} {TOP}V{bottom}" stroke="var(--grid)"/>'
        yield f'<text x="{x}" y="{bottom + 14}" text-anchor="middle" fill="var(--soft)">{_short(10**power)}</text>'
    for power in range(scales.low, scales.high + 1):
        y = scales.y(10**power)
        yield f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="var(--grid)"/>'
        yield f'<text x="{LEFT - 5}" y="{y + 3}" text-anchor="end" fill="var(--soft)">${_short(10**power)}</text>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield f'<text x="{middle}" y="{HEIGHT - 4}" text-anchor="middle" fill="var(--soft)">requests a month</text>'


def _lines(scales: Scales, lines: dict[str, tuple[float, float]], recommended: str) -> Iterator[str]:
    span = scales.last - scales.first
    volumes = [10 ** (scales.first + span * step / POINTS) for step in range(POINTS + 1)]
    for index, (name, (fixed, each)) in enumerate(lines.items()):
        points = " ".join(f"{scales.x(volume)},{scales.y(fixed + each * volume)}" for volume in volumes)
        width = 3.2 if name == recommended else 1.5
        dash = "" if name == recommended else f' stroke-dasharray="{6 + 3 * index} {index}"'
        yield f'<polyline points="{points}" fill="none" stroke="var(--arm-{index})" stroke-width="{width}"{dash}/>'


def _mark(scales: Scales, own: float) -> Iterator[str]:
    x = scales.x(own)
    yield f'<path d="M{x} {TOP}V{HEIGHT - BOTTOM}" stroke="var(--ink)" stroke-dasharray="4 3"/>'
    yield f'<text x="{x + 4}" y="{TOP + 8}" fill="var(--ink)">{escape(f"{own:,.0f}")}</text>'


def _short(value: float) -> str:
    for size, unit in ((1e9, "b"), (1e6, "m"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"
