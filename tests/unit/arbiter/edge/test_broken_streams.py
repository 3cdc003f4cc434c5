"""Replies that broke off: a budget never keeps less than they may have cost."""

import pytest

from arbiter.costs.tokens import Prices
from arbiter.edge.budgets import Budget, Spent, pico
from arbiter.guarding.assessment import Assessed
from tests.unit.arbiter.answering.router_fakes import BASE, PRICES, settings
from tests.unit.arbiter.edge.edge_fakes import EdgeWorld
from tests.unit.arbiter.edge.streams import TEXT, Bedrock, Outlet, Stream, ask, events

GUARDRAIL = "arn:aws:bedrock:us-east-1:1:guardrail/a:1"
POLICIES = {"content_per_1k": 0.15, "topics_per_1k": 0.15, "sensitive_per_1k": 0.10}
MICRO = {"input_per_1k": 0.000035, "output_per_1k": 0.00014}


def spent(world: EdgeWorld) -> Spent:
    (digest,) = world.table.keys
    return world.table.of(digest)


@pytest.mark.parametrize("budget", [Budget(usd=5.0), Budget()])
@pytest.mark.parametrize("slow", [False, True])
def test_who_hangs_up_or_runs_out_of_time_pays_what_a_guardrail_bills(budget: Budget, slow: bool) -> None:
    world = EdgeWorld(settings=settings(prices={BASE: MICRO, "guardrail": POLICIES, "search": PRICES["search"]}))
    question = "x" * 20_000
    screening = Assessed(units=dict.fromkeys(POLICIES, 20)).cost(Prices(world.settings.prices).guardrail)
    stream = Stream(events(*TEXT)[:4], silent=slow)
    ask(world, Bedrock([stream]), world.key(budget=budget), guardrail=GUARDRAIL,
        outlet=Outlet(leaves_after=None if slow else 2), messages=[{"role": "user", "content": question}],
        arbiter={"limits": {"max_latency_ms": 150}})  # fmt: skip

    assert screening is not None
    assert spent(world).pico > pico(screening)
