"""Patterns of events, as EventBridge reads them (user guide, *eb-create-pattern-operators*)."""

import json
from typing import Any

from local.emulator.base.http import ServiceError

_MATCHERS = ("prefix", "suffix", "anything-but", "numeric", "exists", "equals-ignore-case", "wildcard", "cidr")
_COMPARISONS = ("=", "<", "<=", ">", ">=")
_LONGEST = 4_096
"""botocore, PutRule."""


def check(properties: dict[str, Any]) -> None:
    """Refuse a rule whose pattern matches by nothing that EventBridge knows.

    Raises:
        ServiceError: InvalidEventPatternException, with AWS's sentence.
    """
    pattern = properties.get("EventPattern") or {}
    if isinstance(pattern, str):
        try:
            pattern = json.loads(pattern)
        except ValueError:
            raise _refusal("Filter is not an object") from None
    if len(json.dumps(pattern)) > _LONGEST:
        raise _refusal(f"the pattern is longer than {_LONGEST} characters")
    _check_object(pattern)


def _check_object(pattern: Any) -> None:
    if not isinstance(pattern, dict):
        raise _refusal("Filter is not an object")
    for name, value in pattern.items():
        if name == "$or" and isinstance(value, list):
            for one in value:
                _check_object(one)
        elif isinstance(value, dict):
            _check_object(value)
        elif not isinstance(value, list):
            raise _refusal(f'"{name}" must be an object or an array')
        elif not value:
            raise _refusal("Empty arrays are not allowed")
        else:
            for matcher in value:
                _check_matcher(matcher)


def _check_matcher(matcher: Any) -> None:
    if isinstance(matcher, list):
        raise _refusal("Match value must be String, number, true, false, or null")
    if not isinstance(matcher, dict):
        return
    if len(matcher) != 1 or not matcher.keys() <= set(_MATCHERS):
        raise _refusal(f"Unrecognized match type {next(iter(matcher), '')}")
    comparisons = matcher.get("numeric")
    if comparisons is not None and not _compares(comparisons):
        raise _refusal(f"Unrecognized numeric range operator: {comparisons}")


def _compares(comparisons: Any) -> bool:
    if not isinstance(comparisons, list) or len(comparisons) not in (2, 4):
        return False
    numbers = all(isinstance(one, int | float) for one in comparisons[1::2])
    return numbers and all(one in _COMPARISONS for one in comparisons[::2])


def _refusal(reason: str) -> ServiceError:
    return ServiceError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {reason}")
