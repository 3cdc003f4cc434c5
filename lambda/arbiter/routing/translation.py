"""Requests in another language than the documents': words for the documents' terms, and compounds taken apart."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

from arbiter.routing.knowledge import Term
from arbiter.routing.words import REMEMBERED

LANGUAGES = ("de", "es")
"""Into which English terms are translated."""
SHORTEST_PART = 4
TOUCHED = 0.3
"""The nearness from which a word counts as spoken of, though it is none of the documents' own."""
_ENDINGS = {
    "en": ("ational", "ations", "ation", "ments", "ment", "ings", "ing", "ions", "ion", "edly", "ers", "ies", "ed",
           "ness", "able", "ful", "er", "als", "al", "ly", "es", "e", "s", "y"),
    "de": ("ern", "en", "er", "es", "em", "e", "n", "s", "t"),
    "es": ("os", "as", "es", "o", "a", "e", "s"),
}  # fmt: skip
_VOWELS = frozenset("aeiouy")


@lru_cache(maxsize=REMEMBERED)
def stem(word: str, language: str) -> str:
    """The word without the ending that case, number, tense and person change: "swim" of "swimming"."""
    for ending in _ENDINGS.get(language, ()):
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_PART - 1:
            return _bared(word, word[: -len(ending)]) if language == "en" else word[: -len(ending)]
    return word


def _bared(word: str, root: str) -> str:
    """An English root without a doubled consonant or a final "i"; the word itself where no vowel is left."""
    if _VOWELS.isdisjoint(root):
        return word
    if len(root) > SHORTEST_PART - 1 and root[-1] == root[-2] and root[-1] not in "sl":
        root = root[:-1]
    return root.removesuffix("i")


def translate(terms: Mapping[str, Term], near: Mapping[str, float]) -> dict[str, dict[str, Term]]:
    """The stems of each language that stand for terms of English documents; of several terms the strongest counts.

    Args:
        near: words that are none of the terms, by how much the documents speak of what they mean.
    """
    translated: dict[str, dict[str, Term]] = {language: {} for language in LANGUAGES}
    for english, language, word in _dictionary():
        weight = near.get(english, 0.0)
        known, name = terms.get(english) or (Term(weight, 0) if weight >= TOUCHED else None), stem(word, language)
        if known and (name not in translated[language] or translated[language][name].weight < known.weight):
            translated[language][name] = known
    return translated


def english_of(word: str, language: str) -> Sequence[str]:
    """The English terms that a word of another language stands for; none where it is not in the dictionary."""
    return _english().get((language, stem(word, language)), ())


def part_of(name: str, terms: Mapping[str, Term]) -> Term | None:
    """The strongest part of a compound: its longest known end, and what stands before that."""
    for start in range(SHORTEST_PART - 1, len(name) - SHORTEST_PART + 1):
        if end := terms.get(name[start:]):
            first = terms.get(name[:start]) or terms.get(stem(name[:start], "de"))
            return max(end, first) if first else end
    return None


@cache
def _english() -> Mapping[tuple[str, str], Sequence[str]]:
    by_stem: dict[tuple[str, str], list[str]] = {}
    for english, language, word in _dictionary():
        by_stem.setdefault((language, stem(word, language)), []).append(english)
    return by_stem


@cache
def _dictionary() -> tuple[tuple[str, str, str], ...]:
    return tuple(_entries())


def _entries() -> Iterator[tuple[str, str, str]]:
    text = (resources.files("arbiter.routing") / "data" / "translations.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        english, *columns = line.split("|")
        for language, words in zip(LANGUAGES, columns, strict=True):
            yield from ((english, language, word) for word in words.split())
