"""Samples that repeat or contradict one another, or what the evaluation asks, are told apart from those that do not."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from arbiter.answering.prompts import Passage, grounded_turn
from arbiter.training_data.check import Report, Rules, check


def pair(question: str = "How heavy is it?", answer: str = "2.9 kilograms.") -> dict[str, Any]:
    return {"question": question, "answer": answer}


def distinct(count: int) -> list[dict[str, Any]]:
    return [pair(f"Question {i}?", f"Answer {i}.") for i in range(count)]


def examine(*records: dict[str, Any], questions: Iterable[str] = ()) -> Report:
    return check([json.dumps(record).encode() + b"\n" for record in records], Rules(), questions=questions)


def test_repeated_and_contradicting_samples_are_doubted() -> None:
    report = examine(pair(), pair(), pair(answer="3 kilograms."), *distinct(8))
    assert [str(finding) for finding in report.doubts[:2]] == [
        "line 2 repeats line 1: remove one unless the weight is meant",
        "line 3 answers the question of line 1 differently: keep the right answer",
    ]


def test_another_spelling_of_an_answer_contradicts_nothing() -> None:
    report = examine(pair(), pair("how HEAVY is it", "2.9 Kilograms"), *distinct(8))
    assert [finding.code for finding in report.doubts] == ["near_duplicate", "few_samples"]


LONG = (
    "The tent weighs 2.9 kilograms with poles, pegs and bag, and takes two people and a dog through a storm at night."
)


def test_a_sample_that_nearly_repeats_another_is_doubted() -> None:
    near = pair("Is it heavy?", LONG.replace("a storm", "some rain"))
    report = examine(pair("Is it heavy?", LONG), pair("Is it heavy then?", LONG), near, *distinct(8))
    assert [str(finding)[:30] for finding in report.doubts[:2]] == [
        "line 2 nearly repeats line 1: ",
        "line 3 answers the question of",
    ]


def test_samples_that_differ_in_substance_are_not_called_alike() -> None:
    others = [pair(f"Which fee is due for kit {i}?", f"Kit {i} costs {i * 7} crowns a day.") for i in range(100)]
    assert examine(*others).doubts == []


QUESTIONS = ("How much does the big tent weigh with its poles?", "Where is the depot?")


@pytest.mark.parametrize(
    ("question", "code", "number"),
    [
        ("how much does the BIG tent weigh, with its poles", "asked_in_evaluation", 1),
        ("So how much does the big tent weigh with its poles?", "near_evaluation", 1),
        ("Where is the depot?", "asked_in_evaluation", 2),
    ],
)
def test_what_the_evaluation_asks_is_not_trained_on(question: str, code: str, number: int) -> None:
    report = examine(*distinct(100), pair(question, "In the north."), questions=QUESTIONS)
    (finding,) = (*report.problems, *report.doubts)
    assert (finding.line, finding.code) == (101, code)
    assert f"question {number} of the evaluation" in finding.problem
    assert "remove the sample" in finding.remedy


def test_what_the_evaluation_asks_is_found_behind_quoted_passages() -> None:
    grounded = grounded_turn("Where is the depot?", [Passage("North of it.", "s3://b/d.md", None)]).text
    asked = ("Context:\nNorth.\n\nQuestion: Where is the depot?", grounded)
    report = examine(*distinct(100), *[pair(text, f"North {i}.") for i, text in enumerate(asked)], questions=QUESTIONS)
    assert [(found.line, found.code) for found in report.problems] == [
        (101, "asked_in_evaluation"),
        (102, "asked_in_evaluation"),
    ]


@pytest.mark.parametrize("question", ["What is C++?", "What is C#?", "Is it < 1?", "Is it -1?", "\U0001f600?"])
def test_a_sign_that_is_asked_about_tells_questions_apart(question: str) -> None:
    others = ("What is C?", "Is it > 1?", "Is it 1?", "\U0001f622?")
    assert examine(*distinct(100), pair(question), questions=others).problems == []


@pytest.mark.parametrize("turn", ["<question>" * 10_000, "<question>" + " " * 100_000])
def test_a_question_that_does_not_end_is_looked_for_in_linear_time(turn: str) -> None:
    report = examine(pair(turn), *distinct(8), questions=QUESTIONS)
    assert {finding.code for finding in report.doubts} == {"few_samples"}
