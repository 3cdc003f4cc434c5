"""Answers read from values, each checked against its question; everything wrong with them is told at once."""

import difflib
import re
import reprlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from arbiter.errors import Problem
from arbiter.fields import is_number
from cli.advice.scenario.fields import BY_NAME, Field
from cli.advice.scenario.scenario import Scenario

REPEATED = "each value once"
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")
DIGITS = 40
"""Of a wrong number that is repeated."""


def scenario_of_yaml(text: str) -> tuple[Scenario, list[Problem]]:
    """The scenario of a YAML document, and everything that is wrong with it.

    Raises:
        yaml.YAMLError, ValueError, RecursionError: it is not YAML, holds no number or date where it seems to, or is
            nested too deeply.
    """
    scenario, problems = scenario_of(yaml.safe_load(text))
    return scenario, [*_repeated(text), *problems]


def _repeated(text: str) -> Iterator[Problem]:
    """The questions that are answered more than once: of those YAML keeps the last without a word."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    names = Counter(str(key.value) for key, _ in root.value) if isinstance(root, yaml.MappingNode) else Counter()
    yield from (Problem(name, f"is answered {count} times", "one answer") for name, count in names.items() if count > 1)


def scenario_of(document: object) -> tuple[Scenario, list[Problem]]:
    """The scenario of a document, and everything that is wrong with it; a question that is left out has its default."""
    if document is None:
        document = {}
    if not isinstance(document, Mapping):
        return Scenario(), [Problem("the file", "holds no answers", "lines of `question: answer`")]
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for name, value in document.items():
        if name not in BY_NAME:
            problems.append(_unknown(name))
        elif value is not None:
            faults = list(_faults(BY_NAME[name], value))
            problems += faults
            if not faults:
                values[name] = tuple(value) if isinstance(value, list) else value
    return Scenario(**values, given=frozenset(values)), problems


def _unknown(name: object) -> Problem:
    shown = name if isinstance(name, str) else _short(name)
    close = difflib.get_close_matches(shown, BY_NAME, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return Problem(shown, f"is no question{hint}", ", ".join(BY_NAME))


def _faults(field: Field, value: object) -> Iterator[Problem]:
    allowed = ", ".join(field.allowed)
    if field.kind == "choice" and not (isinstance(value, str) and value in field.allowed):
        yield Problem(field.name, f"is {_short(value)}", allowed)
    elif field.kind == "choices":
        yield from _faults_of_choices(field, value, allowed)
    elif field.kind == "flag" and not isinstance(value, bool):
        yield Problem(field.name, f"is {_short(value)}", "true, false")
    elif field.kind == "text" and not (isinstance(value, str) and REGION.fullmatch(value)):
        yield Problem(field.name, f"is {_short(value)}", "the name of an AWS region, as us-east-1")
    elif field.kind == "number":
        yield from _faults_of_number(field, value)


def _faults_of_choices(field: Field, value: object, allowed: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(field.name, f"is {_short(value)}", f"a list of {allowed}")
        return
    wrong = [one for one in value if not (isinstance(one, str) and one in field.allowed)]
    yield from (Problem(field.name, f"names {_short(one)}", allowed) for one in wrong)
    if not wrong and len(set(value)) < len(value):
        yield Problem(field.name, "names a value twice", REPEATED)


def _faults_of_number(field: Field, value: Any) -> Iterator[Problem]:
    kind = "a whole number" if field.whole else "a number"
    rule = f"{kind} from {field.least:,g} to {field.most:,.0f}"
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if not is_number(value) or (field.whole and not whole) or not field.least <= value <= field.most:
        yield Problem(field.name, f"is {_short(value)}", rule)


def _short(value: object) -> str:
    """A wrong answer as it was written, cut where it is long; an alias of YAML may stand for any number of values."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}" if abs(value) < 10**DIGITS else "a number of very many digits"
    return reprlib.repr(value)
