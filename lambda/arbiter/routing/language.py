"""The words that carry no subject: which language a text is in, and which words do not count."""

from collections.abc import Iterable, Mapping
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


def language_of(words: Iterable[str], default: str = "en") -> str:
    """The language whose function words are the most, or the default when no other has more of them."""
    listed = list(words)
    counts = {language: sum(word in FUNCTION_WORDS[language] for word in listed) for language in LANGUAGES}
    best = max(LANGUAGES, key=lambda language: counts[language])
    return best if counts[best] > counts.get(default, 0) else default
