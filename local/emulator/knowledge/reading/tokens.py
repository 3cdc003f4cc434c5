"""Tokens of a text: words and punctuation marks, close to what a subword tokenizer counts in English."""

import re
from collections.abc import Iterator

from local.emulator.embedding.lexical import SPACELESS

# Scripts without spaces between words have a token a character; no tokenizer has one for letters without an end.
_TOKEN = re.compile(rf"[{SPACELESS}]|[^\W{SPACELESS}]{{1,100}}|[^\w\s]")
_WORD = re.compile(r"\S+\s*")


def count_tokens(text: str) -> int:
    """How many tokens a text has."""
    return len(_TOKEN.findall(text))


def words(text: str, limit: int) -> Iterator[str]:
    """The words of a text with the spaces behind them; one of more tokens than the limit in parts."""
    for word in _WORD.findall(text):
        begin = 0
        for end in [token.end() for token in _TOKEN.finditer(word)][limit - 1 : -1 : limit]:
            yield word[begin:end]
            begin = end
        yield word[begin:]
