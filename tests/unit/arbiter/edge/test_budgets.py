"""Budgets hold: under parallel callers, failing writes and failing models, to the token."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from random import Random
from threading import Lock
from typing import Any

import pytest

from arbiter.answering.asked.malformed import MalformedAnswer
from arbiter.answering.request import Features, parse_request
from arbiter.answering.writer import Completion, Generation
from arbiter.costs.tokens import Usage, most_tokens
from arbiter.edge.bounds import most_of
from arbiter.edge.budgets import PICO, Budget, Spent, pico
from arbiter.errors import ArbiterError, BadModelOutput, DeadlineExceeded, ModelError, Throttled
from arbiter.guarding.assessment import Assessed
from tests.unit.arbiter.answering.router_fakes import PRICES, FakeModel, settings
from tests.unit.arbiter.edge.edge_fakes import NOW, EdgeWorld


def account(world: EdgeWorld) -> str:
    (digest,) = world.table.keys
    return digest


def most(budget: Budget, **asked: Any) -> Spent:
    return most_of(parse_request({"question": "How early?", **asked}, Features()), settings(), budget)


def test_a_request_is_settled_by_what_it_took() -> None:
    world = EdgeWorld()
    answered = world.chat(world.key(budget=Budget(usd=1.0, tokens=10_000)))

    assert world.table.of(account(world)) == Spent(pico(answered.body["arbiter"]["cost_usd"]), 110)


def test_what_is_left_and_when_it_renews_is_told_and_nothing_is_bought() -> None:
    world = EdgeWorld()
    refused = world.chat(world.key(budget=Budget(usd=1e-6, tokens=100)))

    assert (refused.status, refused.error["code"]) == (429, "insufficient_quota")
    assert refused.headers["retry-after"] == "7200"
    assert "0.000001 of 1e-06 US dollars and 100 of 100 tokens left" in refused.error["message"]
    assert "2026-11-29 00:00 UTC" in refused.error["message"]
    assert not world.bought
    assert world.table.of(account(world)) == Spent()


def test_a_budget_renews_at_midnight() -> None:
    world = EdgeWorld()
    key = world.key(budget=Budget(tokens=most(Budget(tokens=1), mode="base").tokens))
    assert [world.chat(key).status for _ in range(2)] == [200, 429]
    world.at += timedelta(hours=2)

    assert world.chat(key).status == 200


def test_a_day_is_one_of_utc_and_no_part_of_a_dollar_is_given_away() -> None:
    world = EdgeWorld(at=NOW.astimezone(timezone(timedelta(hours=5))))
    assert world.chat(world.key(budget=Budget(usd=1.0))).status == 200

    assert {day for _, day, _ in world.table.spent} == {"2026-11-28"}
    assert pico(1.5 / PICO) == 2


def test_a_budget_in_dollars_needs_prices() -> None:
    world = EdgeWorld(settings=settings(prices={"search": PRICES["search"]}))

    assert world.chat(world.key(budget=Budget(usd=1.0))).error["code"] == "cost_limit_exceeded"
    assert not world.bought


@pytest.mark.parametrize("budget", [Budget(), Budget(tokens=10_000), Budget(usd=1.0)])
@pytest.mark.parametrize("guardrail", [None, "abc:1"])
def test_a_reply_that_is_billed_and_answers_nothing_is_counted(budget: Budget, guardrail: str | None) -> None:
    """Where a guardrail is deployed, what it took is not known: the reservation is kept."""
    world, garbled = EdgeWorld(settings=settings(guardrail=guardrail)), BadModelOutput("no text")
    garbled.usage, world.model.failures = Usage(100, 10), [garbled]
    assert world.chat(world.key(budget=budget)).status == 502
    tokens = world.table.of(account(world)).tokens
    assert tokens > 110 if budget.limited and guardrail else tokens == 110


@pytest.mark.parametrize("failure", [DeadlineExceeded("slow"), ModelError("broken")])
def test_a_call_that_did_not_say_what_it_took_keeps_its_reservation(failure: ArbiterError) -> None:
    world = EdgeWorld(model=FakeModel(failures=[failure]))
    budget = Budget(usd=1.0, tokens=10_000)

    assert world.chat(world.key(budget=budget)).status >= 500
    assert world.table.of(account(world)) == most(budget, mode="base")


def test_a_refusal_of_the_model_is_paid_for_as_far_as_was_searched() -> None:
    world = EdgeWorld(model=FakeModel(failures=[Throttled("x"), Throttled("x")]))
    budget = Budget(usd=1.0, tokens=20_000)
    assert world.chat(world.key(budget=budget), model="rag").error["code"] == "rate_limit_exceeded"

    assert world.table.of(account(world)).tokens == 0
    assert 0 < world.table.of(account(world)).pico < most(budget, mode="base").pico


def test_a_question_that_was_rewritten_and_screened_is_paid_for_whatever_became_of_its_answer() -> None:
    class Screened(FakeModel):
        def generate(self, generation: Generation, timeout: float) -> Completion:
            completion = super().generate(generation, timeout)
            self.failures = [Throttled("x"), Throttled("x")]
            return completion._replace(assessed=Assessed(units={"content_per_1k": 2}))

    prices = {**PRICES, "guardrail": {"content_per_1k": 10.0}}
    world = EdgeWorld(model=Screened(), settings=settings(prices=prices))
    turns = [{"role": role, "content": "Kits?"} for role in ("user", "assistant", "user")]
    asked = {"model": "rag", "messages": turns, "arbiter": {"retrieval": {"rewrite": True}}}

    assert world.chat(world.key(budget=Budget(usd=50.0)), **asked).status == 429
    assert pico(0.02) < world.table.of(account(world)).pico < pico(0.03)


def test_an_answer_that_was_repaired_is_paid_for_twice() -> None:
    bad = MalformedAnswer("is no object", "[]", Usage(50, 5))
    world = EdgeWorld(model=FakeModel(failures=[bad], text="{}"))
    answered = world.chat(world.key(budget=Budget(usd=1.0)), response_format={"type": "json_object"})

    assert answered.body["usage"]["total_tokens"] == world.table.of(account(world)).tokens == 165


class Hungry:
    """A model that takes every token it may, fails now and then, and never says so of a tenth of its calls."""

    def __init__(self, seed: int) -> None:
        self._chance, self._lock, self.taken = Random(seed), Lock(), 0

    def generate(self, generation: Generation, timeout: float) -> Completion:
        usage = Usage(most_tokens(generation.prompt.texts()), generation.max_output_tokens)
        with self._lock:
            chance = self._chance.random()
            if chance < 0.05:
                raise Throttled("x")
            self.taken += sum(usage)  # Billed from here on, whatever becomes of the answer.
        if chance < 0.1:
            raise DeadlineExceeded("x")
        if chance < 0.15:
            raise SystemExit  # The function is killed.
        return Completion("an answer", "end_turn", usage)


@pytest.mark.parametrize("faulty", [False, True])
def test_sixty_four_parallel_callers_cannot_overspend_by_a_token(faulty: bool) -> None:
    world, model, chance = EdgeWorld(), Hungry(1), Random(2)
    world.model = model  # type: ignore[assignment]
    if faulty:
        world.table.fault = lambda operation: chance.choice(("before", "after")) if chance.random() < 0.1 else None
    else:
        model._chance.random = lambda: 1.0  # type: ignore[method-assign]
    budget = Budget(tokens=20 * most(Budget(tokens=1), mode="base").tokens + 17)
    key = world.key(budget=budget)

    def ask(_: int) -> int | None:
        try:
            return world.chat(key).status
        except SystemExit:
            return None

    with ThreadPoolExecutor(64) as callers:
        statuses = list(callers.map(ask, range(256)))

    assert budget.tokens is not None
    assert model.taken <= world.table.of(account(world)).tokens <= world.table.highest <= budget.tokens
    assert statuses.count(200) == 20 if not faulty else 0 < statuses.count(200) <= 20
    assert set(statuses) <= {200, 429, 503, 504, None}


def test_dollars_hold_too_whatever_the_answer_costs() -> None:
    world, model = EdgeWorld(), Hungry(3)
    model._chance.random = lambda: 1.0  # type: ignore[method-assign]
    world.model = model  # type: ignore[assignment]
    budget = Budget(usd=0.02)
    key = world.key(budget=budget)
    bodies = [{"model": name, "response_format": {"type": form}} for name in ("base", "rag", "combined", "auto")
              for form in ("text", "json_object")]  # fmt: skip
    with ThreadPoolExecutor(16) as callers:
        statuses = list(callers.map(lambda n: world.chat(key, **bodies[n % len(bodies)]).status, range(64)))

    assert set(statuses) == {200, 429}
    assert 0 < world.table.of(account(world)).pico <= 0.02 * PICO


def test_spending_without_a_budget_is_counted() -> None:
    world = EdgeWorld()
    key = world.key()
    world.chat(key)
    world.chat(key)

    assert world.table.of(account(world), NOW.date().isoformat()).tokens == 220
