"""Searching in several steps: for the parts of a question at once, or on until enough is found, each step visible."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from arbiter.answering.asked.history import Turn
from arbiter.answering.asked.replies import SUFFICIENT, missing_in, parts_in
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Request, Retrieval
from arbiter.answering.retrieval import MOST_SEARCHES, Query
from arbiter.answering.serving.response import to_object
from arbiter.answering.strategies import MOST_PARTS
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import BASE, PASSAGES, FakeRetriever, World
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


@pytest.mark.parametrize("strategy", ["multi_step", "adaptive"])
def test_a_question_that_a_model_only_repeats_is_not_paid_for_again(strategy: Any) -> None:
    repeated = QUESTION.rstrip("?.").upper()
    asked = world(split=repeated, judge=[repeated, SUFFICIENT])
    ask(asked, strategy)

    assert searched(asked) == [QUESTION]
    parts = world(split=f"{TENT}\n{TENT.rstrip('?')}\n{STOVE}")
    ask(parts)
    assert len(searched(parts)) == 3, "the question and its two parts"


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


@pytest.mark.parametrize(
    ("reply", "parts"),
    [
        ("What is a?\nWhat is b?", ["What is a?", "What is b?"]),
        ('- "What is a?"\n* What is b?\n3) What is c?', ["What is a?", "What is b?", "What is c?"]),
        ("Sure:\n\n1. What is a?\n1. What is a?", ["What is a?"]),
        ("3 kg of what?", ["3 kg of what?"]),
        ('" "\n?!\n\0\nWhat is b?', ["What is b?"]),
        (f"{'x' * 301}\nWhat is b?", ["What is b?"]),
        ("\n".join("abcdefgh"), ["a", "b", "c"][:MOST_PARTS]),
    ],
)
def test_parts_are_read_from_lines_however_they_are_marked(reply: str, parts: list[str]) -> None:
    assert parts_in(reply, MOST_PARTS) == parts


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
