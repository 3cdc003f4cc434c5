"""The cost of an answer is everything that was paid for it, and a cost limit decides on all of it."""

from typing import Any

import pytest

from arbiter.answering.asked.format import Format
from arbiter.answering.asked.malformed import MalformedAnswer
from arbiter.answering.request import Limits, Retrieval
from arbiter.costs.tokens import Usage, estimated_tokens
from arbiter.errors import CostLimitExceeded
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import BASE, PRICES, TUNED, FakeModel, World, settings

GENERATED = 100 * 1e-6 + 10 * 2e-6
QUERY = estimated_tokens("How early?") * 0.00002 / 1000 + 2.5 / 1_000_000
RANKING = 0.002


def test_an_answer_from_documents_contains_its_search() -> None:
    answer = World().answer(mode=Mode.RAG)

    assert answer.cost_usd == pytest.approx(GENERATED + QUERY)
    assert answer.search_usd == pytest.approx(QUERY)
    assert World().answer(mode=Mode.BASE).search_usd == 0


def test_an_answer_with_reranking_contains_the_reranker() -> None:
    answer = World().answer(mode=Mode.RAG, retrieval=Retrieval(rerank=True))

    assert answer.cost_usd == pytest.approx(GENERATED + QUERY + RANKING)
    assert answer.cost_usd > 10 * GENERATED


def test_every_search_of_a_strategy_is_paid_for() -> None:
    world = World()
    answer = world.answer(
        question="How early must kits be booked, and how long does the warranty last?",
        mode=Mode.RAG,
        retrieval=Retrieval(strategy="multi_step", rerank=True),
    )

    assert len(world.retriever.queries) > 1
    assert answer.search_usd > len(world.retriever.queries) * RANKING


@pytest.mark.parametrize("missing", ["embedding_per_1k", "queries_per_1m", "rerank_per_1k"])
def test_a_part_without_a_price_makes_the_cost_unknown_and_a_limit_impossible(missing: str) -> None:
    searching = {name: usd for name, usd in PRICES["search"].items() if name != missing}
    asked: dict[str, Any] = {"mode": Mode.RAG, "retrieval": Retrieval(rerank=True)}
    world = World(settings=settings(prices={**PRICES, "search": searching}))

    assert world.answer(**asked).cost_usd is None
    world.retriever.queries.clear()
    with pytest.raises(CostLimitExceeded, match="a search has no known price"):
        world.answer(**asked, limits=Limits(max_cost_usd=1.0))
    assert world.retriever.queries == [], "nothing is paid before it is refused"


def test_a_limit_below_the_reranker_refuses_before_the_search() -> None:
    world = World()
    with pytest.raises(CostLimitExceeded, match=r"a search may cost 0\.002"):
        world.answer(mode=Mode.RAG, retrieval=Retrieval(rerank=True), limits=Limits(max_cost_usd=0.0015))
    assert world.retriever.queries == []

    degraded = world.answer(
        mode=Mode.RAG, retrieval=Retrieval(rerank=True), limits=Limits(max_cost_usd=0.0015), degrade=True
    )
    assert (degraded.mode, degraded.degraded) == (Mode.BASE, ["cost_limit_exceeded: answered without documents"])


def test_the_model_gets_what_the_search_leaves_of_the_limit() -> None:
    limit, tokens = 0.0035, []
    for rerank in (False, True):
        world = World()
        world.answer(mode=Mode.RAG, retrieval=Retrieval(rerank=rerank), limits=Limits(max_cost_usd=limit))
        tokens.append(world.model.calls[0].max_output_tokens)

    assert tokens[0] > tokens[1]


def test_replies_that_were_of_no_use_are_paid_for() -> None:
    flawed = MalformedAnswer("holds NaN", "{}", Usage(100, 300))
    world = World(model=FakeModel(failures=[flawed, flawed]))

    answer = world.answer(mode=Mode.FINE_TUNED, format=Format("json"), degrade=True)

    assert (answer.model, [call.model for call in world.model.calls]) == (BASE, [TUNED.model, TUNED.model, BASE])
    assert answer.cost_usd == pytest.approx(2 * (100 * 1e-5 + 300 * 2e-5) + GENERATED)
