"""Time of refusing a key, by how much it has in common with a real one: `python -m tests.properties.key_timing`.

Rounds are interleaved, each kind asked in turn in an order that is drawn anew, so that whatever else a machine does
falls on all of them. A ratio of one to the first kind means that nothing can be learned; a naive comparison is measured
beside, to show that a difference would be seen.
"""

import gc
import sys
from collections.abc import Callable, Mapping
from random import Random
from statistics import median
from time import perf_counter_ns

from arbiter.edge.errors import NotAuthenticated
from arbiter.edge.http import Call
from arbiter.edge.keys import PREFIX, Key, KeyCallers, new_secret
from tests.unit.arbiter.edge.edge_fakes import NOW, EdgeWorld

COMMON = (0, 10, 20, 30, 38)
"""Characters behind the prefix that a wrong key has in common with the real one."""
BLOCKS, ROUNDS, CALLS, RESAMPLES = 60, 40, 20, 4_000
"""Every block draws its keys anew: where an object lies in memory makes more of a difference than what is in it."""


class Lying:
    """A store that finds a real key whatever is asked: the comparison behind it is all that is left."""

    def __init__(self, real: Key) -> None:
        self._real = real

    def find(self, digest: str) -> Key | None:
        """That key."""
        return self._real


def refuse(callers: KeyCallers, secret: str) -> Callable[[], None]:
    """A call with a wrong key."""
    call = Call({"headers": {"Authorization": f"Bearer {secret}"}}, None)

    def once() -> None:
        try:
            callers.of(call, NOW)
        except NotAuthenticated:
            return
        raise AssertionError("a wrong key was taken")

    return once


def naive(real: str, wrong: str) -> Callable[[], None]:
    """A comparison that ends at the first difference, as a control."""

    def once() -> None:
        for one, other in zip(real, wrong, strict=True):
            if one != other:
                return

    return once


def measured(kinds: Mapping[int, list[Callable[[], None]]], chance: Random) -> dict[int, float]:
    """Nanoseconds of a round of one block, by kind."""
    taken: dict[int, list[int]] = {kind: [] for kind in kinds}
    for _ in range(ROUNDS):
        for kind in chance.sample(list(kinds), len(kinds)):
            calls = kinds[kind]
            started = perf_counter_ns()
            for call in calls:
                call()
            taken[kind].append(perf_counter_ns() - started)
    return {kind: median(rounds) for kind, rounds in taken.items()}


def ratio(of: list[float], to: list[float], chance: Random) -> tuple[float, float, float]:
    """The median of the blocks' ratios, and the middle 95 % of its resamples."""
    ratios = [one / other for one, other in zip(of, to, strict=True)]
    drawn = sorted(median(chance.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES))
    return median(ratios), drawn[int(0.025 * RESAMPLES)], drawn[int(0.975 * RESAMPLES)]


def main() -> None:
    world, chance = EdgeWorld(), Random(16)
    real = world.key()
    (key,) = world.table.keys.values()

    def drawn(common: int, ask: Callable[[str], Callable[[], None]]) -> list[Callable[[], None]]:
        shared = len(PREFIX) + common
        return [ask(real[:shared] + new_secret()[shared:]) for _ in range(CALLS)]

    asked: dict[str, Callable[[str], Callable[[], None]]] = {
        "looked up, not there": lambda secret: refuse(KeyCallers(world.table), secret),
        "found, compared": lambda secret: refuse(KeyCallers(Lying(key)), secret),
        "naive comparison": lambda secret: naive(real, secret),
    }
    gc.disable()
    for name, making in asked.items():
        blocks = [
            measured({n: drawn(n, making) for n in chance.sample(COMMON, len(COMMON))}, chance) for _ in range(BLOCKS)
        ]
        first = [block[COMMON[0]] for block in blocks]
        for kind in COMMON:
            taken = [block[kind] for block in blocks]
            middle, low, high = ratio(taken, first, chance)
            each = median(taken) / CALLS / 1_000
            sys.stdout.write(f"{name:21} {kind:2} in common: {each:7.3f} us, {middle:.4f}x ({low:.4f} to {high:.4f})\n")


if __name__ == "__main__":
    main()
