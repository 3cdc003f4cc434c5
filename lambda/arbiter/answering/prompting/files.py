"""The owner's prompts: read from files of the repository, and written as the one object that functions read.

The same reader refuses a file when the app is synthesised and understands it when it is deployed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from arbiter.errors import Problem
from arbiter.fields import object_of, text
from arbiter.jsonl import LineError, lines, parse

LARGEST_FILE = 8 << 20
"""Bytes of a file of examples, all of which a function holds in memory."""
MOST_EXAMPLES = 10_000
LONGEST_EXAMPLE = 8_000
"""Characters of a question and of an answer."""
MOST_PROBLEMS = 10
VERSION_LENGTH = 12


class Example(NamedTuple):
    """A question with a good answer."""

    question: str
    answer: str


class Prompts(NamedTuple):
    """The owner's prompts of a deployment."""

    examples: tuple[Example, ...] = ()
    examples_version: str = ""
    """Digest of the examples, as answers and records of evaluations name it."""


class MalformedPromptsError(ValueError):
    """A file that cannot be used; the message names the problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        told = [f"{p.path} {p.problem} (allowed: {p.allowed})" for p in problems[:MOST_PROBLEMS]]
        more = [f"and {len(problems) - MOST_PROBLEMS:,} more problems"] if len(problems) > MOST_PROBLEMS else []
        super().__init__("; ".join([*told, *more]))


def read_examples(content: bytes) -> list[Example]:
    """The examples of a file in JSON Lines; fields beside `question` and `answer` are left aside.

    Raises:
        MalformedPromptsError: naming every problem with its line.
    """
    if len(content) > LARGEST_FILE:
        raise MalformedPromptsError([Problem("the file", f"has {len(content):,} bytes", f"{LARGEST_FILE:,} bytes")])
    examples: list[Example] = []
    problems: list[Problem] = []
    for line in lines([content]):
        if not line.content.strip():
            continue
        path, found = f"line {line.number}", len(problems)
        try:
            value = parse(line)
        except LineError as error:
            problems.append(Problem(path, error.problem, error.remedy))
            continue
        kept = {name: value[name] for name in _PAIR if name in value} if isinstance(value, dict) else value
        fields = _read_pair(kept, path, problems)
        if len(problems) == found:
            examples.append(Example(**fields))
    if not problems and not 0 < len(examples) <= MOST_EXAMPLES:
        problems.append(Problem("the file", f"has {len(examples):,} examples", f"1 to {MOST_EXAMPLES:,}"))
    if problems:
        raise MalformedPromptsError(problems)
    return examples


def dump_prompts(examples: Sequence[Example]) -> bytes:
    """The object that functions read; the same prompts give the same bytes."""
    return json.dumps({"examples": examples}, ensure_ascii=False, sort_keys=True).encode()


def load_prompts(content: bytes) -> Prompts:
    """The prompts in an object that `dump_prompts` wrote.

    Raises:
        ValueError: it is none.
    """
    try:
        written: Mapping[str, Any] = json.loads(content)
        examples = tuple(Example(str(question), str(answer)) for question, answer in written["examples"])
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"it holds no prompts: {error}") from None
    return Prompts(examples, _version(examples))


def _version(part: Any) -> str:
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:VERSION_LENGTH]


_PAIR = {name: text(longest=LONGEST_EXAMPLE) for name in Example._fields}
_read_pair = object_of(_PAIR, required=_PAIR)
