"""Metadata filters: the knowledge base's language, S3 Vectors' language, and whether metadata satisfies one."""

from collections.abc import Callable
from typing import Any

_OPERATORS = {
    "equals": "$eq",
    "notEquals": "$ne",
    "greaterThan": "$gt",
    "greaterThanOrEquals": "$gte",
    "lessThan": "$lt",
    "lessThanOrEquals": "$lte",
    "in": "$in",
    "notIn": "$nin",
    "listContains": "$eq",
}
_OF_TEXTS: dict[str, Callable[[str, str], bool]] = {"startsWith": str.startswith, "stringContains": str.__contains__}
"""Bedrock user guide, *kb-test-config*: operators that OpenSearch Serverless has and S3 Vectors has not."""
_OF_LISTS, _OF_NUMBERS = ("in", "notIn"), ("greaterThan", "greaterThanOrEquals", "lessThan", "lessThanOrEquals")
_GROUPS = {"andAll": "$and", "orAll": "$or"}


class FilterError(ValueError):
    """A filter that the vector store cannot apply."""


def translate(condition: dict[str, Any] | None, store: str = "S3_VECTORS") -> dict[str, Any] | None:
    """A knowledge base filter in S3 Vectors' language.

    Raises:
        FilterError: for an operator S3 Vectors lacks, or a group with fewer than two members.
    """
    if condition is None:
        return None
    if len(condition) != 1:
        raise FilterError(f"a filter has one operator, this one has {', '.join(sorted(condition)) or 'none'}")
    (operator, operand), *_ = condition.items()
    if operator in _GROUPS:
        if len(operand) < 2:
            raise FilterError(f"{operator} needs at least 2 filters")
        return {_GROUPS[operator]: [translate(member, store) for member in operand]}
    if operator in _OF_TEXTS and store == "OPENSEARCH_SERVERLESS":
        return {operand["key"]: {operator: operand["value"]}}
    if operator not in _OPERATORS:
        raise FilterError(f"Filter operator {operator} is not supported for a vector store of type {store}")
    if operator in _OF_LISTS and not isinstance(operand["value"], list):
        raise FilterError(f"{operator} needs a list of values")
    if operator in _OF_NUMBERS and (
        isinstance(operand["value"], bool) or not isinstance(operand["value"], int | float)
    ):
        raise FilterError(f"{operator} compares numbers")
    return {operand["key"]: {_OPERATORS[operator]: operand["value"]}}


def matches(condition: dict[str, Any], metadata: dict[str, Any]) -> bool:
    """Whether metadata satisfies a filter in S3 Vectors' language."""
    return all(_holds(key, wanted, metadata) for key, wanted in condition.items())


def _holds(key: str, wanted: Any, metadata: dict[str, Any]) -> bool:
    if key == "$and":
        return all(matches(member, metadata) for member in wanted)
    if key == "$or":
        return any(matches(member, metadata) for member in wanted)
    tests = wanted if isinstance(wanted, dict) else {"$eq": wanted}
    return all(_compare(operator, operand, key in metadata, metadata.get(key)) for operator, operand in tests.items())


def _compare(operator: str, operand: Any, present: bool, value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    if operator == "$exists":
        return present is bool(operand)
    if operator in ("$ne", "$nin"):
        refused = operand if operator == "$nin" else [operand]
        return not any(_among(item, refused) for item in values)
    if not present or operator in _OF_TEXTS:
        return present and any(isinstance(item, str) and _OF_TEXTS[operator](item, operand) for item in values)
    if operator in ("$eq", "$in"):
        accepted = operand if operator == "$in" else [operand]
        return any(_among(item, accepted) for item in values)
    if operator not in _ORDERINGS:
        raise FilterError(f"unknown filter operator {operator}")
    try:
        return not isinstance(value, bool) and _ORDERINGS[operator](value, operand)
    except TypeError:
        return False  # a text is neither above nor below a number


def _among(value: Any, others: list[Any]) -> bool:
    """Whether a value is one of others; true is no number, though Python takes it for 1."""
    return any(value == other and isinstance(value, bool) == isinstance(other, bool) for other in others)


_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda value, operand: bool(value > operand),
    "$gte": lambda value, operand: bool(value >= operand),
    "$lt": lambda value, operand: bool(value < operand),
    "$lte": lambda value, operand: bool(value <= operand),
}
