"""The filter of a request in the grammar of S3 Vectors, as a knowledge base translates it for `Retrieve`."""

from collections.abc import Mapping
from typing import Any

_GROUPS = {"andAll": "$and", "orAll": "$or"}
_OPERATORS = {
    "equals": "$eq",
    "notEquals": "$ne",
    "greaterThan": "$gt",
    "greaterThanOrEquals": "$gte",
    "lessThan": "$lt",
    "lessThanOrEquals": "$lte",
    "in": "$in",
    "notIn": "$nin",
    # S3 user guide, *s3-vectors-metadata-filtering*: $eq on a list asks whether one of its values is equal.
    "listContains": "$eq",
}


def store_filter(condition: Mapping[str, Any]) -> dict[str, Any]:
    """A filter that was read from a request, for `QueryVectors`."""
    [(operator, operand)] = condition.items()
    if operator in _GROUPS:
        return {_GROUPS[operator]: [store_filter(member) for member in operand]}
    return {operand["key"]: {_OPERATORS[operator]: operand["value"]}}
