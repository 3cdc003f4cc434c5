"""Questions that a model may have seen: cases that stand in its training set, or word for word in what it is shown."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from arbiter.answering.prompts import questions_in
from arbiter.evaluation.run.cases import signature
from arbiter.jsonl import lines

SHORTEST_QUOTE = 4
"""Words: a shorter question stands in any text."""


def training_questions(chunks: Iterable[bytes]) -> frozenset[str]:
    """The signatures of the questions of a prepared training set."""
    questions = (_last_question(json.loads(line.content)) for line in lines(chunks) if line.content.strip())
    return frozenset(signature(question) for question in questions)


def trained_on(cases: Sequence[Mapping[str, Any]], known: frozenset[str]) -> list[str]:
    """The ids of the cases whose question the training set asks too."""
    return [case["id"] for case in cases if signature(case["question"]) in known]


def stands_in(question: str, passages: Iterable[str]) -> bool:
    """Whether a question stands word for word in one of some passages."""
    asked = signature(question)
    long_enough = asked.count(" ") + 1 >= SHORTEST_QUOTE
    return long_enough and any(f" {asked} " in f" {signature(passage)} " for passage in passages)


def _last_question(sample: Mapping[str, Any]) -> str:
    """The last question; of a turn that quotes documents, the question alone."""
    turns = [message for message in sample["messages"] if message["role"] == "user"]
    text = "\n".join(part["text"] for part in turns[-1]["content"])
    questions = questions_in(text)
    return questions[-1] if questions else text
