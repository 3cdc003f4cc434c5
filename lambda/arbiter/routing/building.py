"""Building the profile of a knowledge base from its documents: one pass, in memory that does not grow with them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from math import log10

from arbiter.routing import general
from arbiter.routing.grounding import grounded_evidence
from arbiter.routing.knowledge import Bounds, KnowledgeProfile
from arbiter.routing.language import FUNCTION_WORDS, UNCOUNTED, language_of
from arbiter.routing.words import NUMBER, sentences, split, term

TERMS = 5_000
SECTION_WORDS, MOST_IN_SECTION = 120, 3
"""A term counts at most three times in a section: a table or a listing says it no louder."""
PIECE = 50_000
"""Characters of a document that are taken apart at once."""
MOST_COUNTED = 200_000
"""Terms that are counted at once; beyond that, those met only once so far are forgotten."""
SMOOTHING = 10_000
"""Words of general language that are added to the documents."""
QUANTILES = {"quality": 0.98, "latency": 0.99, "cost": 0.99}
UNSURE_QUANTILE = 0.75


class EmptyKnowledgeError(ValueError):
    """Documents without a single word that can be read."""


class _Counts:
    """The counts of the documents read so far."""

    def __init__(self) -> None:
        self.rates: Counter[str] = Counter()
        self.spread: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()
        self.documents = self.sections = self.words = 0

    def add(self, document: str) -> None:
        """Count one document."""
        self.documents += 1
        section: list[str] = []
        for start in range(0, len(document), PIECE):
            words = split(document[start : start + PIECE])
            self.languages[language_of(words)] += len(words)
            section += words
            while len(section) >= SECTION_WORDS:
                self._add_section(section[:SECTION_WORDS])
                del section[:SECTION_WORDS]
        if section:
            self._add_section(section)
        if len(self.rates) > MOST_COUNTED:
            self._forget()

    def _add_section(self, words: Sequence[str]) -> None:
        terms = Counter(term(word) for word in words if word != NUMBER and word not in UNCOUNTED)
        self.sections += 1
        self.words += len(words)
        for name, count in terms.items():
            self.rates[name] += min(count, MOST_IN_SECTION)
            self.spread[name] += 1

    def _forget(self) -> None:
        for name in [name for name, count in self.rates.items() if count < 2]:
            del self.rates[name], self.spread[name]


def build(documents: Iterable[str]) -> KnowledgeProfile:
    """The profile of documents, given as plain texts one after the other.

    Raises:
        EmptyKnowledgeError: there is not a word in them.
    """
    counts = _Counts()
    for document in documents:
        counts.add(document)
    if not counts.rates:
        raise EmptyKnowledgeError("The documents hold no words: there is nothing to make a profile of.")
    languages = [name for name, count in counts.languages.most_common() if count * 10 >= counts.words]
    profile = KnowledgeProfile(
        documents=counts.documents,
        sections=counts.sections,
        words=counts.words,
        languages=tuple(languages),
        weights=_weights(counts, languages),
        bounds={},
    )
    return replace(profile, bounds={name: _bounds(profile.weights, name) for name in background()})


def _weights(counts: _Counts, languages: Sequence[str]) -> dict[str, float]:
    shares = [general.rates(language) for language in languages]
    total = counts.words + SMOOTHING
    weights = {}
    for name, _ in sorted(counts.spread.items(), key=lambda item: (-item[1], item[0]))[:TERMS]:
        usual = max([share.get(name, general.UNSEEN) for share in shares])
        weights[name] = round(log10((counts.rates[name] + SMOOTHING * usual) / total / usual), 1)
    return weights


@cache
def background() -> Mapping[str, Sequence[str]]:
    """The shipped requests that no knowledge base answers, by language."""
    folder = resources.files("arbiter.routing") / "data"
    return {
        name: [line for line in (folder / f"background-{name}.txt").read_text(encoding="utf-8").splitlines() if line]
        for name in FUNCTION_WORDS
    }


def _bounds(weights: Mapping[str, float], language: str) -> Bounds:
    scores = sorted(grounded_evidence(sentences(text), weights).score for text in background()[language])
    return Bounds(
        unsure=_quantile(scores, UNSURE_QUANTILE),
        grounded={name: _quantile(scores, share) for name, share in QUANTILES.items()},
    )


def _quantile(ranked: Sequence[float], share: float) -> float:
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
