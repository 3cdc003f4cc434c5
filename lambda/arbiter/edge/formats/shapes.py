"""Shapes of JSON: the reader that checks a value, and the JSON schema that is published of it."""

from collections.abc import Iterable, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from arbiter.errors import Problem
from arbiter.fields import Read, choice, flag, integer, list_of, object_of, shown, text

Schema = dict[str, Any]


class Shape(NamedTuple):
    """The reader of a value and its schema."""

    read: Read
    schema: Schema


def record(fields: Mapping[str, Shape], *, required: Iterable[str] = ()) -> Shape:
    """An object with these fields and no others."""
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: shape.schema for name, shape in fields.items()},
    }
    needed = list(required)
    read = object_of({name: shape.read for name, shape in fields.items()}, required=needed)
    return Shape(read, {**schema, "required": needed} if needed else schema)


def words(longest: int) -> Shape:
    """A string that says something."""
    return Shape(text(longest=longest), {"type": "string", "pattern": r"\S", "maxLength": longest})


def characters(longest: int) -> Shape:
    """A string that may be blank, and is not empty."""
    return Shape(text(longest=longest, blank=True), {"type": "string", "minLength": 1, "maxLength": longest})


def number(low: int, high: int) -> Shape:
    """A whole number."""
    return Shape(integer(low, high), {"type": "integer", "minimum": low, "maximum": high})


def texts_by_name(most: int, *, name: int, value: int) -> Shape:
    """An object of so many texts under names of one's own, of so many characters."""
    named, valued = text(longest=name), or_blank(words(value)).read
    schema = {
        "type": "object",
        "maxProperties": most,
        "propertyNames": words(name).schema,
        "additionalProperties": {"type": "string", "maxLength": value},
    }

    def read(given: Any, path: str, problems: list[Problem]) -> Any:
        flaws: list[Problem] = []
        fits = isinstance(given, dict) and len(given) <= most
        for label, content in given.items() if fits else ():
            named(label, path, flaws)
            valued(content, path, flaws)
        if flaws or not fits:
            allowed = f"an object of at most {most} texts of {value} characters, under names of {name}"
            problems.append(Problem(path, f"is {shown(given)} of another kind", allowed))
        return given

    return Shape(read, schema)


switch = Shape(flag, {"type": "boolean"})
"""True or false."""


def one_of(values: Iterable[str]) -> Shape:
    """One of a few words."""
    listed = [str(value) for value in values]
    return Shape(choice(listed), {"type": "string", "enum": listed})


def several(shape: Shape, *, fewest: int = 0, most: int) -> Shape:
    """A list."""
    schema = {"type": "array", "items": shape.schema, "minItems": fewest, "maxItems": most}
    return Shape(list_of(shape.read, fewest=fewest, most=most), schema)


def either(texts: Shape, items: Shape) -> Shape:
    """A string, or a list."""

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        return (texts if isinstance(value, str) else items).read(value, path, problems)

    return Shape(read, {"anyOf": [texts.schema, items.schema]})


def or_blank(shape: Shape) -> Shape:
    """The value, or one that says nothing, read as an empty text: null, blanks, no items."""

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        blank = value is None or value == [] or (isinstance(value, str) and not value.strip())
        return "" if blank else shape.read(value, path, problems)

    return Shape(read, {"anyOf": [shape.schema, {"enum": [None, "", []]}]})


def nullable(shape: Shape) -> Shape:
    """The value, or null, which says as much as leaving it out."""

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        return None if value is None else shape.read(value, path, problems)

    return Shape(read, {"anyOf": [shape.schema, {"type": "null"}]})


def only(values: Iterable[Any], because: str) -> Shape:
    """A field of other services of which only values without an effect are taken; any other is refused, not ignored."""
    allowed = [None, *values]

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        if not any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in allowed):
            problems.append(Problem(path, f"is {shown(value)}, which cannot be honoured: {because}", "leave it out"))

    return Shape(read, {"enum": allowed, "description": because})


def passed(schema: Schema) -> Shape:
    """A value that is handed on unread to a reader of its own."""
    return Shape(lambda value, path, problems: value, schema)


def schema_of(kind: Any) -> Schema:
    """The schema of a type that a request consists of: named tuples, literals, plain types and what may be null."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        members = [argument for argument in arguments if argument is not NoneType]
        plain = schema_of(members[0])
        return plain if len(members) == len(arguments) else {"anyOf": [plain, {"type": "null"}]}
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": schema_of(arguments[0])}
    if hasattr(kind, "_fields"):
        return _schema_of_tuple(kind)
    return dict(_PLAIN.get(kind, {"type": "object"}))


def _schema_of_tuple(kind: Any) -> Schema:
    hints = get_type_hints(kind)
    required = [name for name in kind._fields if name not in kind._field_defaults]
    schema: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: schema_of(hints[name]) for name in kind._fields},
    }
    return {**schema, "required": required} if required else schema


_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string", "minLength": 1},
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": 1},
    float: {"type": "number", "exclusiveMinimum": 0},
}
