"""Texts that nearly repeat one another: bottom-k sketches of their shingles, held in bounded memory."""

import re
import unicodedata
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

SKETCH = 128
"""Hashes kept of a text: the error of a similarity estimated from them is about 0.035 where it is 0.8."""
# Each of a text's n smallest hashes is one of another text's with a probability of about their similarity s: fewer than
# two are shared with (1 - s) ** n + n * s * (1 - s) ** (n - 1), which is one in 2,500 for s = 0.75.
_ANCHORS = 8
_SHARED_ANCHORS = 2
# A phrase that every sample begins with leads to no more texts than this.
_LISTED = 8
# What is asked turns on the last characters of C++ and C#, on operators, comparisons and currencies, on a minus
# before a number, and on pictures; no other punctuation says anything.
_WORD = re.compile(
    r"\w+(?:\+\+|#(?=\W|$))?|(?<!\w)-(?=\d)|(?<=\d )[-*/](?= \d)|[+<>=|&$%^~]|!(?==)"
    r"|[\u00b1\u00d7\u00f7\u20a0-\u20cf\u2190-\u2bff\U0001f000-\U0001faff]"
)
# Mean characters a word beyond which a text has no spaces between words (Chinese, Japanese, Thai).
_UNSPACED = 14

Sketch: TypeAlias = "array[int]"


def plain(text: str) -> str:
    """The words of a text in lower case, one space apart: what makes two wordings the same."""
    plain_text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_WORD.findall(plain_text) or plain_text.split())


def by_words(plain_text: str) -> Sketch:
    """A sketch of a plain text by runs of three words, or of three characters where words are not set apart."""
    words = plain_text.split()
    if len(words) * _UNSPACED < len(plain_text):
        return _sketch([ord(character) for character in plain_text])
    return _sketch([_number(word) for word in words])


@lru_cache(maxsize=1 << 16)
def _number(word: str) -> int:
    """The same in every process, unlike the hash of a text."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def by_characters(text: str) -> Sketch:
    """A sketch of a short text, by runs of three characters."""
    return _sketch([ord(character) for character in plain(text)])


def _sketch(tokens: Sequence[int]) -> Sketch:
    # Python hashes tuples of integers, unlike texts, the same in every process.
    shingles = set(map(hash, zip(tokens, tokens[1:], tokens[2:], strict=False)))
    return array("q", sorted(shingles)[:SKETCH])


def similarity(one: Sketch, other: Sketch) -> float:
    """The share of shingles that two texts have in common (Jaccard), estimated from their sketches."""
    first, second = set(one), set(other)
    both = first & second
    union = sorted(first | second)[:SKETCH]
    return sum(value in both for value in union) / len(union) if union else 0.0


class NearTexts:
    """Finds the first text seen before that a text nearly repeats."""

    def __init__(self, threshold: float, sketches: Iterable[tuple[int, Sketch]] = ()) -> None:
        self._threshold = threshold
        self._sketches: dict[int, Sketch] = {}
        self._anchored: dict[int, Sketch] = {}
        for number, sketch in sketches:
            self.add(number, sketch)

    def add(self, number: int, sketch: Sketch) -> None:
        """Hold a text under its number."""
        self._sketches[number] = sketch
        for anchor in sketch[:_ANCHORS]:
            listed = self._anchored.setdefault(anchor, array("q"))
            if len(listed) < _LISTED:
                listed.append(number)

    def find(self, sketch: Sketch) -> int | None:
        """The number of the first text held that is at least as similar as the threshold."""
        hashes = set(sketch)
        for number in self._candidates(sketch):
            held = self._sketches[number]
            # The share cannot reach the threshold with less in common: cheap, and true of nearly all.
            enough = self._threshold * max(len(sketch), len(held))
            if len(hashes.intersection(held)) >= enough and similarity(sketch, held) >= self._threshold:
                return number
        return None

    def _candidates(self, sketch: Sketch) -> list[int]:
        """Texts held that have some of their smallest hashes in common with this one."""
        anchors = sketch[:_ANCHORS]
        shared = Counter(number for anchor in anchors for number in self._anchored.get(anchor, ()))
        needed = min(_SHARED_ANCHORS, len(anchors))
        return sorted(number for number, count in shared.items() if count >= needed)
