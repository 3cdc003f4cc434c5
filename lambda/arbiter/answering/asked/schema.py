"""JSON schemas of answers: the keywords that a request may use, and the places where an answer breaks its schema.

The keywords are those of JSON Schema 2020-12 that can be checked without following references and without running a
caller's regular expression. Any other is refused: a rule that nobody checks would be taken for one that is kept.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from arbiter.answering.asked.text_formats import FORMATS
from arbiter.errors import Problem
from arbiter.fields import Read, choice, integer, is_number, list_of, named, shown, text

Check = Callable[[Any, Any, str], Iterable[str]]
"""Takes a value, what the keyword wants and the value's path; gives a sentence on each flaw."""

ANNOTATIONS = frozenset(("title", "description", "default", "examples", "$schema", "$comment"))
"""Keywords that tell a model what is meant, and that no value can break."""
LONGEST_NAME, MOST_VALUES, MOST_COUNTED = 200, 500, 1_000_000

_PAIRS = (("minItems", "maxItems"), ("minLength", "maxLength"), ("minimum", "maximum"))
_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: is_number(value) and (isinstance(value, int) or value.is_integer()),
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def check_schema(schema: Any, path: str, problems: list[Problem]) -> None:
    """Add every keyword of a schema, and of those inside it, that is unknown or has no fitting value."""
    if not isinstance(schema, dict):
        problems.append(Problem(path, f"is {shown(schema)}", "a schema: an object of keywords"))
        return
    before = len(problems)
    for name, value in schema.items():
        if name in _KEYWORDS:
            _KEYWORDS[name](value, f"{path}.{name}", problems)
        elif name not in ANNOTATIONS:
            allowed = ", ".join((*_KEYWORDS, *sorted(ANNOTATIONS)))
            problems.append(Problem(path, f"has the keyword {shown(name)}, which answers are not checked by", allowed))

    if len(problems) == before:
        problems += [Problem(path, contrary, "rules that one answer can keep") for contrary in _contraries(schema)]


def _contraries(schema: Mapping[str, Any]) -> Iterator[str]:
    """Rules that no answer can keep together: it and its repair would be paid for in vain."""
    for least, most in _PAIRS:
        if least in schema and most in schema and schema[least] > schema[most]:
            yield f"has a {least} above its {most}"
    if schema.get("additionalProperties") is False:
        for name in schema.get("required", ()):
            if name not in schema.get("properties", {}):
                yield f"requires {shown(name)} and does not allow it"


def flaws(value: Any, schema: Mapping[str, Any], path: str = "answer") -> Iterator[str]:
    """Each place where a value breaks a schema that `check_schema` took, in words: `answer.price is missing`."""
    for name, wanted in schema.items():
        if name in _OF_OBJECTS and isinstance(value, dict):
            yield from _OF_OBJECTS[name](value, schema, path)
        elif name in _OF_VALUES:
            yield from _OF_VALUES[name](value, wanted, path)


def _same(one: Any, other: Any) -> bool:
    """Equality of JSON, in which `true` is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _of_type(value: Any, wanted: Any, path: str) -> Iterator[str]:
    words = [wanted] if isinstance(wanted, str) else wanted
    if not any(_TYPES[word](value) for word in words):
        yield f"{path} is {shown(value)}, where {' or '.join(words)} is due"


def _among(value: Any, wanted: Any, path: str) -> Iterator[str]:
    if not any(_same(value, one) for one in wanted):
        yield f"{path} is {shown(value)}, which is none of {', '.join(shown(one) for one in wanted)}"


def _any_of(value: Any, wanted: Any, path: str) -> Iterator[str]:
    if all(any(flaws(value, schema, path)) for schema in wanted):
        yield f"{path} fits none of the schemas of anyOf"


def _formed(value: Any, wanted: Any, path: str) -> Iterator[str]:
    if isinstance(value, str) and not FORMATS[wanted](value):
        yield f"{path} is {shown(value)}, which is no {wanted}"


def _items(value: Any, wanted: Any, path: str) -> Iterator[str]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        yield from flaws(item, wanted, f"{path}[{index}]")


def _bound(kind: type | tuple[type, ...], broken: Callable[[Any, Any], bool], sentence: str) -> Check:
    def check(value: Any, wanted: Any, path: str) -> Iterator[str]:
        if isinstance(value, kind) and not isinstance(value, bool) and broken(value, wanted):
            yield f"{path} {sentence} {wanted:,}"

    return check


def _members(value: dict[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, member in schema["properties"].items():
        if name in value:
            yield from flaws(value[name], member, f"{path}.{name}")


def _missing(value: dict[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    yield from (f"{path}.{name} is missing" for name in schema["required"] if name not in value)


def _others(value: dict[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    allowed = schema["additionalProperties"]
    for name in value.keys() - schema.get("properties", {}).keys():
        if allowed is False:
            yield f"{path} has the member {shown(name)}, which the schema does not allow"
        elif allowed is not True:
            yield from flaws(value[name], allowed, f"{path}.{name}")


_OF_OBJECTS: Mapping[str, Callable[[dict[str, Any], Mapping[str, Any], str], Iterable[str]]] = {
    "properties": _members,
    "required": _missing,
    "additionalProperties": _others,
}
_OF_VALUES: Mapping[str, Check] = {
    "type": _of_type,
    "enum": _among,
    "const": lambda value, wanted, path: _among(value, [wanted], path),
    "anyOf": _any_of,
    "format": _formed,
    "items": _items,
    "minItems": _bound(list, lambda value, least: len(value) < least, "has fewer items than"),
    "maxItems": _bound(list, lambda value, most: len(value) > most, "has more items than"),
    "minLength": _bound(str, lambda value, least: len(value) < least, "has fewer characters than"),
    "maxLength": _bound(str, lambda value, most: len(value) > most, "has more characters than"),
    "minimum": _bound((int, float), lambda value, least: bool(value < least), "is below"),
    "maximum": _bound((int, float), lambda value, most: bool(value > most), "is above"),
    "exclusiveMinimum": _bound((int, float), lambda value, bound: bool(value <= bound), "is not above"),
    "exclusiveMaximum": _bound((int, float), lambda value, bound: bool(value >= bound), "is not below"),
}


def _read_type(value: Any, path: str, problems: list[Problem]) -> Any:
    return (list_of(choice(_TYPES), fewest=1, most=len(_TYPES)) if isinstance(value, list) else choice(_TYPES))(
        value, path, problems
    )


def _read_number(value: Any, path: str, problems: list[Problem]) -> Any:
    if not is_number(value):
        problems.append(Problem(path, f"is {shown(value)}", "a number"))


def _read_properties(value: Any, path: str, problems: list[Problem]) -> Any:
    if not isinstance(value, dict):
        problems.append(Problem(path, f"is {shown(value)}", "an object of schemas"))
        return
    for name, member in value.items():
        check_schema(member, f"{path}.{named(name)}", problems)


def _read_others(value: Any, path: str, problems: list[Problem]) -> Any:
    if not isinstance(value, bool):
        check_schema(value, path, problems)


_ANYTHING: Read = lambda value, path, problems: value  # noqa: E731 - a reader like those that `fields` makes
_COUNT = integer(0, MOST_COUNTED)
_KEYWORDS: Mapping[str, Read] = {
    "type": _read_type,
    "properties": _read_properties,
    "required": list_of(text(longest=LONGEST_NAME), most=MOST_VALUES),
    "additionalProperties": _read_others,
    "items": check_schema,
    "anyOf": list_of(check_schema, fewest=1, most=MOST_VALUES),
    "enum": list_of(_ANYTHING, fewest=1, most=MOST_VALUES),
    "const": _ANYTHING,
    "format": choice(FORMATS),
    **dict.fromkeys(("minItems", "maxItems", "minLength", "maxLength"), _COUNT),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _read_number),
}
