"""Break-even volumes: from how many requests a month one technique costs less than another."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from arbiter.costs.technique import TechniqueCost, Use

MOST_REQUESTS = 1e9
"""A crossing beyond it is none: nobody has that many requests."""


class BreakEven(NamedTuple):
    """Two techniques, and the volume from which the first costs less than the second."""

    above: str
    """Cheaper above the volume: it has the greater part a month, and the smaller one a request."""
    below: str
    """Cheaper below it."""
    requests: float
    """A month; 0 where `above` is cheaper at any volume."""
    lower_bound: bool
    """Whether a price is unknown, so that the true volume may be another one."""
    unknown: tuple[str, ...]


def break_even(a: str, b: str, costs: Mapping[str, TechniqueCost], use: Use) -> BreakEven | None:
    """The volume at which two straight lines cross; `None` where they never do, or beyond any volume."""
    first, second = costs[a], costs[b]
    fixed = first.fixed(use).usd - second.fixed(use).usd
    saved = second.request.usd - first.request.usd
    if saved < 0:
        return break_even(b, a, costs, use)
    if saved == 0:
        return None
    requests = fixed / saved
    if requests > MOST_REQUESTS:
        return None
    parts = (first.month(use), second.month(use))
    unknown = tuple(dict.fromkeys(name for part in parts for name in part.unknown))
    return BreakEven(a, b, max(0.0, requests), any(part.lower_bound for part in parts), unknown)


def break_evens(costs: Mapping[str, TechniqueCost], use: Use) -> Iterator[BreakEven]:
    """Every crossing between two techniques, from the lowest volume."""
    crossings = (break_even(a, b, costs, use) for a, b in combinations(costs, 2))
    yield from sorted((one for one in crossings if one), key=lambda one: one.requests)
