"""The stand-in judge reads the material and not the arm: better words score higher, each judge a little otherwise."""

import json
from typing import Any

import pytest

from arbiter.answering.prompts import Prompt
from arbiter.evaluation.verdicts.judging import read_grades
from arbiter.evaluation.verdicts.pairwise import ORDERS, read_preference
from arbiter.evaluation.verdicts.prompts import grading_prompt, pairwise_prompt
from local.emulator.language.judging import verdict

JUDGES = ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "us.meta.llama3-3-70b-instruct-v1:0")
CASE = {"question": "How heavy is the packed Skarn 3?", "reference": "The packed Skarn 3 weighs 2.9 kilograms."}
RIGHT, WRONG, UNKNOWING = "The packed Skarn 3 weighs 2.9 kilograms.", "It stands on a hill.", "I do not know."


def body(prompt: Prompt) -> dict[str, Any]:
    return {"messages": [{"role": turn.role, "content": [{"text": turn.text}]} for turn in prompt.turns]}


def score(answer: str, judge: str = JUDGES[0], case: dict[str, str] | None = None, passages: Any = None) -> int:
    reply = verdict(judge, body(grading_prompt(case or CASE, answer, passages)))
    assert reply is not None
    return read_grades(reply, grounded=bool(passages)).score


@pytest.mark.parametrize("judge", JUDGES)
def test_a_right_answer_scores_higher_than_a_wrong_one(judge: str) -> None:
    assert score(RIGHT, judge) >= 8
    assert score(WRONG, judge) <= 4
    assert score(UNKNOWING, judge) <= 4


def test_a_wrong_number_costs_more_than_a_missing_word() -> None:
    assert score("The packed Skarn 3 weighs 4.1 kilograms.") < score("A packed Skarn 3: 2.9 kilograms.")


def test_saying_that_nothing_is_known_is_right_where_nothing_is() -> None:
    case = {"question": "What does a kayak cost?", "reference": "The documents do not mention kayaks."}
    assert score(UNKNOWING, case=case) >= 8
    assert score("A kayak costs £20 a day.", case=case) <= 5


def test_faithfulness_is_what_stands_in_the_passages() -> None:
    faithful = verdict(JUDGES[0], body(grading_prompt(CASE, RIGHT, [RIGHT])))
    invented = verdict(JUDGES[0], body(grading_prompt(CASE, RIGHT, ["Boats float."])))
    assert json.loads(faithful or "")["faithfulness"] > json.loads(invented or "")["faithfulness"]


def test_two_judges_agree_on_the_order_and_not_on_every_number() -> None:
    answers = [RIGHT, WRONG, UNKNOWING, "The Skarn 3 weighs something.", "2.9 kilograms.", "A tent weighs 2.9."]
    rows = [[score(answer, judge) for judge in JUDGES] for answer in answers]
    assert any(one != other for one, other in rows)
    assert all(abs(one - other) <= 3 for one, other in rows)


@pytest.mark.parametrize("order", ORDERS)
def test_the_better_answer_wins_in_either_order(order: Any) -> None:
    shown = (RIGHT, WRONG) if order == "ab" else (WRONG, RIGHT)
    reply = verdict(JUDGES[0], body(pairwise_prompt(CASE, *shown)))
    assert read_preference(reply or "", order).winner == "a"


def test_any_other_prompt_is_none_of_its_business() -> None:
    asked = {"messages": [{"role": "user", "content": [{"text": "<question>\nHow heavy?\n</question>"}]}]}
    assert verdict(JUDGES[0], asked) is None
