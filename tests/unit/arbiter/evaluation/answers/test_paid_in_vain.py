"""An answer that nobody gets is counted with what it cost, and no run takes answers from two stores for one."""

from dataclasses import replace
from typing import Any

import pytest

from arbiter.costs.prices import Prices
from arbiter.costs.tokens import Usage
from arbiter.errors import BadModelOutput, DeadlineExceeded, Throttled
from tests.unit.arbiter.answering.router_fakes import settings
from tests.unit.arbiter.evaluation.answers.test_case_answers import CASES, World
from tests.unit.arbiter.evaluation.engine_fakes import BASE, RAG

PAID: Any = Prices(settings().prices).of(settings().base_model)


def test_a_store_that_was_replaced_while_the_run_went_on_is_not_mixed_with_the_one_before() -> None:
    theirs = {"store": {"id": "NEW0000000", "managed": False, "prices": {}}}
    arms = (BASE, RAG, RAG._replace(name="rag.store", knowledge_base="store"))
    world = World(CASES[:1], arms=arms, knowledge_bases={"default": "OWN0000001", "store": "OLD0000000"})
    own = world.answering.conditions._replace(knowledge_bases=theirs, knowledge_base="OWN0000001")
    world.answering = replace(world.answering, conditions=own)
    world.answer()

    failed = {name: one.get("error", {}).get("message", "") for name, one in world.records().items()}
    assert failed["c0/rag.store"].startswith("The run began with the knowledge base OLD0000000, and NEW0000000 has")
    assert (failed["c0/base"], failed["c0/rag"], len(world.retriever.queries)) == ("", "", 1)


def billed(usage: Usage) -> BadModelOutput:
    error = BadModelOutput("The model stopped before it gave any text.")
    error.usage = usage
    return error


def test_what_failed_after_it_was_paid_for_is_counted_and_what_told_no_tokens_too() -> None:
    """A rerun counts on: what a model was too slow for, then what it was billed for and answered nothing."""
    world = World(cases=CASES[:1], arms=(BASE,))
    world.model.failures = [DeadlineExceeded("too slow"), billed(Usage(1_000, 10))]
    for code, usd in (("deadline_exceeded", 0.0), ("bad_model_output", PAID.cost(Usage(1_000, 10)))):
        world.answer()
        record = world.records()["c0/base"]
        assert (record["error"]["code"], record["failed_usd"]) == (code, pytest.approx(usd))
        assert record["unsettled"] == 1


def test_an_answer_tells_the_cost_of_the_attempts_before_it() -> None:
    world = World(cases=CASES[:1], arms=(RAG,))
    world.model.failures = [Throttled("slow"), DeadlineExceeded("too slow")]
    world.answer()
    world.answer()
    record = world.records()["c0/rag"]
    searches = record["response"]["cost_usd"] - 100 * PAID.input - 10 * PAID.output
    assert (record["failed_usd"], record["unsettled"]) == (pytest.approx(2 * searches), 1)
