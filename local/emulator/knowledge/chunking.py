"""Chunks of a text as a data source's configuration asks for them."""

import re
from dataclasses import dataclass
from typing import Any

DEFAULT_TOKENS = 300
DEFAULT_OVERLAP_PERCENT = 20

_TOKEN = re.compile(r"\w+|[^\w\s]")
_SENTENCE = re.compile(r".+?(?:[.!?]\s+|\n+|\Z)", re.DOTALL)
_WORD = re.compile(r"\S+\s*")


class ChunkingError(ValueError):
    """A chunking strategy that is not emulated."""


@dataclass(frozen=True)
class Chunking:
    """How long a chunk is and how much of the last one it repeats; no limit keeps a document whole."""

    max_tokens: int | None = DEFAULT_TOKENS
    overlap_percent: int = DEFAULT_OVERLAP_PERCENT

    @staticmethod
    def parse(configuration: dict[str, Any] | None) -> "Chunking":
        """Read `chunkingConfiguration` of a data source; absent means Bedrock's default.

        Raises:
            ChunkingError: for a strategy that needs a model or more than one level.
        """
        strategy = (configuration or {}).get("chunkingStrategy", "FIXED_SIZE")
        if strategy == "NONE":
            return Chunking(max_tokens=None, overlap_percent=0)
        if strategy != "FIXED_SIZE":
            raise ChunkingError(f"chunking strategy {strategy} is not emulated; allowed: FIXED_SIZE, NONE")
        sizes = (configuration or {}).get("fixedSizeChunkingConfiguration") or {}
        return Chunking(
            int(sizes.get("maxTokens", DEFAULT_TOKENS)), int(sizes.get("overlapPercentage", DEFAULT_OVERLAP_PERCENT))
        )

    def split(self, text: str) -> list[str]:
        """Chunks that end at sentence ends where they can, each repeating the end of the one before."""
        if self.max_tokens is None:
            return [text.strip()] if text.strip() else []
        pieces = [piece for sentence in _SENTENCE.findall(text) for piece in _short(sentence, self.max_tokens)]
        return _pack(pieces, self.max_tokens, self.max_tokens * self.overlap_percent // 100)


def count_tokens(text: str) -> int:
    """Tokens of a text: words and punctuation marks, close to what a subword tokenizer counts in English."""
    return len(_TOKEN.findall(text))


def _short(sentence: str, limit: int) -> list[str]:
    if count_tokens(sentence) <= limit:
        return [sentence]
    pieces, piece, size = [], "", 0
    for word in _WORD.findall(sentence):
        tokens = count_tokens(word)
        if piece and size + tokens > limit:
            pieces.append(piece)
            piece, size = "", 0
        piece += word
        size += tokens
    return [*pieces, piece]


def _pack(pieces: list[str], limit: int, overlap: int) -> list[str]:
    sizes = [count_tokens(piece) for piece in pieces]
    chunks, start = [], 0
    while start < len(pieces):
        end, total = start, 0
        while end < len(pieces) and (end == start or total + sizes[end] <= limit):
            total += sizes[end]
            end += 1
        chunks.append("".join(pieces[start:end]).strip())
        if end == len(pieces):
            break
        start = _step_back(sizes, start, end, overlap)
    return [chunk for chunk in chunks if chunk]


def _step_back(sizes: list[int], start: int, end: int, overlap: int) -> int:
    """Where the next chunk starts: as far before `end` as the overlap allows, and always after `start`."""
    repeated = 0
    while end - 1 > start and repeated + sizes[end - 1] <= overlap:
        end -= 1
        repeated += sizes[end]
    return end
