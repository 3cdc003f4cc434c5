"""Words of a request: what is read of it, its sentences, and its terms as profiles count them."""

import re
from typing import NamedTuple

READ_FIRST, READ_LAST, MOST_SENTENCES = 800, 400, 24
"""Of a long request its beginning and its end are read: what is asked stands in one of them."""

_WORD = re.compile(r"[^\W_]+(?:[-.'_@/][^\W_]+)*")
_END = re.compile(r"[.!?;:]+\s+|\s*\n\s*")
NUMBER = "#"
"""Stands for every number: a count of words or of items marks a demand whatever it is."""


class Sentence(NamedTuple):
    """One sentence of a request."""

    number: int
    """From 1, as reasons name it."""
    words: tuple[str, ...]
    """Lower case, in their order; numbers are `NUMBER`."""


def read(text: str) -> str:
    """The part of a text that is looked at: all of a short one, both ends of a long one."""
    if len(text) <= READ_FIRST + READ_LAST:
        return text
    return f"{text[:READ_FIRST]}\n{text[-READ_LAST:]}"


def sentences(text: str) -> list[Sentence]:
    """The sentences of what is read of a text, those without a word left out."""
    parts = [words for part in _END.split(read(text)) if (words := split(part))]
    kept = parts if len(parts) <= MOST_SENTENCES else parts[: MOST_SENTENCES - 8] + parts[-8:]
    return [Sentence(number, tuple(words)) for number, words in enumerate(kept, start=1)]


def split(text: str) -> list[str]:
    """The words of a text: an inner `-.'_@/` belongs to the word, but words joined by hyphens are taken apart."""
    words = []
    for word in _WORD.findall(text.lower().replace("\u2019", "'")):
        if word.isdecimal() or (word[0].isdecimal() and word.replace(".", "").isdecimal()):
            words.append(NUMBER)
        elif ("-" in word or "/" in word) and not any(character.isdecimal() for character in word):
            words += re.split("[-/]", word)
        else:
            words.append(word.removesuffix("'s"))
    return words


def term(word: str) -> str:
    """The word as profiles count it: without the ending of an English plural."""
    if len(word) > 3 and word[-1] == "s" and word[-2] not in "sui'":
        return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
    return word
