"""Searching in several steps: within its calls, its money and its time, each step visible, and less only if allowed."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from arbiter.answering.asked.history import Turn
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Limits, Request, Retrieval
from arbiter.answering.retrieval import MOST_SEARCHES, Query
from arbiter.answering.serving.response import to_object
from arbiter.answering.strategies import MOST_PARTS, SUFFICIENT, missing_in, parts_in
from arbiter.answering.writer import Completion, Generation
from arbiter.errors import AccessDenied, ArbiterError, BadModelOutput, DeadlineExceeded, ModelError, Throttled
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import BASE, PASSAGES, FakeModel, FakeRetriever, World

QUESTION = "Compare the warranty of the tent with that of the stove."
TENT, STOVE = "How long is the warranty of the tent?", "How long is the warranty of the stove?"
OF_TENT, OF_STOVE = Passage("Tent: three years.", "s3://d/tent.md", 0.7), Passage("Stove: one.", "s3://d/s.md", 0.6)
KNOWN = {TENT: (OF_TENT,), STOVE: (OF_STOVE,)}


@dataclass
class PlanningModel(FakeModel):
    """Replies to each step with what is planned for it, an error or a text; answers otherwise."""

    steps: dict[str, list[str | ArbiterError]] = field(default_factory=dict)

    def generate(self, generation: Generation, timeout: float) -> Completion:
        completion = super().generate(generation, timeout)
        if planned := self.steps.get(generation.mode.value):
            reply = planned.pop(0)
            if isinstance(reply, ArbiterError):
                raise reply
            return completion._replace(text=reply)
        return completion


@dataclass
class FailingRetriever(FakeRetriever):
    """Fails with the error of a question."""

    by_question: dict[str, ArbiterError] = field(default_factory=dict)

    def retrieve(self, query: Query, timeout: float) -> Sequence[Passage]:
        if query.text in self.by_question:
            raise self.by_question[query.text]
        return super().retrieve(query, timeout)


def world(lost: dict[str, ArbiterError] | None = None, **steps: str | ArbiterError | list[str | ArbiterError]) -> World:
    planned = {name: replies if isinstance(replies, list) else [replies] for name, replies in steps.items()}
    return World(model=PlanningModel(steps=planned), retriever=FailingRetriever(by_text=KNOWN, by_question=lost or {}))


def ask(world: World, strategy: Any = "multi_step", **request: Any) -> Any:
    options = {"question": QUESTION, "mode": Mode.RAG, "retrieval": Retrieval(strategy=strategy)}
    return world.answer(**{**options, **request})


def searched(world: World) -> list[str]:
    return sorted(query.text for query in world.retriever.queries)


def test_each_part_that_a_model_names_is_searched_for_beside_the_question() -> None:
    asked = world(split=f"1. {TENT}\n2. {STOVE}\n")
    answer = ask(asked)

    assert searched(asked) == sorted([QUESTION, TENT, STOVE])
    assert {OF_TENT, OF_STOVE, PASSAGES[0]} <= set(answer.passages)
    assert [call.mode.value for call in asked.model.calls] == ["split", "rag"]
    assert [call.model for call in asked.model.calls] == [BASE, BASE]


def test_searches_go_on_side_by_side() -> None:
    meeting = threading.Barrier(2, timeout=5)

    class Meeting(FakeRetriever):
        def retrieve(self, query: Query, timeout: float) -> Sequence[Passage]:
            if query.text in KNOWN:
                meeting.wait()  # Neither returns before the other has begun.
            return super().retrieve(query, timeout)

    both = World(model=PlanningModel(steps={"split": [f"{TENT}\n{STOVE}"]}), retriever=Meeting(by_text=KNOWN))
    assert {OF_TENT, OF_STOVE} <= set(ask(both).passages)


def test_however_many_parts_are_named_calls_and_searches_stay_bounded() -> None:
    asked = world(split="\n".join(f"How long is the warranty of item {number}?" for number in range(50)))
    ask(asked)

    assert (len(asked.retriever.queries), len(asked.model.calls)) == (MOST_SEARCHES, 2)


def test_in_a_conversation_the_parts_stand_alone_and_nothing_is_rewritten() -> None:
    history = (Turn("user", "Do you sell tents?"), Turn("assistant", "Yes."))
    asked = world(split=TENT)
    answer = ask(asked, history=history, retrieval=Retrieval(strategy="multi_step", rewrite=True))

    assert "Do you sell tents?" in asked.model.calls[0].prompt.turns[0].text
    assert (answer.rewritten, len(asked.model.calls)) == (None, 2)


def test_adaptive_is_content_with_half_of_the_passages_that_are_enough() -> None:
    asked = world(judge=SUFFICIENT)
    answer = ask(asked, "adaptive", retrieval=Retrieval(strategy="adaptive", results=2))

    assert (answer.passages, searched(asked)) == ([PASSAGES[0]], [QUESTION])
    assert PASSAGES[1].text not in asked.model.calls[0].prompt.turns[0].text


def test_adaptive_searches_for_what_is_missing_at_most_twice() -> None:
    asked = world(judge=[TENT, STOVE, "How heavy is the tent?"])
    answer = ask(asked, "adaptive")

    assert searched(asked) == sorted([QUESTION, TENT, STOVE])
    assert [call.mode.value for call in asked.model.calls] == ["judge", "judge", "rag"]
    assert {OF_TENT, OF_STOVE} <= set(answer.passages)


def test_adaptive_that_is_told_to_search_for_the_same_again_shows_the_other_half_instead() -> None:
    asked = world(judge=[QUESTION, SUFFICIENT])
    answer = ask(asked, "adaptive", retrieval=Retrieval(strategy="adaptive", results=2))

    assert (answer.passages, searched(asked)) == (list(PASSAGES), [QUESTION])


def test_each_step_is_in_the_trace_and_in_the_cost() -> None:
    asked = world(split=f"{TENT}\n{STOVE}")
    answer = ask(asked)
    response = to_object(Request(QUESTION), answer, "id")
    split, *searches = response["trace"]

    assert (split["step"], split["questions"], split["usage"]["input_tokens"]) == ("split", [TENT, STOVE], 100)
    assert [(step["step"], step["questions"], step["passages"]) for step in searches] == [
        ("search", [QUESTION], 2), ("search", [TENT], 1), ("search", [STOVE], 1),
    ]  # fmt: skip
    assert sum(step["cost_usd"] for step in response["trace"]) == pytest.approx(answer.search_usd)
    assert answer.usage.input_tokens == 200, "of the splitting and of the answer"
    assert "trace" not in to_object(Request(QUESTION), World().answer(mode=Mode.RAG), "id")


def test_a_judgement_is_in_the_trace() -> None:
    judged = [step.sufficient for step in ask(world(judge=[TENT, SUFFICIENT]), "adaptive").trace]

    assert judged == [None, False, None, True]


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


@pytest.mark.parametrize(
    ("reply", "parts"),
    [
        ("What is a?\nWhat is b?", ["What is a?", "What is b?"]),
        ('- "What is a?"\n* What is b?\n3) What is c?', ["What is a?", "What is b?", "What is c?"]),
        ("Sure:\n\n1. What is a?\n1. What is a?", ["What is a?"]),
        ("3 kg of what?", ["3 kg of what?"]),
        (f"{'x' * 301}\nWhat is b?", ["What is b?"]),
        ("\n".join("abcdefgh"), ["a", "b", "c"][:MOST_PARTS]),
    ],
)
def test_parts_are_read_from_lines_however_they_are_marked(reply: str, parts: list[str]) -> None:
    assert parts_in(reply) == parts


def test_a_judgement_is_one_word_or_a_question() -> None:
    assert [missing_in(reply) for reply in ("SUFFICIENT", "**Sufficient.**", " 'sufficient'")] == [[], [], []]
    assert missing_in("What is a?\nWhat is b?") == ["What is a?"]


def test_a_judge_is_shown_no_more_than_it_reads() -> None:
    long = [Passage(f"{number} " + "word " * 60_000, f"s3://d/{number}.md", 0.9) for number in range(4)]
    asked = world(judge=SUFFICIENT)
    asked.retriever.passages = long
    ask(asked, "adaptive")
    shown = asked.model.calls[0].prompt.turns[0].text

    assert (long[0].text[:1_000] in shown, long[1].text[:1_000] in shown) == (True, False)
