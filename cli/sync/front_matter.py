"""Front matter of Markdown as attributes, whatever stands there: it came with the document."""

import re
from datetime import date
from pathlib import Path
from typing import Any

from cli.sync.metadata import MAX_FILE_BYTES

FRONT_BYTES = 1 << 16
"""Front matter ends within these: beyond them a rule of dashes is one of the text."""
MOST_NESTED = 8
"""Brackets within brackets; YAML's time grows with the square of their number."""
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE)


def front_matter_of(path: Path) -> dict[str, Any]:
    """The attributes at the head of a Markdown file; none where it has no such head.

    Raises:
        ValueError: the head is no YAML, or one that takes more than metadata may.
    """
    with path.open("rb") as file:
        head = file.read(FRONT_BYTES).decode(errors="ignore")
    if not (found := _FRONT.match(head)):
        return {}
    block = _loaded(found[1])
    if not isinstance(block, dict):
        return {}  # Text between two rules.
    attributes = {str(name): _plain(value) for name, value in block.items()}
    return {name: value for name, value in attributes.items() if value is not None and value not in ("", [])}


def _loaded(text: str) -> Any:
    import yaml  # Slow to import, and few documents need it.

    if len(text) > MAX_FILE_BYTES:
        raise ValueError(f"has {len(text):,} characters; Bedrock allows {MAX_FILE_BYTES:,} bytes: shorten it")
    if _nested(text) > MOST_NESTED:
        raise ValueError("is nested too deeply: give each of its values an attribute of its own")
    # The same in C is ten times as fast, and not everywhere.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        # A few lines that repeat each other by name stand for billions.
        aliased = "*" in text and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=loader))
        block = None if aliased else yaml.load(text, Loader=loader)  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ValueError(f"is no YAML (line {mark.line + 2 if mark else 1}): correct it") from None
    except (OverflowError, RecursionError, ValueError) as error:
        raise ValueError(f"has a value that cannot be read ({error}): put it in quotes") from None
    if aliased:
        raise ValueError("repeats a part of itself by its name (*…): write it out")
    return block


def _nested(text: str) -> int:
    """How many brackets are open at most at once."""
    deepest = depth = 0
    for character in text:
        depth += (character in "[{") - (character in "]}")
        deepest = max(deepest, depth)
    return deepest


def _plain(value: Any) -> Any:
    """A value as metadata have it: a day as text, the items of a list as texts."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list) and all(isinstance(item, str | int | float | date) for item in value):
        return [_plain(item) if isinstance(item, date) else str(item) for item in value]
    return value
