"""Vectors, metadata and filters that S3 Vectors refuses (its guide, *limitations* and *metadata filtering*)."""

import math
from collections.abc import Sequence
from typing import Any

from local.emulator.base.http import ServiceError

_MOST_KEYS = 50
_LARGEST = 3.4028234663852886e38
"""Of single precision."""
_GROUPS = ("$and", "$or")
_ORDERINGS = ("$gt", "$gte", "$lt", "$lte")
_LISTS = ("$in", "$nin")
_OPERATORS = ("$eq", "$ne", *_ORDERINGS, *_LISTS, "$exists")


def check_vector(numbers: Sequence[float], metric: str) -> None:
    """Refuse numbers that are none or exceed single precision, and a vector without a direction where that is compared.

    Raises:
        ServiceError: ValidationException.
    """
    if not all(math.isfinite(number) and abs(number) <= _LARGEST for number in numbers):
        raise ServiceError("ValidationException", "Vector data must not contain NaN or Infinity values")
    if metric == "cosine" and not any(numbers):
        raise ServiceError("ValidationException", "Zero vectors are not allowed with the cosine distance metric")


def check_metadata(metadata: dict[str, Any]) -> None:
    """Refuse more keys than a vector has, and values that are no text, number, boolean or list of these.

    Raises:
        ServiceError: ValidationException.
    """
    if len(metadata) > _MOST_KEYS:
        raise ServiceError("ValidationException", f"Metadata has {len(metadata)} keys; at most {_MOST_KEYS}")
    for name, value in metadata.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str | int | float) for one in values):
            text = "must be a string, number, boolean or list of them"
            raise ServiceError("ValidationException", f"Metadata value of key '{name}' {text}")


def check_filter(condition: dict[str, Any]) -> None:
    """Refuse operators that S3 Vectors has not, and operands of another type than an operator compares.

    Raises:
        ServiceError: ValidationException.
    """
    for key, wanted in condition.items():
        if key in _GROUPS:
            if not isinstance(wanted, list) or not wanted:
                raise ServiceError("ValidationException", f"Invalid query filter: {key} needs a list of filters")
            for member in wanted:
                check_filter(member)
        elif key.startswith("$"):
            raise ServiceError("ValidationException", f"Invalid query filter: unknown operator {key}")
        elif isinstance(wanted, dict):
            for operator, operand in wanted.items():
                _check_operand(operator, operand)


def _check_operand(operator: str, operand: Any) -> None:
    if operator not in _OPERATORS:
        raise ServiceError("ValidationException", f"Invalid query filter: unknown operator {operator}")
    number = isinstance(operand, int | float) and not isinstance(operand, bool)
    if operator in _ORDERINGS and not number:
        raise ServiceError("ValidationException", f"Invalid query filter: {operator} compares numbers")
    if operator in _LISTS and not (isinstance(operand, list) and operand):
        raise ServiceError("ValidationException", f"Invalid query filter: {operator} needs a list of values")
