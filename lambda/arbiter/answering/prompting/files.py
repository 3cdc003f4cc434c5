"""The owner's prompts: read from files of the repository, and written as the one object that functions read.

The same reader refuses a file when the app is synthesised and understands it when it is deployed.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from arbiter import strict_json
from arbiter.answering.asked.format import Format, read_format
from arbiter.costs.tokens import estimated_tokens
from arbiter.errors import Problem
from arbiter.fields import list_of, object_of, optional, text
from arbiter.jsonl import BOM, LineError, lines, parse

LARGEST_FILE = 8 << 20
"""Bytes of a file of examples, all of which a function holds in memory."""
MOST_EXAMPLES = 10_000
LONGEST_EXAMPLE = 8_000
"""Characters of a question and of an answer."""
LONGEST_SYSTEM = 20_000
"""Characters; as many as a request's own may have."""
MOST_HOUSE_EXAMPLES = 20
MOST_HOUSE_TOKENS = 8_000
"""Of a house prompt, which every request for it pays for."""
MOST_PROBLEMS = 10
VERSION_LENGTH = 12


class Example(NamedTuple):
    """A question with a good answer."""

    question: str
    answer: str


class House(NamedTuple):
    """The house prompt: how this organisation wants its questions answered."""

    system: str | None = None
    format: Format = Format()
    examples: tuple[Example, ...] = ()

    @property
    def tokens(self) -> int:
        """About how many input tokens it takes, rather too many."""
        return sum(map(estimated_tokens, [self.system or "", *(text for example in self.examples for text in example)]))


class Prompts(NamedTuple):
    """The owner's prompts of a deployment; versions are digests, as answers and records of evaluations name them."""

    examples: tuple[Example, ...] = ()
    examples_version: str = ""
    house: House | None = None
    house_version: str = ""


class MalformedPromptsError(ValueError):
    """A file that cannot be used; the message names the problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        sentences = [f"{p.path} {p.problem} (allowed: {p.allowed})" for p in problems[:MOST_PROBLEMS]]
        more = [f"and {len(problems) - MOST_PROBLEMS:,} more problems"] if len(problems) > MOST_PROBLEMS else []
        super().__init__("; ".join([*sentences, *more]))


def read_examples(content: bytes) -> list[Example]:
    """The examples of a file in JSON Lines; fields beside `question` and `answer` are left aside.

    Raises:
        MalformedPromptsError: naming every problem with its line.
    """
    if len(content) > LARGEST_FILE:
        raise MalformedPromptsError([Problem("the file", f"has {len(content):,} bytes", f"{LARGEST_FILE:,} bytes")])
    examples: list[Example] = []
    problems: list[Problem] = []
    for line in lines([content.removeprefix(BOM)]):
        if not line.content.strip():
            continue
        path, before = f"line {line.number}", len(problems)
        try:
            value = parse(line)
        except LineError as error:
            problems.append(Problem(path, error.problem, error.remedy))
            continue
        kept = {name: value[name] for name in _PAIR if name in value} if isinstance(value, dict) else value
        fields = _read_pair(kept, path, problems)
        if len(problems) == before:
            examples.append(Example(**fields))
    if not problems and not 0 < len(examples) <= MOST_EXAMPLES:
        problems.append(Problem("the file", f"has {len(examples):,} examples", f"1 to {MOST_EXAMPLES:,}"))
    if problems:
        raise MalformedPromptsError(problems)
    return examples


def read_house(content: bytes) -> House:
    """The house prompt of a file: a JSON object with `system`, `format` as in a request, and `examples`.

    Raises:
        MalformedPromptsError: naming every problem.
    """
    problems: list[Problem] = []
    try:
        value = strict_json.loads(content.removeprefix(BOM).decode())
    except (RecursionError, ValueError) as error:
        raise MalformedPromptsError([Problem("the file", f"is no JSON: {error}", "a JSON object as UTF-8")]) from None
    fields = _read_house(value, "", problems)
    house = House(**{**fields, "examples": _pairs(fields.get("examples") or ())}) if not problems else House()
    if not problems and house.tokens > MOST_HOUSE_TOKENS:
        problems.append(Problem("the file", f"has about {house.tokens:,} tokens", f"at most {MOST_HOUSE_TOKENS:,}"))
    if problems:
        raise MalformedPromptsError(problems)
    return house


def dump_prompts(examples: Sequence[Example] = (), house: House | None = None) -> bytes:
    """The object that functions read; the same prompts give the same bytes."""
    own = None if house is None else {**house._asdict(), "format": house.format._asdict()}
    if own is not None:
        own["examples"] = [example._asdict() for example in own["examples"]]
    return json.dumps({"examples": examples, "house": own}, ensure_ascii=False, sort_keys=True).encode()


def load_prompts(content: bytes) -> Prompts:
    """The prompts in an object that `dump_prompts` wrote.

    Raises:
        ValueError: it is none.
    """
    try:
        written: Mapping[str, Any] = json.loads(content)
        examples = tuple(Example(str(question), str(answer)) for question, answer in written["examples"])
        own = written["house"]
        house = (
            House(**{**own, "format": Format(**own["format"]), "examples": _pairs(own["examples"])}) if own else None
        )
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"it holds no prompts: {error}") from None
    return Prompts(examples, _version(examples), house, _version(own))


def _pairs(examples: Iterable[Mapping[str, str]]) -> tuple[Example, ...]:
    return tuple(Example(**example) for example in examples)


def _version(part: Any) -> str:
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:VERSION_LENGTH]


_PAIR = {name: text(longest=LONGEST_EXAMPLE) for name in Example._fields}
_read_pair = object_of(_PAIR, required=_PAIR)
_read_house = object_of(
    {
        "system": optional(text(longest=LONGEST_SYSTEM)),
        "format": read_format,
        "examples": list_of(_read_pair, most=MOST_HOUSE_EXAMPLES),
    }
)
