"""JSON read strictly: Python takes a key twice, NaN and numbers beyond every float, of which JSON means none."""

import json
from collections import Counter
from math import isinf
from typing import Any, NoReturn

FENCE = "```"
"""Markdown's, which models put around JSON."""


class RepeatedKeyError(ValueError):
    """An object that gives a key twice: the last would win silently."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class NumberError(ValueError):
    """A number that is none, like NaN, or that no float is large enough for; the message says which."""


def loads(text: str, *, strict: bool = True) -> Any:
    """The value of a text.

    Args:
        strict: whether line ends and tabs must be escaped inside of strings, as JSON demands.

    Raises:
        RepeatedKeyError, NumberError: where readers of JSON differ.
        ValueError: it is no JSON, or has a number with too many digits.
        RecursionError: it is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite, strict=strict)


def loads_reply(reply: str) -> Any:
    """The value of a model's reply, which may stand in a Markdown fence and break its lines inside of strings.

    Raises as `loads`.
    """
    text = reply.strip()
    if text.startswith(FENCE) and text.endswith(FENCE):
        text = text.removeprefix(FENCE).removesuffix(FENCE)
        text = text[4:] if text[:4].lower() == "json" else text
    return loads(text, strict=False)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise RepeatedKeyError(next(name for name in counts if counts[name] > 1))
    return value


def _refuse(word: str) -> NoReturn:
    raise NumberError(f"holds {word}, which is no JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise NumberError(f"holds {digits[:40]}, which no number is large enough for")
    return number
