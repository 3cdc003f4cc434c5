"""Answers read from values, each checked against its question; everything wrong with them is told at once."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from arbiter.errors import Problem
from cli.advice.scenario.fields import BY_NAME, Field
from cli.advice.scenario.scenario import Scenario

REPEATED = "each value once"


def scenario_of(document: object) -> tuple[Scenario, list[Problem]]:
    """The scenario of a document, and everything that is wrong with it; a question that is left out has its default."""
    if document is None:
        document = {}
    if not isinstance(document, Mapping):
        return Scenario(), [Problem("the file", "is no list of answers", "lines of `question: answer`")]
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for name, value in document.items():
        if name not in BY_NAME:
            problems.append(_unknown(name))
        elif value is not None:
            found = list(_faults(BY_NAME[name], value))
            problems += found
            if not found:
                values[name] = tuple(value) if isinstance(value, list) else value
    return Scenario(**values, given=frozenset(values)), problems


def _unknown(name: object) -> Problem:
    close = difflib.get_close_matches(str(name), BY_NAME, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return Problem(str(name), f"is no question{hint}", ", ".join(BY_NAME))


def _faults(field: Field, value: object) -> Iterator[Problem]:
    allowed = ", ".join(field.allowed)
    if field.kind == "choice" and not (isinstance(value, str) and value in field.allowed):
        yield Problem(field.name, f"is {value!r}", allowed)
    elif field.kind == "choices":
        yield from _faults_of_choices(field, value, allowed)
    elif field.kind == "flag" and not isinstance(value, bool):
        yield Problem(field.name, f"is {value!r}", "true, false")
    elif field.kind == "text" and not (isinstance(value, str) and 0 < len(value) <= 40):
        yield Problem(field.name, f"is {value!r}", "the name of an AWS region, as us-east-1")
    elif field.kind == "number":
        yield from _faults_of_number(field, value)


def _faults_of_choices(field: Field, value: object, allowed: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(field.name, f"is {value!r}", f"a list of {allowed}")
        return
    wrong = [one for one in value if not (isinstance(one, str) and one in field.allowed)]
    yield from (Problem(field.name, f"names {one!r}", allowed) for one in wrong)
    if not wrong and len(set(value)) < len(value):
        yield Problem(field.name, "names a value twice", REPEATED)


def _faults_of_number(field: Field, value: object) -> Iterator[Problem]:
    kind = "a whole number" if field.whole else "a number"
    rule = f"{kind} from {field.least:,g} to {field.most:,.0f}"
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if isinstance(value, bool) or not isinstance(value, int | float) or (field.whole and not whole):
        yield Problem(field.name, f"is {value!r}", rule)
    elif not field.least <= value <= field.most:
        yield Problem(field.name, f"is {value:,g}", rule)
