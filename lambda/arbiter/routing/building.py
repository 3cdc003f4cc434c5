"""Building the profile of a knowledge base from its documents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from math import log10

from arbiter.routing.conversation import subject
from arbiter.routing.counting import Counts
from arbiter.routing.grounding import grounded_evidence
from arbiter.routing.knowledge import Bounds, KnowledgeProfile, Term
from arbiter.routing.translation import translate
from arbiter.routing.words import sentences, term

TERMS, PAIRS = 10_000, 10_000
SMOOTHING = 10_000
"""Words of general language that are added to the documents."""
SEVERAL, MANY_SECTIONS = 2, 300
"""In many sections, a pair must be met more than once."""
UNSEEN = 10**-6.3
"""Rate of a word that is in no list of general language: below the rarest one that is."""
LANGUAGE_SHARE = 0.1
"""Of the words, from which a language is one of the documents'."""
QUANTILES = {"quality": 0.975, "latency": 0.985, "cost": 0.985}
"""Shares of the background requests that must stay below the score from which a request is grounded."""
UNSURE_QUANTILE, OURS_QUANTILE = 0.8, 0.9


class EmptyKnowledgeError(ValueError):
    """Documents without a single word that can be read."""


def build(documents: Iterable[str]) -> KnowledgeProfile:
    """The profile of documents, given as plain texts one after the other.

    Raises:
        EmptyKnowledgeError: there is not a word in them.
    """
    counts = Counts()
    for document in documents:
        counts.add(document)
    if not counts.rates:
        raise EmptyKnowledgeError("The documents hold no words: there is nothing to make a profile of.")
    profile = unbounded(counts)
    return replace(profile, bounds={language: bounds(profile, language) for language in background()})


def unbounded(counts: Counts) -> KnowledgeProfile:
    """The profile of counted documents, before its bounds are measured."""
    languages = [name for name, count in counts.languages.most_common() if count >= LANGUAGE_SHARE * counts.words]
    terms = _terms(counts, languages)
    least = SEVERAL if counts.sections > MANY_SECTIONS else 1
    pairs = sorted(counts.pairs.items(), key=lambda item: (-item[1], item[0]))[:PAIRS]
    return KnowledgeProfile(
        documents=counts.documents,
        sections=counts.sections,
        words=counts.words,
        languages=tuple(languages),
        terms=terms,
        pairs=frozenset(pair for pair, count in pairs if count >= least),
        translated=translate(terms) if "en" in languages else {},
        bounds={},
    )


def _terms(counts: Counts, languages: Sequence[str]) -> dict[str, Term]:
    shares = [general_rates(language) for language in languages]
    total = counts.words + SMOOTHING
    terms = {}
    for name, _ in sorted(counts.spread.items(), key=lambda item: (-item[1], item[0]))[:TERMS]:
        usual = max([share.get(name, UNSEEN) for share in shares])
        weight = log10((counts.rates[name] + SMOOTHING * usual) / total / usual)
        terms[name] = Term(round(weight, 1), counts.blocks[name])
    return terms


@cache
def general_rates(language: str) -> Mapping[str, float]:
    """The share of each term in general language: line `k` of the list holds the words of a share of 10^(-k/10)."""
    shares: dict[str, float] = {}
    for line, words in enumerate(_text(f"general-{language}.txt").splitlines()):
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
    return [line for line in _text(file).splitlines() if line]


def _text(file: str) -> str:
    return (resources.files("arbiter.routing") / "data" / file).read_text(encoding="utf-8")


def bounds(profile: KnowledgeProfile, language: str) -> Bounds:
    """The scores that the background requests of a language stay below."""
    scores = []
    for text in background()[language]:
        parts = subject(text, sentences(text))
        scores.append(grounded_evidence(parts, profile, language).score)
    scores.sort()
    unsure, ours = _quantile(scores, UNSURE_QUANTILE), _quantile(scores, OURS_QUANTILE)
    return Bounds(unsure, ours, {name: _quantile(scores, share) for name, share in QUANTILES.items()})


def _quantile(ranked: Sequence[float], share: float) -> float:
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
