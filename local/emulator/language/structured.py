"""Values that fit a JSON schema, filled from an answer in words."""

import re
from collections.abc import Callable
from typing import Any

from local.emulator.embedding import lexical

Filler = Callable[[dict[str, Any], str, list[str]], Any]

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_NEGATION = re.compile(r"\b(?:no|not|never|cannot|can't|don't|doesn't|isn't|aren't|none)\b", re.IGNORECASE)


def fill(schema: dict[str, Any], text: str, statements: list[str]) -> Any:
    """A value of the schema's shape that says what the answer says."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return max(schema["enum"], key=lambda value: _shared(str(value), text))
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    filled: Filler = _FILLED.get(kind, _text)
    return filled(schema, text, statements)


def _object(schema: dict[str, Any], text: str, statements: list[str]) -> dict[str, Any]:
    members = schema.get("properties") or {"answer": {"type": "string"}}
    return {name: fill(member, text, statements) for name, member in members.items()}


def _array(schema: dict[str, Any], text: str, statements: list[str]) -> list[Any]:
    texts = statements or [text]
    count = max(int(schema.get("minItems", 0)), min(len(texts), int(schema.get("maxItems", len(texts)))))
    chosen = [texts[position % len(texts)] for position in range(count)]
    return [fill(schema.get("items") or {}, statement, [statement]) for statement in chosen]


def _text(schema: dict[str, Any], text: str, _: list[str]) -> str:
    return text[: schema["maxLength"]] if "maxLength" in schema else text


def _number(text: str, *, integral: bool) -> int | float:
    match = _NUMBER.search(text)
    value = float(match.group().replace(",", "")) if match else 0.0
    return round(value) if integral else value


def _shared(value: str, text: str) -> int:
    return len(set(lexical.terms(value)) & set(lexical.terms(text)))


_FILLED: dict[str, Filler] = {
    "object": _object,
    "array": _array,
    "integer": lambda _, text, __: _number(text, integral=True),
    "number": lambda _, text, __: _number(text, integral=False),
    "boolean": lambda _, text, __: not _NEGATION.search(text),
    "null": lambda *_: None,
}
