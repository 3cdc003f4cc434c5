"""The conversation before a case's question: read as requests have it, and told to who judges or reckons."""

from collections.abc import Mapping
from typing import Any

from arbiter.answering.asked.history import Turn, read_history
from arbiter.errors import Problem


def turns(case: Mapping[str, Any]) -> tuple[Turn, ...]:
    """The turns before the question of a case that was checked."""
    return tuple(Turn(**turn) for turn in case.get("history", ()))


def problems_of(history: Any) -> list[str]:
    """Everything that is wrong with the field `history` of a case, as a request would be refused for it."""
    problems: list[Problem] = []
    read_history(history, "history", problems)
    return [f"has a conversation whose {each.path} {each.problem}: give {each.allowed}" for each in problems]


def as_asked(case: Mapping[str, Any]) -> str:
    """The question after the conversation that it ends, which alone says what a follow-up is about."""
    lines = [f"{turn.role.capitalize()}: {turn.text}" for turn in turns(case)]
    question: str = case["question"]
    return "\n".join([*lines, f"User: {question}"]) if lines else question
