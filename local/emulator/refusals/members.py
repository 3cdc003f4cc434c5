"""Values held to the model of the API that they go to: required members, lengths, ranges, enumerations, patterns."""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from local.emulator.base.http import ServiceError

_NUMBERS = ("integer", "long", "float", "double")
_UNLISTED = {"EvaluationTaskType": ("General",)}
"""By shape: values that the user guides name, and the model does not list (docs/assumptions.md)."""
_MINTED = ("guardrailIdentifier", "resourceARN")
"""Members that hold identifiers of guardrails and imported models, which the emulator beneath forms in its own way."""
_TOLD = 60
"""Characters of a value that a refusal repeats."""


def check(value: Any, shape: Any, *, required: Collection[str] = (), renamed: Mapping[str, str] | None = None) -> None:
    """Refuse a value that its shape does not take; members that the shape does not have are left alone.

    Args:
        value: as an API or a template writes it: names in any case, numbers as texts too.
        shape: of botocore's model.
        required: members that the value itself must have; a part of it must have those of its own shape.
        renamed: names that a template has for members.

    Raises:
        ServiceError: ValidationException, with AWS's sentence for each member.
    """
    problems = list(_problems(value, shape, "", required, renamed or {}))
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        raise ServiceError("ValidationException", f"{count}: {'; '.join(problems)}")


def _problems(
    value: Any, shape: Any, at: str, required: Collection[str] | None, renamed: Mapping[str, str]
) -> Iterator[str]:
    kind = shape.type_name
    if value is None or getattr(shape, "is_document_type", False):
        return
    if kind == "structure" and isinstance(value, dict):
        yield from _structure(value, shape, at, required, renamed)
    elif kind == "list" and isinstance(value, list):
        yield from _sized(value, shape, at, len(value), "length")
        if shape.member.type_name in _NUMBERS and not shape.member.metadata:
            return  # A vector: its numbers are looked at by who stores it.
        for position, item in enumerate(value, 1):
            yield from _problems(item, shape.member, f"{at}.{position}.member", None, renamed)
    elif kind == "map" and isinstance(value, dict):
        yield from _sized(value, shape, at, len(value), "length")
        for key, item in value.items():
            yield from _problems(key, shape.key, f"{at}.{key}.key", None, renamed)
            yield from _problems(item, shape.value, f"{at}.{key}.member", None, renamed)
    elif kind in _NUMBERS and not isinstance(value, dict | list):
        yield from _number(value, shape, at)
    elif kind == "string" and not isinstance(value, dict | list):
        yield from _text(str(value), shape, at)


def _structure(
    value: dict[str, Any], shape: Any, at: str, required: Collection[str] | None, renamed: Mapping[str, str]
) -> Iterator[str]:
    members = {name.lower(): name for name in shape.members}
    given = {members.get(renamed.get(name, name).lower(), ""): item for name, item in value.items()}
    for name in shape.required_members if required is None else required:
        if given.get(name) is None:
            yield f"Value null at '{_path(at, name)}' failed to satisfy constraint: Member must not be null"
    for name, item in given.items():
        if name:
            yield from _problems(item, shape.members[name], _path(at, name), None, renamed)


def _path(at: str, name: str) -> str:
    return f"{at}.{name[0].lower()}{name[1:]}".lstrip(".")


def _number(value: Any, shape: Any, at: str) -> Iterator[str]:
    try:
        number = float(value)
    except ValueError:
        yield _sentence(value, shape, at, "be a number")
        return
    yield from _sized(value, shape, at, number, "value")


def _text(value: str, shape: Any, at: str) -> Iterator[str]:
    enum = shape.metadata.get("enum")
    if enum and value not in (*enum, *_UNLISTED.get(shape.name, ())):
        yield _sentence(value, shape, at, f"satisfy enum value set: [{', '.join(enum)}]")
    yield from _sized(value, shape, at, len(value), "length")
    pattern = None if at.endswith(_MINTED) else _compiled(shape.metadata.get("pattern"))
    if pattern and not pattern.fullmatch(value):
        yield _sentence(value, shape, at, f"satisfy regular expression pattern: {pattern.pattern}")


def _sized(value: Any, shape: Any, at: str, size: float, noun: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _sentence(value, shape, at, f"have {noun} greater than or equal to {least}")
    if most is not None and size > most:
        yield _sentence(value, shape, at, f"have {noun} less than or equal to {most}")


def _sentence(value: Any, shape: Any, at: str, must: str) -> str:
    shown = str(value) if len(str(value)) <= _TOLD else f"{str(value)[:_TOLD]}..."
    what = "Value" if shape.metadata.get("sensitive") else f"Value '{shown}'"
    return f"{what} at '{at}' failed to satisfy constraint: Member must {must}"


@cache
def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    """A pattern of the model; `None` where there is none, or it is written for Java alone."""
    try:
        return re.compile(pattern) if pattern else None
    except re.error:
        return None
