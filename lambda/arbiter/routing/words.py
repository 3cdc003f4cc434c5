"""Words of a request: what is read of it, its sentences, and its terms as profiles count them."""

import re
from functools import lru_cache
from typing import NamedTuple

READ_FIRST, READ_LAST = 120, 110
MOST_SENTENCES, LAST_SENTENCES = 6, 3
"""Of a long request its beginning and its end are read: what is asked stands in one of them."""

REMEMBERED = 2_048
"""Words whose forms are remembered, for each form some 200 bytes a word."""

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
    """The part of a text that is looked at: all of a short one, of a long one both ends, up to whole words."""
    if len(text) <= READ_FIRST + READ_LAST:
        return text
    first, last = text[:READ_FIRST], text[-READ_LAST:]
    return f"{first.rpartition(' ')[0] or first}\n{last.partition(' ')[2] or last}"


def sentences(text: str) -> list[Sentence]:
    """The sentences of what is read of a text, each once, those without a word left out; of many, both ends."""
    listed: list[list[str]] = [[]]
    words = listed[0]
    for token in _plain(read(text)).replace("\n", " . ").split():
        if token.isalpha():
            words.append(NUMBER if token in _NUMERALS else token)
            continue
        words += _inner(token)
        if token[-1] in _ENDS:
            listed.append(words := [])
    kept = list(dict.fromkeys([tuple(words) for words in listed if words]))
    if len(kept) > MOST_SENTENCES:
        kept = kept[: MOST_SENTENCES - LAST_SENTENCES] + kept[-LAST_SENTENCES:]
    return [Sentence(number, words) for number, words in enumerate(kept, start=1)]


@lru_cache(maxsize=REMEMBERED)
def _inner(token: str) -> tuple[str, ...]:
    """The words of a token with marks or digits in it or around it."""
    word = token.strip(_AROUND)
    if word.isalpha():
        return (NUMBER if word in _NUMERALS else word,)
    return tuple(part for inner in _WORD.findall(word) for part in ([NUMBER] if inner in _NUMERALS else _odd(inner)))


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


@lru_cache(maxsize=REMEMBERED)
def term(word: str) -> str:
    """The word as profiles count it: without the ending of an English plural."""
    if len(word) > 3 and word[-1] == "s" and word[-2] not in "sui'":
        return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
    return word
