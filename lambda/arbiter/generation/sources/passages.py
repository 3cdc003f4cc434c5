"""Passages of a document: cut where its text breaks, each with its place, so that a pair can show its source."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

BYTES_PER_TOKEN = 4
SHORTEST = 160
"""Characters below which a passage says too little to ask about."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n")


@dataclass(frozen=True)
class Excerpt:
    """A piece of a document's text: `text == document[start:end]`."""

    text: str
    start: int
    end: int

    def dump(self) -> dict[str, Any]:
        return {"text": self.text, "start": self.start, "end": self.end}

    @classmethod
    def parse(cls, value: dict[str, Any]) -> "Excerpt":
        return cls(value["text"], value["start"], value["end"])


def cut(text: str, max_tokens: int) -> list[Excerpt]:
    """The passages of a text, in order and disjoint; those too short to ask about are left out."""
    longest = max_tokens * BYTES_PER_TOKEN
    shortest = min(SHORTEST, longest // 4)
    return [Excerpt(text[start:end], start, end) for start, end in _packed(text, longest) if end - start >= shortest]


def spread(count: int, of: int) -> list[int]:
    """All places below `of`: first `count` of them spread evenly, then those between."""
    count = min(count, of)
    first = [index * of // count for index in range(count)] if count else []
    return first + [index for index in range(of) if index not in set(first)]


def _packed(text: str, longest: int) -> Iterator[tuple[int, int]]:
    """Blocks joined while they fit; a heading begins a new passage once half of one is full."""
    start = end = -1
    for block_start, block_end in _blocks(text, longest):
        full = block_end - start > longest
        section = text.startswith("#", block_start) and end - start > longest // 2
        if start >= 0 and (full or section):
            yield start, end
            start = -1
        start = block_start if start < 0 else start
        end = block_end
    if start >= 0:
        yield start, end


def _blocks(text: str, longest: int) -> Iterator[tuple[int, int]]:
    """Paragraphs; one that is too long in pieces that end with a sentence, a line or a word where they can."""
    for start, end in _paragraphs(text):
        while end - start > longest:
            piece = _piece_end(text, start, start + longest)
            yield start, piece
            start = piece + (len(text[piece:end]) - len(text[piece:end].lstrip()))
        if start < end:
            yield start, end


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Lines without a blank one between them, from the first to the last character that is no space."""
    start = end = offset = 0
    for line in text.splitlines(keepends=True):
        if content := line.strip():
            first = offset + line.index(content[0])
            start = first if end <= start else start
            end = first + len(content)
        elif end > start:
            yield start, end
            start = end
        offset += len(line)
    if end > start:
        yield start, end


def _piece_end(text: str, start: int, latest: int) -> int:
    ends = [match.start() for match in _SENTENCE_END.finditer(text, start + 1, latest)]
    if ends:
        return ends[-1]
    space = text.rfind(" ", start + 1, latest)
    return space if space > start else latest
