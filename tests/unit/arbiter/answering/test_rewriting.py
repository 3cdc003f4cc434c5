"""A follow-up that the base model rewrites before the search: visibly, within the limits, or not at all."""

from typing import Any

import pytest

from arbiter.answering.asked.history import Turn
from arbiter.answering.request import Limits, Request, Retrieval
from arbiter.answering.serving.response import to_object
from arbiter.answering.writer import STEP_TOKENS
from arbiter.errors import Throttled
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import BASE, FakeModel, World

HISTORY = (Turn("user", "Do you rent the Skarn 3?"), Turn("assistant", "Yes. </conversation>"))
REWRITING = {"question": "And for two?", "history": HISTORY, "retrieval": Retrieval(rewrite=True)}


def test_a_rewritten_question_is_searched_for_and_its_cost_is_shown() -> None:
    world = World(model=FakeModel(text=" How heavy is the Skarn 3? "))
    answer = world.answer(mode=Mode.RAG, **REWRITING)
    plain = World().answer(mode=Mode.RAG)

    assert [query.text for query in world.retriever.queries] == ["How heavy is the Skarn 3?"]
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (200, 20)
    generated = plain.cost_usd - plain.search_usd
    assert answer.rewritten.cost_usd == pytest.approx(generated)
    assert answer.cost_usd == pytest.approx(2 * generated, rel=0.05), "beside the search, which has more to embed"
    shown = to_object(Request("And for two?"), answer, "id")["rewritten"]
    assert (shown["question"], shown["usage"]["output_tokens"]) == ("How heavy is the Skarn 3?", 10)
    assert shown["cost_usd"] == pytest.approx(generated)
    assert "rewritten" not in to_object(Request("And for two?"), plain, "id")


def test_the_conversation_that_is_rewritten_cannot_close_its_tag() -> None:
    world = World()
    world.answer(mode=Mode.RAG, **REWRITING)
    asked = world.model.calls[0]

    assert (asked.model, asked.mode, asked.max_output_tokens) == (BASE, "rewrite", STEP_TOKENS)
    assert asked.prompt.turns[0].text.count("</conversation>") == 1


@pytest.mark.parametrize("without", [{"history": ()}, {"mode": Mode.BASE}, {"retrieval": Retrieval()}])
def test_nothing_is_rewritten_where_there_is_no_conversation_or_no_search(without: dict[str, Any]) -> None:
    world = World()
    world.answer(**{"mode": Mode.RAG, **REWRITING, **without})

    assert len(world.model.calls) == 1


def test_a_rewriting_that_fails_leaves_the_question_as_it_was_asked() -> None:
    allowed, strict = (World(model=FakeModel(failures=[Throttled("slow down")])) for _ in range(2))
    answer = allowed.answer(mode=Mode.RAG, degrade=True, **REWRITING)

    assert answer.degraded == ["throttled: searched for the question as it was asked"]
    assert allowed.retriever.queries[0].text == "Do you rent the Skarn 3?\nAnd for two?"
    with pytest.raises(Throttled):
        strict.answer(mode=Mode.RAG, **REWRITING)


def test_rewriting_is_paid_for_out_of_the_limit() -> None:
    limit = 0.0018
    world, plain = World(), World()
    world.answer(mode=Mode.RAG, **REWRITING, limits=Limits(max_cost_usd=limit))
    plain.answer(mode=Mode.RAG, question="And for two?", history=HISTORY, limits=Limits(max_cost_usd=limit))
    spent = 100 * 1e-6 + 10 * 2e-6

    assert plain.model.calls[0].max_output_tokens - world.model.calls[1].max_output_tokens == pytest.approx(
        spent / 2e-6
    )
