"""Steps of a search that fail, hang, cost or take too much: less is answered if that is allowed, and it is told."""

from collections.abc import Sequence

import pytest

from arbiter.answering.prompts import Passage
from arbiter.answering.request import Limits, Retrieval
from arbiter.answering.retrieval import Query
from arbiter.errors import AccessDenied, ArbiterError, BadModelOutput, DeadlineExceeded, ModelError, Throttled
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import PASSAGES, FakeRetriever, World
from tests.unit.arbiter.answering.strategy_fakes import (
    KNOWN,
    OF_STOVE,
    OF_TENT,
    QUESTION,
    STOVE,
    TENT,
    PlanningModel,
    ask,
    searched,
    world,
)

UNPLANNED = [ModelError("failed"), DeadlineExceeded("late"), Throttled("slow down"), BadModelOutput("garbled")]


@pytest.mark.parametrize("strategy", ["multi_step", "adaptive"])
@pytest.mark.parametrize("failure", [*UNPLANNED, "", "Here they are:"])
def test_a_model_that_hangs_or_garbles_costs_the_steps_and_not_the_answer(
    strategy: str, failure: ArbiterError | str
) -> None:
    code = "bad_model_output" if isinstance(failure, str) else failure.code
    answer = ask(world(split=failure, judge=failure), strategy, degrade=True)

    assert [note.partition(":")[0] for note in answer.degraded] == [code]
    assert answer.mode is Mode.RAG
    with pytest.raises(BadModelOutput if isinstance(failure, str) else type(failure)):
        ask(world(split=failure, judge=failure), strategy)


def test_a_part_whose_search_fails_costs_that_part() -> None:
    lost = {STOVE: DeadlineExceeded("late")}
    answer = ask(world(lost, split=f"{TENT}\n{STOVE}"), degrade=True)

    assert answer.degraded == ["deadline_exceeded: answered from 2 of 3 searches"]
    assert OF_TENT in answer.passages
    assert [step.failed for step in answer.trace] == [None, None, None, "deadline_exceeded"]
    with pytest.raises(DeadlineExceeded):
        ask(world(lost, split=f"{TENT}\n{STOVE}"))


def test_what_every_search_lacks_is_told_once() -> None:
    class ByMeaning(FakeRetriever):
        def retrieve(self, query: Query, timeout: float) -> Sequence[Passage]:
            if query.options.search == "hybrid":
                raise Throttled("slow down", retryable=False)
            return super().retrieve(query, timeout)

    both = World(model=PlanningModel(steps={"split": [f"{TENT}\n{STOVE}"]}), retriever=ByMeaning(by_text=KNOWN))
    answer = ask(both, retrieval=Retrieval(strategy="multi_step", search="hybrid"), degrade=True)

    assert answer.degraded == ["throttled: searched by meaning alone"]
    assert {OF_TENT, OF_STOVE} <= set(answer.passages)


def test_a_later_search_that_fails_leaves_what_was_found_before() -> None:
    answer = ask(world({TENT: DeadlineExceeded("late")}, judge=[TENT, TENT]), "adaptive", degrade=True)

    assert answer.degraded == ["deadline_exceeded: answered from 1 of 2 searches"]
    assert answer.passages == list(PASSAGES)


def test_a_lacking_permission_is_an_error_in_any_step() -> None:
    with pytest.raises(AccessDenied):
        ask(world({TENT: AccessDenied("no")}, split=TENT), degrade=True)
    with pytest.raises(AccessDenied):
        ask(world(split=AccessDenied("no")), degrade=True)


def test_steps_leave_the_answer_a_part_of_the_time() -> None:
    asked = world(split=TENT)
    ask(asked, seconds=10.0)
    split, answered = asked.model.timeouts

    assert split <= 6.0 < answered


def test_further_searches_stay_within_the_limit_of_the_cost() -> None:
    limits, rerank = Limits(max_cost_usd=0.0045), Retrieval(strategy="multi_step", rerank=True)
    asked = world(split=f"{TENT}\n{STOVE}")
    answer = ask(asked, retrieval=rerank, limits=limits, degrade=True)

    assert searched(asked) == [QUESTION]
    assert answer.degraded[0] == "cost_limit_exceeded: did not search for 2 more questions"
    assert answer.cost_usd <= 0.0045
