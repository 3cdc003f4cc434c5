"""Building the profile of a knowledge base from its documents."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from math import log10

from arbiter.routing.asking import inquiry
from arbiter.routing.conversation import subject
from arbiter.routing.grounding import grounded_evidence
from arbiter.routing.knowledge import Bounds, KnowledgeProfile, Term
from arbiter.routing.making.counting import Counts
from arbiter.routing.making.general import UNSEEN, background, general_rates
from arbiter.routing.making.related import nearness
from arbiter.routing.translation import stem, translate
from arbiter.routing.words import Sentence, sentences

TERMS, PAIRS, ROOTS = 10_000, 10_000, 5_000
SMOOTHING = 10_000
"""Words of general language that are added to the documents."""
SEVERAL, MANY_SECTIONS = 2, 300
"""In many sections, a pair must be met more than once."""
LANGUAGE_SHARE = 0.1
"""Of the words, from which a language is one of the documents'."""
QUANTILES = {"quality": 0.98, "latency": 0.985, "cost": 0.985}
"""Shares of the background requests that must stay below the score from which a request is grounded."""
UNSURE_QUANTILE, SURE_QUANTILE = 0.8, 0.995
"""Shares below which a look is not worth its call, and above which one that costs nothing tells nothing more."""
FOREIGN_QUANTILE = 0.95
"""In another language than the documents' only the words of a dictionary are known: what is retrieved for without need
costs a search there, what is missed has no other way."""


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
    near = nearness(counts) if "en" in languages else {}
    least = SEVERAL if counts.sections > MANY_SECTIONS else 1
    pairs = sorted(counts.pairs.items(), key=lambda item: (-item[1], item[0]))[:PAIRS]
    return KnowledgeProfile(
        documents=counts.documents,
        sections=counts.sections,
        words=counts.words,
        languages=tuple(languages),
        terms=terms,
        roots=_roots(counts, terms, languages[0]),
        near=near,
        pairs=frozenset(pair for pair, count in pairs if count >= least),
        translated=translate(terms, near) if "en" in languages else {},
        bounds={},
    )


def _terms(counts: Counts, languages: Sequence[str]) -> dict[str, Term]:
    shares = [general_rates(language) for language in languages]
    terms = {}
    for name, _ in sorted(counts.spread.items(), key=lambda item: (-item[1], item[0]))[:TERMS]:
        usual = max([share.get(name, UNSEEN) for share in shares])
        terms[name] = Term(_weight(counts.rates[name], usual, counts.words), counts.blocks[name])
    return terms


def _roots(counts: Counts, terms: Mapping[str, Term], language: str) -> dict[str, Term]:
    """The roots of the profile's terms, each weighed by all the forms of the word together."""
    usual, rates, blocks = _root_rates(language), Counter[str](), defaultdict[str, int](int)
    for name in terms:
        root = stem(name, language)
        rates[root] += counts.rates[name]
        blocks[root] |= counts.blocks[name]
    return {
        root: Term(_weight(rate, usual.get(root, UNSEEN), counts.words), blocks[root])
        for root, rate in rates.most_common(ROOTS)
    }


@cache
def _root_rates(language: str) -> Mapping[str, float]:
    shares: defaultdict[str, float] = defaultdict(float)
    for name, share in general_rates(language).items():
        shares[stem(name, language)] += share
    return shares


def _weight(count: int, usual: float, words: int) -> float:
    """The logarithm of the smoothed rate in so many words of documents over the rate in general language."""
    return round(log10((count + SMOOTHING * usual) / (words + SMOOTHING) / usual), 1)


def bounds(profile: KnowledgeProfile, language: str) -> Bounds:
    """The scores that the background requests of a language stay below."""
    asked = _background_subjects(language)
    scores = sorted(grounded_evidence(matter, profile, language, asking).score for matter, asking in asked)
    most = 1.0 if language in profile.languages else FOREIGN_QUANTILE
    return Bounds(
        unsure=_quantile(scores, UNSURE_QUANTILE),
        grounded={name: _quantile(scores, min(share, most)) for name, share in QUANTILES.items()},
        sure=_quantile(scores, SURE_QUANTILE),
    )


@cache
def _background_subjects(language: str) -> Sequence[tuple[Sequence[Sentence], float]]:
    """The subject of each background request of a language, and how much it asks as one asks of documents."""
    parted = [(text, sentences(text)) for text in background()[language]]
    return [(subject(text, parts), inquiry(parts)) for text, parts in parted]


def _quantile(ranked: Sequence[float], share: float) -> float:
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
