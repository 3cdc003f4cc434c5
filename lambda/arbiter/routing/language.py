"""The words that carry no subject: which language a text is in, and which words do not count."""

from collections.abc import Mapping, Sequence
from importlib import resources


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

_TOLD_APART = {name: SMALL_WORDS[f"function {name}"] for name in (*LANGUAGES, "other")}
TOLD_BY = 40
"""Words by which a language is told."""


def language_of(words: Sequence[str], default: str = "en") -> str:
    """The language of which the most function words occur; the default, when no other has more of them.

    `other` stands for the languages whose words are not known here.
    """
    first = frozenset(words[:TOLD_BY])
    best, most = default, len(_TOLD_APART[default] & first)
    for language, known in _TOLD_APART.items():
        if (met := len(known & first)) > most:
            best, most = language, met
    return best
