"""Text of AWS's responses, made fit for every later encoding."""

from typing import Any


def text_of(value: Any) -> str:
    """A string without halves of surrogate pairs, which UTF-8 cannot carry; an empty one for anything else."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def object_of(value: Any) -> dict[str, Any]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}
