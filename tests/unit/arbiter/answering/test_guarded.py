"""What a guardrail stops is an answer that says so: without another call, paid for, in the log without its text."""

from typing import Any

import pytest

from arbiter.answering.writer import Completion
from arbiter.costs.prices import GUARDRAIL, Prices, affordable_tokens
from arbiter.costs.tokens import Usage
from arbiter.errors import CostLimitExceeded
from arbiter.guarding.assessment import Assessed, Intervention
from tests.unit.arbiter.answering.router_fakes import BASE, PRICES, FakeModel, World, settings

STOPPED = Assessed((Intervention("input", "topic", "shares", "blocked"),), {"topics_per_1k": 2})
SCREENED = {**PRICES, GUARDRAIL: {"topics_per_1k": 0.5}}


class GuardedModel(FakeModel):
    """A model whose guardrail stops every call."""

    def generate(self, generation: Any, timeout: float) -> Completion:
        written = super().generate(generation, timeout)
        return written._replace(text="Not here.", stop_reason="guardrail_intervened", assessed=STOPPED)


@pytest.fixture
def world() -> World:
    return World(settings(prices=SCREENED), GuardedModel())


@pytest.mark.parametrize("mode", ["base", "rag", "fine_tuned", "combined", "auto"])
@pytest.mark.parametrize("form", [{"type": "text"}, {"type": "json", "schema": {"type": "object", "required": ["a"]}}])
def test_it_is_answered_once_with_its_reason(world: World, mode: str, form: dict[str, Any]) -> None:
    response = world.respond({"question": "Which shares?", "mode": mode, "format": form})
    assert (response["answer"], response["stop_reason"]) == ("Not here.", "guardrail_intervened")
    assert response["guardrail"] == [{"stage": "input", "policy": "topic", "name": "shares", "action": "blocked"}]
    assert len(world.model.calls) == 1


def test_what_the_guardrail_took_is_in_the_cost_and_its_reason_in_the_log(world: World) -> None:
    response = world.respond({"question": "Which shares?", "mode": "base"})
    assert response["cost_usd"] == pytest.approx(100 * 1e-6 + 10 * 2e-6 + 2 * 0.5 / 1_000)
    line = world.log[-1]
    assert (line["GuardrailInterventions"], line["guardrail"][0]["name"]) == (1, "shares")
    assert "Which shares" not in world.lines[-1]


def test_a_limit_holds_what_the_guardrail_may_take_and_an_unknown_price_none() -> None:
    texts, usage = ["x" * 1_000], Usage(1_064, 0)
    bare, screened = Prices(PRICES).of(BASE), Prices(SCREENED).of(BASE)
    assert bare
    assert screened
    limit = 1.0
    tokens = affordable_tokens(limit, screened, texts, 10**9)
    assert tokens < affordable_tokens(limit, bare, texts, 10**9)
    most_units = 3 + (1_000 + 16 * tokens) / 1_000
    assert screened.cost(usage) + tokens * screened.output + most_units * 0.5 / 1_000 <= limit * 1.001
    assert Prices({**PRICES, GUARDRAIL: {"topics_per_1k": None}}).of(BASE) is None
    with pytest.raises(CostLimitExceeded):
        affordable_tokens(limit, None, texts, 10)


def test_a_rewriting_that_is_stopped_is_not_searched_for(world: World) -> None:
    history = [{"role": "user", "text": "Tents?"}, {"role": "assistant", "text": "Three."}]
    asked = {"question": "And shares?", "mode": "rag", "history": history, "retrieval": {"rewrite": True}}
    response = world.respond({**asked, "degrade": True})
    assert response["answer"] == "Not here."
    assert "rewritten" not in response
    assert [query.text for query in world.retriever.queries if "Not here." in query.text] == []
