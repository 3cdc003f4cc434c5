"""Amounts of money that carry their source, add up, and say what they leave out."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import reduce
from math import floor, log10
from typing import Any

BETWEEN = " | "
SMALL = 0.001
"""US dollars below which four digits are too few."""


@dataclass(frozen=True)
class Amount:
    """US dollars, and how far they can be relied on."""

    usd: float
    source: str = ""
    """Where the figures come from; those of a sum, each once, separated by ` | `."""
    as_of: str = ""
    """ISO date of the oldest figure in it; empty where none was needed."""
    lower_bound: bool = False
    """Whether it may be more: a figure is a lower bound, or a part is unknown."""
    unknown: tuple[str, ...] = ()
    """The parts whose price nobody knows, and that are counted as nothing."""

    @classmethod
    def of_unknown(cls, name: str) -> "Amount":
        """The amount of something whose price is unknown: nothing, as a lower bound that names it."""
        return cls(0.0, lower_bound=True, unknown=(name,))

    @property
    def sources(self) -> tuple[str, ...]:
        """Each source by itself."""
        return tuple(self.source.split(BETWEEN)) if self.source else ()

    @property
    def known(self) -> float | None:
        """US dollars; `None` where a part is unknown."""
        return None if self.unknown else self.usd

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(
            self.usd + other.usd,
            BETWEEN.join(_once((*self.sources, *other.sources))),
            min(filter(None, (self.as_of, other.as_of)), default=""),
            self.lower_bound or other.lower_bound,
            _once((*self.unknown, *other.unknown)),
        )

    def times(self, count: float) -> "Amount":
        """The amount of so many; of none it is nothing, whatever one would cost."""
        if count == 0:
            return NOTHING
        return Amount(self.usd * count, self.source, self.as_of, self.lower_bound, self.unknown)

    def dump(self) -> dict[str, Any]:
        """The amount as JSON."""
        return asdict(self)


NOTHING = Amount(0.0)


@dataclass(frozen=True)
class Charge:
    """A line of a bill: what is paid for, how much, and for how much of it."""

    name: str
    amount: Amount
    per: str
    """The unit that the amount is for: `month`, `1,000 requests`, `hour`."""
    beyond_allowance: Amount | None = None
    """The part beyond AWS's always-free allowance, where nothing else of the account uses it; `None` without one."""

    @property
    def least(self) -> Amount:
        """The amount, less what is free."""
        return self.amount if self.beyond_allowance is None else self.beyond_allowance

    def dump(self) -> dict[str, Any]:
        """The line as JSON."""
        return {"name": self.name, "per": self.per, **self.amount.dump(), "usd_beyond_allowance": self.least.usd}


def dollars(usd: float) -> str:
    """US dollars as every command, page and sentence writes them: small ones in three figures, never as 0."""
    size = abs(usd)
    if size == 0 or size >= 1:
        return f"${usd:,.2f}"
    return f"${usd:.4f}" if size >= SMALL else f"${usd:.{2 - floor(log10(size))}f}"


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum; with an unknown part it is a lower bound that names the part."""
    return reduce(Amount.__add__, amounts, NOTHING)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
