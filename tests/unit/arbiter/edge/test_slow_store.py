"""A store that is slow or loses answers: a write is made again, counts once, and is not waited for beyond the time."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from arbiter.edge.budgets import Budget
from tests.unit.arbiter.edge.edge_fakes import EdgeWorld
from tests.unit.arbiter.edge.test_budgets import account, most

BASE = most(Budget(tokens=1), mode="base").tokens
TAKEN = 110
"""Tokens of an answer."""


@pytest.mark.parametrize(("operation", "most_kept"), [("reserve", 0), ("settle", 30)])
def test_reservations_are_kept_where_no_settlement_was_made_and_nowhere_else(operation: str, most_kept: int) -> None:
    world, chance = EdgeWorld(), Random(4)

    def fault(asked: str) -> str | None:
        return chance.choice(("before", "after", *[None] * 4)) if asked == operation else None

    world.table.fault = fault
    key = world.key(budget=Budget(tokens=1_000 * BASE))
    with ThreadPoolExecutor(16) as callers:
        answered = list(callers.map(lambda _: world.chat(key).status, range(200))).count(200)

    kept = len(world.table.held)
    assert world.table.of(account(world)).tokens == answered * TAKEN + kept * (BASE - TAKEN)
    assert answered > 150
    assert kept <= most_kept


@pytest.mark.parametrize("fault", ["before", "after"])
@pytest.mark.parametrize("operation", ["reserve", "settle"])
def test_a_write_that_is_lost_is_made_again_and_counts_once(operation: str, fault: str) -> None:
    world, faults = EdgeWorld(), [fault]
    world.table.fault = lambda asked: faults.pop() if asked == operation and faults else None

    assert world.chat(world.key(budget=Budget(tokens=10_000))).status == 200
    assert (world.table.of(account(world)).tokens, world.table.held, faults) == (110, set(), [])


def test_a_store_that_stays_away_costs_no_answer_and_is_not_waited_for_beyond_the_time() -> None:
    world = EdgeWorld()
    attempts: list[str] = []

    def fault(operation: str) -> str | None:
        attempts.append(operation)
        if operation == "settle":
            world.clock.sleep(9)  # Of the minute that a call has here, a try takes this.
        return "before" if operation == "settle" else None

    world.table.fault = fault
    budget = Budget(tokens=10_000)
    assert world.chat(world.key(budget=budget)).status == 200
    assert attempts == ["reserve", "settle", "settle", "settle"]
    assert world.table.of(account(world)) == most(budget, mode="base")
    assert "spending not settled" in world.lines[-2]

    attempts.clear()
    limits = {"limits": {"max_latency_ms": 10_000}}
    assert world.chat(world.key(budget=budget), arbiter=limits).status == 200
    assert attempts == ["reserve", "settle"]  # Another one would end after the deadline.
