"""Tokens: those that were used, and how many a text may have."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

BYTES_PER_TOKEN = 3.5
"""English has four to five in the tokenizers of 2026: what is estimated with fewer is rather too much."""
TOOL_TOKENS = 1_000
"""Tokens that asking for JSON through a tool may add to a prompt, beside those of the schema."""
_TURN_OVERHEAD = 64
"""Tokens that a chat template may add to a turn; more than any model family's."""


class Usage(NamedTuple):
    """Tokens that were read and written."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    """Tokens read from the prompt cache, beside those of the input."""
    cache_write_tokens: int = 0
    """Tokens written to it, beside those of the input."""

    def plus(self, other: "Usage") -> "Usage":
        """The tokens of both."""
        return total((self, other))


def total(usages: Iterable[Usage]) -> Usage:
    """The tokens of all."""
    return Usage(*(sum(counts) for counts in zip(Usage(0, 0), *usages, strict=True)))


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has, rather too many: by its bytes, for a Chinese character is a token."""
    return math.ceil(len(text.encode()) / BYTES_PER_TOKEN)


def most_tokens(texts: Iterable[str]) -> int:
    """The most input tokens that texts can have.

    No model's token is shorter than one byte, so the bytes of the input bound its tokens from above: pessimistic by a
    factor of about four for English, and never wrong.
    """
    return sum(len(text.encode()) + _TURN_OVERHEAD for text in texts)


def schema_tokens(schema: Mapping[str, Any] | None) -> int:
    """The most tokens that the schema of an answer adds to a prompt."""
    return 0 if schema is None else len(json.dumps(schema, ensure_ascii=False).encode()) + TOOL_TOKENS
