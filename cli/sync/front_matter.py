"""Front matter of Markdown as attributes, whatever stands there: it came with the document."""

import re
from datetime import date
from pathlib import Path
from typing import Any

from arbiter.aws.calls.deletion import readable
from cli.sync.metadata import MAX_FILE_BYTES

FRONT_BYTES = 1 << 16
"""Front matter ends within these: beyond them a rule of dashes is one of the text."""
MOST_NESTED = 8
"""Brackets within brackets; YAML's time grows with the square of their number."""
_NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
_TEXT = "tag:yaml.org,2002:str"
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE)


def front_matter_of(path: Path) -> dict[str, Any]:
    """The attributes at the head of a Markdown file; none where it has no such head.

    Raises:
        ValueError: the head is no YAML, or one that takes more than metadata may.
    """
    with path.open("rb") as file:
        head = file.read(FRONT_BYTES).decode(errors="ignore")
    if not (match := _FRONT.match(head)):
        return {}
    attributes = {name: _plain(value) for name, value in _loaded(match[1]).items()}
    return {name: value for name, value in attributes.items() if value is not None and value not in ("", [])}


def _loaded(text: str) -> dict[str, Any]:
    """The values of a block by their names; none of what is only a text between two rules."""
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
        block, twice = ({}, None) if aliased else _block(loader(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ValueError(f"is no YAML (line {mark.line + 2 if mark else 1}): correct it") from None
    except (OverflowError, RecursionError, ValueError) as error:
        raise ValueError(f"has a value that cannot be read ({error}): put it in quotes") from None
    if aliased:
        raise ValueError("repeats a part of itself by its name (*…): write it out")
    if twice:
        raise ValueError(f"gives {readable(twice)!r} twice: leave one out")
    return block


def _block(loader: Any) -> tuple[dict[str, Any], str | None]:
    """The values by their names as they are written, and a name that is given twice."""
    node = loader.get_single_node()
    if getattr(node, "id", None) != "mapping":
        return {}, None
    names = [str(name.value) for name, _ in node.value]
    for _, value in node.value:
        for part in value.value if value.id == "sequence" else [value]:
            if part.id == "scalar" and part.tag in _NUMBERS and ":" in part.value:
                part.tag = _TEXT  # YAML 1.1 takes 12:30 for 750.
    values = loader.construct_document(node)
    # By the words that stand there: YAML 1.1 takes `on` and `no` for truth values.
    own = "<<" not in names and len(values) == len(names)
    block = dict(zip(names, values.values(), strict=True)) if own else {str(name): values[name] for name in values}
    return block, next((name for name in names if names.count(name) > 1), None)


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
        return [_plain(item) if isinstance(item, date) else _word(item) for item in value]
    return value


def _word(item: Any) -> str:
    return str(item).lower() if isinstance(item, bool) else str(item)
