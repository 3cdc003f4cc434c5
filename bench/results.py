"""The results of the benchmark: medians and quartiles of interleaved measurements, held against limits."""

from collections.abc import Sequence
from statistics import median, quantiles
from typing import Any, NamedTuple


class Pair(NamedTuple):
    """One measurement of each subject, the one taken right after the other."""

    bare: float
    handler: float


class Result(NamedTuple):
    """One line of the table: ratios to bare boto3, or the handler's own size where the unit is MB."""

    name: str
    pairs: Sequence[Pair]
    unit: str
    limit: float

    @property
    def values(self) -> list[float]:
        """The figure of each pair that the limit is for."""
        return [pair.handler if self.unit == "MB" else pair.handler / pair.bare for pair in self.pairs]

    @property
    def measured(self) -> float:
        """The median of these figures."""
        return median(self.values)

    @property
    def held(self) -> bool:
        """Whether the median is within the limit."""
        return self.measured <= self.limit

    @property
    def quartiles(self) -> tuple[float, float]:
        """The lower and the upper quartile: half of the measurements lie between them."""
        low, _, high = quantiles(self.values, n=4, method="inclusive")
        return low, high

    def to_object(self) -> dict[str, Any]:
        """The result as JSON has it."""
        bare, handler = (median(side) for side in zip(*self.pairs, strict=True))
        shown = {"name": self.name, "unit": self.unit, "bare": bare, "handler": handler, "measured": self.measured}
        return shown | {"quartiles": self.quartiles, "runs": len(self.pairs), "limit": self.limit, "held": self.held}


def table(results: Sequence[Result]) -> str:
    """The results for people."""
    lines = [f"{'':18} {'bare boto3':>12} {'handler':>12} {'measured':>9} {'half of the runs':>20} {'limit':>7}"]
    for result in results:
        unit = "" if result.unit == "MB" else "x"
        bare, handler = (median(side) for side in zip(*result.pairs, strict=True))
        low, high = result.quartiles
        values = f"{bare:9.2f} {result.unit} {handler:9.2f} {result.unit} {result.measured:8.2f}{unit:1}"
        half = f"{low:.2f}{unit} to {high:.2f}{unit}"
        line = f"{result.name:18} {values} {half:>20} {result.limit:6.2f}{unit:1}"
        lines.append(f"{line} {'' if result.held else '  exceeded'}".rstrip())
    return "\n".join(lines)
