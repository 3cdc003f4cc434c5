"""General language: how often its words are met, and requests that no knowledge base answers."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from arbiter.routing.words import term

UNSEEN = 10**-6.3
"""Rate of a word that is in no list of general language: below the rarest one that is."""


@cache
def general_rates(language: str) -> Mapping[str, float]:
    """The share of each term in general language: line `k` of the list holds the words of a share of 10^(-k/10)."""
    shares: dict[str, float] = {}
    for line, words in enumerate(text_of(f"general-{language}.txt").splitlines()):
        for word in words.split():
            shares[term(word)] = shares.get(term(word), 0.0) + 10 ** (-line / 10)
    return shares


@cache
def background() -> Mapping[str, Sequence[str]]:
    """The shipped requests that no knowledge base answers, by language."""
    return {
        language: [line for name in names for line in _lines(f"background-{name}.txt")]
        for language, names in {"en": ("en", "en-styled"), "de": ("de",), "es": ("es",)}.items()
    }


def _lines(file: str) -> list[str]:
    return [line for line in text_of(file).splitlines() if line]


def text_of(file: str) -> str:
    """A shipped file."""
    return (resources.files("arbiter.routing") / "data" / file).read_text(encoding="utf-8")
