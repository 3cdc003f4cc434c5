"""General language: how frequent its commonest words are. Read when a profile is built, never by the router."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

from arbiter.routing.words import term

UNSEEN = 10**-6.3
"""Rate of a word that is in no list: below the rarest one that is."""


@cache
def rates(language: str) -> Mapping[str, float]:
    """The share of each term in general language: line `k` of the list holds the words of a share of 10^(-k/10)."""
    text = (resources.files("arbiter.routing") / "data" / f"general-{language}.txt").read_text(encoding="utf-8")
    shares: dict[str, float] = {}
    for line, words in enumerate(text.splitlines()):
        for word in words.split():
            shares[term(word)] = shares.get(term(word), 0.0) + 10 ** (-line / 10)
    return shares
