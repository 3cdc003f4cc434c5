"""Values that fit a JSON schema, filled from an answer in words."""

import math
import re
from collections.abc import Callable
from typing import Any

from local.emulator.embedding import lexical

Filler = Callable[[dict[str, Any], str, list[str]], Any]

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_DATE, _TIME = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d:\d\dZ"
_FORMS = {
    "date": (_DATE, "2026-01-31"),
    "time": (_TIME, "12:00:00Z"),
    "date-time": (f"{_DATE}T{_TIME}", "2026-01-31T12:00:00Z"),
    "duration": (r"P\d+D", "P1D"),
    "email": (r"[\w.-]+@[\w-]+(?:\.[\w-]+)+", "nobody@example.com"),
    "hostname": (r"[\w-]+(?:\.[\w-]+)+\w", "example.com"),
    "ipv4": (r"\d+(?:\.\d+){3}", "192.0.2.1"),
    "ipv6": (r"[0-9a-f]+(?::[0-9a-f]+){7}", "2001:db8::1"),
    "uri": (r"https?://\S+", "https://example.com/"),
    "uuid": (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "00000000-0000-4000-8000-000000000000"),
}
"""How a text of each format looks where the answer has one, and one that means nothing where it has none."""
_NEGATION = re.compile(r"\b(?:no|not|never|cannot|can't|don't|doesn't|isn't|aren't|none)\b", re.IGNORECASE)


def fill(schema: dict[str, Any], text: str, statements: list[str]) -> Any:
    """A value of the schema's shape that says what the answer says."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return max(schema["enum"], key=lambda value: _shared(str(value), text))
    if "anyOf" in schema:
        rest = {name: rule for name, rule in schema.items() if name != "anyOf"}
        chosen = next((each for each in schema["anyOf"] if each.get("type") != "null"), schema["anyOf"][0])
        return fill({**rest, **chosen}, text, statements)
    kind = schema.get("type", "object" if schema.keys() & {"properties", "required"} else "string")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    filled: Filler = _FILLED.get(kind, _text)
    return filled(schema, text, statements)


def _object(schema: dict[str, Any], text: str, statements: list[str]) -> dict[str, Any]:
    known = schema.get("properties", {})
    members = {**{name: {} for name in schema.get("required", ())}, **known} or {"answer": {"type": "string"}}
    return {name: fill(member, text, statements) for name, member in members.items()}


def _array(schema: dict[str, Any], text: str, statements: list[str]) -> list[Any]:
    texts = statements or [text]
    count = max(int(schema.get("minItems", 0)), min(len(texts), int(schema.get("maxItems", len(texts)))))
    chosen = [texts[position % len(texts)] for position in range(count)]
    return [fill(schema.get("items") or {}, statement, [statement]) for statement in chosen]


def _text(schema: dict[str, Any], text: str, _: list[str]) -> str:
    if schema.get("format") in _FORMS:
        form, otherwise = _FORMS[schema["format"]]
        named = re.search(form, text)
        return named.group() if named else otherwise
    return text[: schema.get("maxLength")].ljust(schema.get("minLength", 0), ".")


def _number(schema: dict[str, Any], text: str, *, integral: bool) -> int | float:
    match = _NUMBER.search(text)
    value: int | float = float(match.group().replace(",", "")) if match else 0.0
    low = max(schema.get("minimum", -math.inf), math.nextafter(schema.get("exclusiveMinimum", -math.inf), math.inf))
    high = min(schema.get("maximum", math.inf), math.nextafter(schema.get("exclusiveMaximum", math.inf), -math.inf))
    if integral:
        value, low, high = round(value), math.ceil(low), math.floor(high)
    bounded: int | float = min(max(value, low), high)
    return bounded


def _shared(value: str, text: str) -> int:
    return len(set(lexical.terms(value)) & set(lexical.terms(text)))


_FILLED: dict[str, Filler] = {
    "object": _object,
    "array": _array,
    "integer": lambda schema, text, _: _number(schema, text, integral=True),
    "number": lambda schema, text, _: _number(schema, text, integral=False),
    "boolean": lambda _, text, __: not _NEGATION.search(text),
    "null": lambda *_: None,
}
