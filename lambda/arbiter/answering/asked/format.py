"""The form of an answer that a request asks for: text, or JSON by a schema."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from arbiter.errors import Problem
from arbiter.fields import choice, object_of, optional, shown

LARGEST_SCHEMA = 20_000
"""Bytes of the answer's JSON schema, which is paid for as input in every request."""
DEEPEST_SCHEMA = 30
"""Levels of it; Python's encoders give up at a depth that differs by version."""


ANY_OBJECT: Mapping[str, Any] = {"type": "object"}
"""The schema that stands for none, where an answer is wanted as JSON."""


class Format(NamedTuple):
    """The form of the answer."""

    type: Literal["text", "json"] = "text"
    schema: Mapping[str, Any] | None = None

    @property
    def asked_schema(self) -> Mapping[str, Any] | None:
        """The schema that a model is given; `None` for an answer in text."""
        return (self.schema or ANY_OBJECT) if self.type == "json" else None


def read_format(value: Any, path: str, problems: list[Problem]) -> Any:
    """Read the form of an answer."""
    fields = _read_format_fields(value, path, problems)
    if fields.get("schema") is not None and fields.get("type") != "json":
        problems.append(Problem(f"{path}.schema", "is given for an answer in text", 'a schema with "type": "json"'))
    return Format(**fields)


def _read_schema(value: Any, path: str, problems: list[Problem]) -> Any:
    allowed = f'a JSON schema with "type": "object", at most {LARGEST_SCHEMA:,} bytes and {DEEPEST_SCHEMA} levels'
    value, unwritable = _written_out(value)
    if unwritable is not None:
        problems.append(Problem(path, unwritable, allowed))
    elif not isinstance(value, dict) or value.get("type") != "object":
        is_ = f"has the type {shown(value.get('type'))}" if isinstance(value, dict) else f"is {shown(value)}"
        problems.append(Problem(path, is_, allowed))
    elif (flaw := _schema_flaw(value)) is not None:
        problems.append(Problem(path, flaw, allowed))
    else:
        from arbiter.answering.asked.schema import check_schema  # Few requests bring a schema.

        check_schema(value, path, problems)
    return value


def _written_out(schema: Any) -> tuple[Any, str | None]:
    """A schema without references, or why it cannot be had."""
    if not isinstance(schema, dict) or not any(group in schema for group in ("$defs", "definitions")):
        return schema, None
    if (flaw := _schema_flaw(schema)) is not None:
        return schema, flaw
    from arbiter.answering.asked.references import UnwritableError, written_out  # Few schemas refer.

    try:
        return written_out(schema, largest=LARGEST_SCHEMA, deepest=DEEPEST_SCHEMA), None
    except UnwritableError as error:
        return schema, str(error)


def _schema_flaw(schema: dict[str, Any]) -> str | None:
    level: list[Any] = [schema]
    for _ in range(DEEPEST_SCHEMA):
        level = [child for node in level for child in _children(node)]
        if any(isinstance(node, str) and "\0" in node for node in level):
            return "holds a NUL character"
    if level:
        return "is nested too deeply"
    try:
        length = len(json.dumps(schema, allow_nan=False, ensure_ascii=False).encode())
    except ValueError:  # NaN, an infinity, a lone surrogate, or a number too long for Python to write.
        return "holds a number or a character that JSON cannot carry"
    return f"has {length:,} bytes" if length > LARGEST_SCHEMA else None


def _children(node: Any) -> Iterable[Any]:
    if isinstance(node, dict):
        return (*node, *node.values())
    return node if isinstance(node, list) else ()


_read_format_fields = object_of(
    {"type": choice(("text", "json")), "schema": optional(_read_schema)}, required=("type",)
)
