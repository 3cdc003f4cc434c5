"""The metadata filter of a retrieval: Bedrock's `RetrievalFilter`, and what of it not every store can apply."""

import sys
from collections.abc import Iterable
from typing import Any

from arbiter.errors import Problem
from arbiter.fields import Read, shown, text

_LONGEST_KEY = 100
"""botocore: FilterKey."""
_LONGEST_VALUE = 2_048
_MOST_VALUES = 100
_LARGEST_NUMBER = sys.float_info.max
_FEWEST_MEMBERS, _MOST_MEMBERS = 2, 5
"""Bedrock's documentation of RetrievalFilter: a group has two to five members."""
_DEEPEST = 2
"""... and a group may stand in a group once."""


def read_filter(value: Any, path: str, problems: list[Problem]) -> Any:
    """A filter in Bedrock's form, of which the short one is `{"service": "s3", "year": {">=": 2024}}`."""
    before = len(problems)
    if _is_short(value):
        value = _read_short(value, path, problems)
    else:
        _read_node(value, path, problems, depth=1)
    return value if len(problems) == before else None


def text_operators(condition: Any, depth: int = 0) -> set[str]:
    """The operators of a filter, or of what is none, that S3 Vectors and managed knowledge bases lack."""
    if not isinstance(condition, dict) or depth > _DEEPEST:
        return set()
    groups = (condition.get(group) for group in _GROUPS)
    members = [member for group in groups if isinstance(group, list) for member in group]
    operators = {name for member in members for name in text_operators(member, depth + 1)}
    return operators | (condition.keys() & _OF_TEXTS.keys())


def _is_short(value: Any) -> bool:
    """Tell metadata with conditions from an operator, known or not, with its operand."""
    if not isinstance(value, dict) or not value or value.keys() & {*_OPERATORS}:
        return False
    return not any(isinstance(condition, dict) and "key" in condition for condition in value.values())


def _read_short(value: dict[str, Any], path: str, problems: list[Problem]) -> Any:
    """Every condition in one AND."""
    conditions: list[Any] = []
    for key, condition in value.items():
        flaws: list[Problem] = []
        text(longest=_LONGEST_KEY)(key, path, flaws)
        for word, operand in _comparisons(condition):
            if (operator := _SHORT.get(word)) is None:
                flaws.append(Problem(path, f"is compared by {shown(word)}", "one of " + " ".join(_SHORT)))
                continue
            _COMPARISONS[operator](operand, path, flaws)
            conditions.append({operator: {"key": key, "value": operand}})
        problems += [Problem(path, f"has {shown(key)}, which {flaw.problem}", flaw.allowed) for flaw in flaws]
    if len(conditions) > _MOST_MEMBERS:
        problems.append(Problem(path, f"has {len(conditions):,} conditions", f"at most {_MOST_MEMBERS}"))
    return conditions[0] if len(conditions) == 1 else {"andAll": conditions}


def _comparisons(condition: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(condition, dict):
        return condition.items() or [("", None)]
    return [("in" if isinstance(condition, list) else "=", condition)]


def _read_node(value: Any, path: str, problems: list[Problem], depth: int) -> None:
    if not isinstance(value, dict) or len(value) != 1:
        is_ = f"has {len(value)} operators" if isinstance(value, dict) else f"is {shown(value)}"
        problems.append(Problem(path, is_, "an object with exactly one operator, one of " + ", ".join(_OPERATORS)))
        return
    [(operator, operand)] = value.items()
    if operator in _GROUPS:
        _read_group(operand, f"{path}.{operator}", problems, depth)
    elif operator in _COMPARISONS:
        _read_comparison(operand, f"{path}.{operator}", problems, _COMPARISONS[operator])
    else:
        problems.append(Problem(path, f"has the operator {shown(operator)}", "one of " + ", ".join(_OPERATORS)))


def _read_group(operand: Any, path: str, problems: list[Problem], depth: int) -> None:
    if depth > _DEEPEST:
        problems.append(Problem(path, "is nested too deeply", "a group inside one group, no deeper"))
    elif not isinstance(operand, list) or not _FEWEST_MEMBERS <= len(operand) <= _MOST_MEMBERS:
        is_ = f"has {len(operand):,} members" if isinstance(operand, list) else f"is {shown(operand)}"
        problems.append(Problem(path, is_, f"a list of {_FEWEST_MEMBERS} to {_MOST_MEMBERS} filters"))
    else:
        for index, member in enumerate(operand):
            _read_node(member, f"{path}[{index}]", problems, depth + 1)


def _read_comparison(operand: Any, path: str, problems: list[Problem], read_value: Read) -> None:
    if not isinstance(operand, dict) or operand.keys() != {"key", "value"}:
        problems.append(Problem(path, f"is {shown(operand)}", 'an object {"key": ..., "value": ...}'))
        return
    text(longest=_LONGEST_KEY)(operand["key"], f"{path}.key", problems)
    read_value(operand["value"], f"{path}.value", problems)


def _number(value: Any, path: str, problems: list[Problem]) -> Any:
    if type(value) in (int, float) and -_LARGEST_NUMBER <= value <= _LARGEST_NUMBER:
        return value
    problems.append(Problem(path, f"is {shown(value)}", "a finite number"))
    return None


def _scalar(value: Any, path: str, problems: list[Problem]) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _string(value, path, problems)
    if isinstance(value, int | float):
        return _number(value, path, problems)
    problems.append(Problem(path, f"is {shown(value)}", "a string, a number, true or false"))
    return None


def _scalars(value: Any, path: str, problems: list[Problem]) -> Any:
    if not isinstance(value, list) or not 1 <= len(value) <= _MOST_VALUES:
        is_ = f"has {len(value):,} values" if isinstance(value, list) else f"is {shown(value)}"
        problems.append(Problem(path, is_, f"a list of 1 to {_MOST_VALUES} values"))
        return None
    return [_scalar(item, f"{path}[{index}]", problems) for index, item in enumerate(value)]


_string = text(longest=_LONGEST_VALUE)
_OF_TEXTS: dict[str, Read] = {"startsWith": _string, "stringContains": _string}
"""Bedrock user guide, *kb-test-config*: operators of RetrievalFilter that S3 Vectors does not support."""
_GROUPS = ("andAll", "orAll")
_COMPARISONS: dict[str, Read] = {
    "equals": _scalar,
    "notEquals": _scalar,
    "greaterThan": _number,
    "greaterThanOrEquals": _number,
    "lessThan": _number,
    "lessThanOrEquals": _number,
    "in": _scalars,
    "notIn": _scalars,
    "listContains": _string,
    **_OF_TEXTS,
}
_SHORT = {
    "=": "equals",
    "!=": "notEquals",
    ">": "greaterThan",
    ">=": "greaterThanOrEquals",
    "<": "lessThan",
    "<=": "lessThanOrEquals",
    "in": "in",
    "not_in": "notIn",
    "contains": "listContains",
}
"""The comparisons of the short form."""
_OPERATORS = (*_COMPARISONS, *_GROUPS)
