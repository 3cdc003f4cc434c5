"""Words of a request: what is read of it, its sentences, and its terms as profiles count them."""

import re
from functools import lru_cache
from typing import NamedTuple

READ_FIRST, READ_LAST = 220, 180
MOST_SENTENCES, LAST_SENTENCES = 6, 3
"""Of a long request its beginning and its end are read: what is asked stands in one of them."""

_WORD = re.compile(r"\w+(?:[-.'@/]\w+)*")
_NUMERALS = {
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"),
    *("dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"),
}
_ENDS = frozenset(".!?;:")
_AROUND = ".!?;:,()[]{}<>\"'`*+-=/\\|#&%$@^~“”„»«¿¡…—"
"""Marks that stand around words: stripping them is faster than an expression."""
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
    """The sentences of what is read of a text, those without a word left out; of many, the first and the last."""
    listed: list[list[str]] = [[]]
    words = listed[0]
    for token in _plain(read(text)).replace("\n", " . ").split():
        if token.isalpha():
            words.append(NUMBER if token in _NUMERALS else token)
            continue
        word = token.strip(_AROUND)
        if word.isalpha():
            words.append(NUMBER if word in _NUMERALS else word)
        elif word:
            for inner in _WORD.findall(word):
                words += [NUMBER] if inner in _NUMERALS else _odd(inner)
        if token[-1] in _ENDS:
            listed.append(words := [])
    kept = [words for words in listed if words]
    if len(kept) > MOST_SENTENCES:
        kept = kept[: MOST_SENTENCES - LAST_SENTENCES] + kept[-LAST_SENTENCES:]
    return [Sentence(number, tuple(words)) for number, words in enumerate(kept, start=1)]


def split(text: str) -> list[str]:
    """The words of a text: an inner `-.'@/` belongs to the word, but words joined by hyphens are taken apart."""
    words: list[str] = []
    for word in _WORD.findall(_plain(text)):
        if word.isalpha():
            words.append(word)
        else:
            words += _odd(word)
    return words


def _plain(text: str) -> str:
    return text.lower().replace("\u2019", "'")


def _odd(word: str) -> list[str]:
    """The words that one with digits or marks in it stands for."""
    if word.replace(".", "").isdecimal():
        return [NUMBER]
    if ("-" in word or "/" in word) and not any(character.isdecimal() for character in word):
        return re.split("[-/]", word)
    return [word.removesuffix("'s")]


@lru_cache(maxsize=50_000)
def term(word: str) -> str:
    """The word as profiles count it: without the ending of an English plural."""
    if len(word) > 3 and word[-1] == "s" and word[-2] not in "sui'":
        return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
    return word
