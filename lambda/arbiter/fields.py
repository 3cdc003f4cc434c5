"""Readers of untrusted JSON: each takes a value, its path and the list of problems found so far."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from arbiter.errors import Problem

Read = Callable[[Any, str, list[Problem]], Any]
"""Gives the value, or adds a problem and gives `None`."""

_SHOWN = 40
"""Characters of a refused value that a message repeats."""
UNKNOWN = "is not a known field"
"""The beginning of a problem whose path is a name that the caller made up."""
_MOST_PROBLEMS = 1_000
"""Of a request, before the items of its lists are passed over."""
_UNKNOWN_SHOWN = 10
"""Unknown fields that a message names one by one."""


def text(*, longest: int, blank: bool = False) -> Read:
    """A string that every later encoding can carry, and that says something, unless it may be `blank`."""
    allowed = f"a string of 1 to {longest:,} characters"

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        if (problem := _flaw(value, longest, blank=blank)) is None:
            return value
        problems.append(Problem(path, problem, allowed))
        return None

    return read


def is_number(value: Any) -> bool:
    """Whether a value is a number of JSON: `true` is none, though Python's is."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def integer(low: int, high: int) -> Read:
    """A whole number; JSON's `true` is none, though Python's is."""

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        if type(value) is int and low <= value <= high:
            return value
        problems.append(Problem(path, f"is {shown(value)}", f"a whole number from {low} to {high:,}"))
        return None

    return read


def amount(high: float) -> Read:
    """A finite number above zero."""

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        if type(value) in (int, float) and 0 < value <= high:
            return float(value)
        problems.append(Problem(path, f"is {shown(value)}", f"a number above 0, at most {high:g}"))
        return None

    return read


def flag(value: Any, path: str, problems: list[Problem]) -> Any:
    """`true` or `false`."""
    if isinstance(value, bool):
        return value
    problems.append(Problem(path, f"is {shown(value)}", "true or false"))
    return None


def choice(values: Iterable[str]) -> Read:
    """One of a few words."""
    words = {str(value): value for value in values}

    def read(value: Any, path: str, problems: list[Problem]) -> Any:
        if isinstance(value, str) and value in words:
            return words[value]
        problems.append(Problem(path, f"is {shown(value)}", "one of " + ", ".join(words)))
        return None

    return read


def optional(read: Read) -> Read:
    """Accept what `read` takes, or null."""

    def read_optional(value: Any, path: str, problems: list[Problem]) -> Any:
        return None if value is None else read(value, path, problems)

    return read_optional


def list_of(read: Read, *, fewest: int = 0, most: int) -> Read:
    """A list; when it is too long its items are not looked at."""

    def read_list(value: Any, path: str, problems: list[Problem]) -> Any:
        if not isinstance(value, list) or not fewest <= len(value) <= most:
            is_ = f"has {len(value):,} items" if isinstance(value, list) else f"is {shown(value)}"
            problems.append(Problem(path, is_, f"a list of {fewest} to {most:,} items"))
            return None
        # Of a list that is wrong throughout the rest is not looked at.
        return [read(item, f"{path}[{i}]", problems) for i, item in enumerate(value) if len(problems) < _MOST_PROBLEMS]

    return read_list


def object_of(fields: Mapping[str, Read], *, required: Iterable[str] = ()) -> Read:
    """An object with these fields and no others; gives the fields that are there and right."""
    required = tuple(required)

    def read_object(value: Any, path: str, problems: list[Problem]) -> Any:
        if not isinstance(value, dict):
            problems.append(Problem(path or "request", f"is {shown(value)}", "an object with " + _names(fields)))
            return {}
        before = len(problems)
        prefix = f"{path}." if path else ""
        for name in required:
            if name not in value:
                problems.append(Problem(prefix + name, "is missing", f"{name} is required"))
        if not value.keys() <= fields.keys():
            _refuse_unknown([name for name in value if name not in fields], prefix, fields, problems)
        read = {name: fields[name](item, prefix + name, problems) for name, item in value.items() if name in fields}
        return read if len(problems) == before else {}

    return read_object


def shown(value: Any) -> str:
    """A refused value for people: short, and with look-alike letters given away."""
    if isinstance(value, str):
        return ascii(value) if len(value) <= _SHOWN else f"{value[:_SHOWN]!a}... ({len(value):,} characters)"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return _number(value)


def named(name: Any) -> str:
    """A name that the caller made up, as a part of a path."""
    plain = isinstance(name, str) and name.isidentifier() and name.isascii() and len(name) <= _SHOWN
    return name if plain else shown(name)


def _number(value: Any) -> str:
    if isinstance(value, int) and abs(value) >= 10**_SHOWN:
        return f"a number of more than {_SHOWN} digits"
    return f"{value!r}"[:_SHOWN]


def _flaw(value: Any, longest: int, *, blank: bool) -> str | None:
    if not isinstance(value, str):
        return f"is {shown(value)}"
    if len(value) > longest:
        return f"has {len(value):,} characters"
    if not (value if blank else value.strip()):
        return "is blank"
    if "\0" in value:
        return f"holds a NUL character at position {value.index(chr(0))}"
    return None if value.isascii() else _unencodable(value)


def _unencodable(value: str) -> str | None:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        return f"holds half of a surrogate pair at position {error.start}"
    return None


def _refuse_unknown(unknown: list[Any], prefix: str, fields: Mapping[str, Read], problems: list[Problem]) -> None:
    for name in unknown[:_UNKNOWN_SHOWN]:
        problems.append(Problem((prefix + named(name))[:100], UNKNOWN + _guess(name, fields), _names(fields)))
    if more := unknown[_UNKNOWN_SHOWN:]:
        problems.append(Problem(prefix + "*", f"has {len(more):,} more unknown fields", _names(fields)))


def _guess(name: Any, fields: Mapping[str, Read]) -> str:
    from difflib import get_close_matches  # Only a refused request needs it.

    close = get_close_matches(str(name)[:_SHOWN], fields, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _names(fields: Mapping[str, Read]) -> str:
    return "the fields " + ", ".join(fields)
