"""What is searched for as the deployment or the request says, and what is said where nothing good enough is found."""

import pytest

from arbiter.answering.request import Format, Retrieval
from arbiter.errors import KnowledgeBaseEmpty, KnowledgeBaseUnavailable
from arbiter.evaluation.numbers.abstention import abstains
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import FakeModel, FakeRetriever, World, settings

STRICT = Retrieval(minimum_score=0.9)


@pytest.mark.parametrize("strategy", ["basic", "multi_step"])
def test_where_no_passage_scores_enough_the_documents_do_not_say(strategy: str) -> None:
    plans = ["What is it?"] if strategy == "multi_step" else []
    world = World(model=FakeModel(texts=list(plans)))

    answer = world.answer(mode=Mode.RAG, retrieval=STRICT._replace(strategy=strategy))  # type: ignore[arg-type]

    assert (answer.text, answer.mode, answer.stop_reason) == ("The documents do not say.", Mode.RAG, "no_passages")
    assert abstains(answer.text)
    assert (list(answer.passages), answer.model) == ([], "none")
    assert answer.cost_usd == pytest.approx(answer.search_usd)
    assert len(world.model.calls) == len(plans)


def test_a_request_may_ask_for_less_than_the_deployment() -> None:
    world = World(settings=settings(minimum_score=0.9, search="hybrid"))

    assert world.answer(mode=Mode.RAG).stop_reason == "no_passages"
    assert world.answer(mode=Mode.RAG, retrieval=Retrieval(minimum_score=0.0, search="semantic")).passages
    assert [query.options.search for query in world.retriever.queries] == ["hybrid", "semantic"]


def test_json_that_no_passage_supports_is_an_error_with_the_score() -> None:
    with pytest.raises(KnowledgeBaseEmpty, match=r"No passage scores 0\.9 or more"):
        World().answer(mode=Mode.RAG, retrieval=STRICT, format=Format("json"))


def test_a_hybrid_search_that_fails_is_one_by_meaning_where_less_is_allowed() -> None:
    down = KnowledgeBaseUnavailable("The vector index is down.")
    hybrid = Retrieval(search="hybrid")

    with pytest.raises(KnowledgeBaseUnavailable):
        World(retriever=FakeRetriever(failures=[down])).answer(mode=Mode.RAG, retrieval=hybrid)
    answer = World(retriever=FakeRetriever(failures=[down])).answer(mode=Mode.RAG, retrieval=hybrid, degrade=True)
    assert answer.passages
    assert answer.degraded == ["knowledge_base_unavailable: searched by meaning alone"]


def test_a_hybrid_search_costs_a_second_query() -> None:
    semantic = World().answer(mode=Mode.RAG, retrieval=Retrieval(search="semantic"))
    hybrid = World().answer(mode=Mode.RAG, retrieval=Retrieval(search="hybrid"))

    assert hybrid.search_usd == pytest.approx(semantic.search_usd + 2.5e-6)
