"""Searching by meaning and by words at once: what is asked of each, and one ranking of what both find."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from arbiter.answering.prompts import Passage
from arbiter.answering.retrieval import good
from arbiter.answering.searching.fusion import fused

LEAST_READ = 40
"""Passages that each search reads, at the least: ranks fused from 30 on find the most of 50 questions on 454 pages."""
LONGEST_TEXT = 1_024
"""botocore: QueryTextString of S3 Vectors."""

_WORD = re.compile(r"[^\W_]+(?:[._-][^\W_]+)*")
_NAME = re.compile(r"\d|_|[a-z][A-Z]|^[A-Z]{2,}$|[^\W_][.][^\W_]")
"""What makes a word a name: a digit, an underscore, an inner capital, nothing but capitals, an inner full stop."""
_BLANK, _ADDRESS = re.compile(r"\s"), re.compile(r"\w+://")
"""Of addresses and ids none is a text, though one may hold the few words of a small chunk."""
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def query_text(question: str) -> str:
    """The words of a question as they are searched for: each once, compound names also in parts.

    S3 Vectors cuts no word at its capitals: `GroundTruth` would not find `Ground Truth`. What is too long for a query
    loses its last words that are no names.
    """
    words = list(dict.fromkeys(_WORD.findall(question)))
    parts = [part for word in words for part in _parts(word) if part not in words]
    first = [word for word in words if _NAME.search(word)]
    text, kept = 0, set[str]()
    for word in dict.fromkeys([*first, *words, *parts]):
        if text + len(word) < LONGEST_TEXT:
            text += len(word) + 1
            kept.add(word)
    return " ".join(word for word in dict.fromkeys([*words, *parts]) if word in kept)


def combined(
    meaning: Sequence[Passage], words: Sequence[Passage], question: str, minimum_score: float
) -> list[Passage]:
    """The passages of both searches in one ranking, each once; those found by words alone have no score.

    Whoever asks for a least score gets no passage for a common word alone: one found by words must then hold a name
    of the question, such as an error code. What scores less counts as found by words alone: however few passages there
    are, so that a search by meaning returns them all, a name is found.
    """
    strong = good(meaning, minimum_score)
    measured = {(passage.uri, passage.text): passage for passage in strong}
    names = {word.lower() for word in _WORD.findall(question) if _NAME.search(word)} if minimum_score else set()
    kept = [
        passage
        for passage in words
        if not minimum_score or names & {word.lower() for word in _WORD.findall(passage.text)}
    ]
    by_text = {_enclosing(passage, strong): passage for passage in kept}
    both = {**by_text, **measured}
    return [both[key] for key in fused([list(measured), list(by_text)])]


def whole_text(text: str, beside: object) -> str:
    """The text of the large chunk that a small one stands in, which `Retrieve` gives in its place; else the same text.

    Under hierarchical chunking S3 Vectors keeps it in the metadata beside the small one (Bedrock user guide,
    *knowledge-base-setup*), under a name that is documented nowhere: it is recognised by what it holds.
    """
    around = (each for each in _texts(beside) if text in each and _BLANK.search(each) and not _ADDRESS.match(each))
    return max(around, key=len, default=text)


def _texts(value: object) -> Iterator[str]:
    """Every text in a value from JSON, and in the texts that are JSON themselves."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        nested = _loaded(value) if value[:1] in ("{", "[") else None
        yield from [value] if nested is None else _texts(nested)


def _loaded(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _enclosing(passage: Passage, meaning: Sequence[Passage]) -> tuple[str, str]:
    """The uri and text of a passage, or of the one around it: `Retrieve` gives a large chunk for a small one in it."""
    around = (each.text for each in meaning if each.uri == passage.uri and passage.text in each.text)
    return passage.uri, next(around, passage.text)


def _parts(word: str) -> list[str]:
    """The parts of a compound name; none of a word with other letters than English ones, which no name has."""
    parts = _PART.findall(word) if word.isascii() else []
    return [part for part in parts if len(part) > 1] if len(parts) > 1 else []
