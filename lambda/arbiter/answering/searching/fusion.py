"""Reciprocal rank fusion: one ranking from several whose scores do not compare."""

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

CONSTANT = 60
"""Cormack, Clarke and Buettcher, SIGIR 2009: what keeps the first ranks of one ranking from deciding alone."""

T = TypeVar("T", bound=Hashable)


def fused(rankings: Iterable[Sequence[T]], *, constant: int = CONSTANT) -> list[T]:
    """Every entry of the rankings once, best first, by the sum of 1 / (constant + rank) with ranks from 1.

    An entry that a ranking repeats counts there at its best rank. Entries with equal sums keep the order in which the
    rankings name them, the first ranking before the second.
    """
    sums: dict[T, float] = {}
    for ranking in rankings:
        for rank, entry in enumerate(dict.fromkeys(ranking), start=1):
            sums[entry] = sums.get(entry, 0.0) + 1 / (constant + rank)
    return sorted(sums, key=lambda entry: -sums[entry])
