"""The words that carry no subject: which language a text is in, and which words do not count."""

from collections import Counter
from collections.abc import Iterable, Mapping
from importlib import resources
from itertools import islice, repeat


def _lists() -> Mapping[str, frozenset[str]]:
    text = (resources.files("arbiter.routing") / "data" / "small-words.txt").read_text(encoding="utf-8")
    lines = (line.partition(":") for line in text.splitlines())
    return {name: frozenset(words.split()) for name, _, words in lines}


SMALL_WORDS = _lists()
"""Short lists of words by what they do: `function LANGUAGE`, `manner`, `opener`, `pointer`, `closer`."""
LANGUAGES = ("en", "de", "es")
FUNCTION_WORDS = {language: SMALL_WORDS[f"function {language}"] for language in LANGUAGES}
UNCOUNTED = SMALL_WORDS["manner"].union(*FUNCTION_WORDS.values())
"""Words that do not tell what a request is about: function words, and those that say how to answer."""

TOLD_BY = 40
"""Words by which a language is told."""

_TOLD_APART = (*LANGUAGES, "other")


def _votes() -> Mapping[str, int]:
    """For each function word a byte a language, in their order: one where the word is of that language."""
    votes = Counter[str]()
    for number, name in enumerate(_TOLD_APART):
        votes.update(dict.fromkeys(SMALL_WORDS[f"function {name}"], 1 << 8 * number))
    return votes


_VOTES = _votes()
"""Votes of many words are added up at once: of all languages together there is one sum."""


def language_of(words: Iterable[str], default: str = "en") -> str:
    """The language of which the most function words occur; the default, when no other has more of them.

    `other` stands for the languages whose words are not known here.
    """
    votes = sum(map(_VOTES.get, frozenset(islice(words, TOLD_BY)), repeat(0))).to_bytes(len(_TOLD_APART), "little")
    most = max(votes)
    return _TOLD_APART[votes.index(most)] if most > votes[_TOLD_APART.index(default)] else default
