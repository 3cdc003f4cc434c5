"""A hashed bag of words in pure Python: the lexical half of the embedding, and all of it where numpy is absent."""

import math
import re
import zlib
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

Rarity = Callable[[str], float]

_WORD = re.compile(r"[^\W_]+(?:[._-][^\W_]+)*")
SPACELESS = r"\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Scripts without spaces between words, or whose words bear their grammar."""
UNSPACED = re.compile(f"[{SPACELESS}]+")
"""What is taken by pairs of characters."""
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_MARKUP = re.compile(r"<[^>]+>|\]\([^)]*\)")
_HEADING = re.compile(r"^(?:#|\*\*).*$", re.MULTILINE)
_STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "and",
        "or",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "do",
        "does",
        "did",
        "what",
        "which",
        "who",
        "whom",
        "how",
        "when",
        "where",
        "why",
        "i",
        "you",
        "we",
        "it",
        "that",
        "this",
        "with",
        "by",
        "from",
        "as",
        "can",
        "could",
        "should",
        "would",
        "will",
        "may",
        "my",
        "your",
        "our",
        "its",
        "their",
        "there",
        "these",
        "those",
        "if",
        "then",
        "than",
        "into",
        "not",
        "no",
        "so",
        "such",
        "any",
        "all",
        "also",
        "use",
        "used",
        "using",
        "have",
        "has",
        "had",
        "each",
        "one",
        "more",
        "most",
        "other",
        "some",
        "only",
        "about",
        "between",
        "via",
        "per",
        "within",
    ]
)
_COMMON_WORDS = """amazon aws service services data name value values type example following information request create
    user console want need number time key list set choose add section see resource resources account default specify
    select change support supported feature work works get new run different provide provides available like make must
    update file files contain contains include includes view page step steps topic delete start open note enable allow
    instance size option configuration parameter result action message api application system group role level first
    based single multiple max maximum minimum way"""

_SATURATION = 1.2  # BM25's k1: the tenth mention of a word says little more than the third
_NORM_FLOOR = 20.0  # as BM25 with b near 0: chunks are of one size, so a short one must not win for being short


def content(sentence: str) -> str:
    """A sentence without markup and filler words."""
    words = _WORD.findall(_MARKUP.sub(" ", sentence.replace("\\", "")))
    return " ".join(word for word in words if word.lower() not in _STOP)


def terms(text: str) -> list[str]:
    """Words that carry meaning, stemmed; a compound such as `GetItem` counts whole and in parts."""
    plain = UNSPACED.sub(_pairs, _MARKUP.sub(" ", text.replace("\\", "")))
    stems = []
    for word in _WORD.findall(plain):
        if word.lower() in _STOP:
            continue
        stems.append(stem(word.lower()))
        parts = _PARTS.findall(word)
        if len(parts) > 1:
            stems.extend(stem(part.lower()) for part in parts if len(part) > 1 and part.lower() not in _STOP)
    return stems


def _pairs(run: re.Match[str]) -> str:
    characters = run[0]
    return f" {' '.join(characters[at : at + 2] for at in range(max(1, len(characters) - 1)))} "


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A word without its commonest English endings."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word[: -len(ending)] + instead
            break
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


_COMMON = frozenset(stem(word) for word in _COMMON_WORDS.split())


def rarity(word: str) -> float:
    """How much a word tells, guessed from its form: names with digits and long words are rare, filler is not."""
    if word in _COMMON:
        return 0.65
    return 0.9 + 0.02 * min(len(word), 10) + (0.15 if any(character.isdigit() for character in word) else 0.0)


def weights(text: str, rare: Rarity = rarity) -> dict[str, float]:
    """Each term's weight in a text; a term in a heading counts twice."""
    counts = Counter(terms(text))
    counts.update(terms("\n".join(_HEADING.findall(text))))
    return {term: rare(term) * n * (_SATURATION + 1) / (n + _SATURATION) for term, n in counts.items()}


def embed(text: str, dimensions: int, rare: Rarity = rarity, *, passage: bool = False) -> list[float]:
    """A unit vector of hashed term weights.

    The first dimension takes what a passage lacks to unit length, so that passages compare by what they share with
    a question and not by how short they are. Questions hold nothing there, whatever their length and line breaks.
    """
    vector = [0.0] * dimensions
    for term, weight in weights(text, rare).items():
        code = term.encode()
        direction = 1 if zlib.crc32(code, 99) & 128 else -1
        vector[1 + zlib.crc32(code) % (dimensions - 1)] += direction * weight
    square = sum(value * value for value in vector)
    if not square:
        vector[0] = 1.0
        return vector
    floor = _NORM_FLOOR if passage else 0.0
    norm = math.sqrt(square + floor * floor)
    vector = [value / norm for value in vector]
    vector[0] = floor / norm
    return vector
