"""The reason of a failure, found inside what AWS wraps around it."""

import json

_REASONS = ("errorMessage", "FailureMessage", "failureMessage", "Cause", "cause", "Message", "message")


def innermost(cause: str) -> str:
    """The sentence inside the JSON that AWS wraps around the cause of a failure."""
    try:
        inner = json.loads(cause)
    except ValueError:
        return cause.strip()
    if isinstance(inner, dict):
        for name in _REASONS:
            if isinstance(text := inner.get(name), str) and text:
                return innermost(text)
    return cause.strip()
