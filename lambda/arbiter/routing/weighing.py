"""The counted words of a sentence, each weighed against the profile of a knowledge base."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

from arbiter.routing.knowledge import KnowledgeProfile, Term
from arbiter.routing.language import UNCOUNTED
from arbiter.routing.translation import TOUCHED, part_of, stem
from arbiter.routing.words import NUMBER, REMEMBERED, Sentence, term

UNKNOWN = -1.5
"""Weight of a term that is not among those of the profile."""
FARTHEST, NEAREST = -0.5, 2.0
"""Bounds of a word's nearness to what the documents speak of; the first where it is not known."""
MOST_ADDED = 15
"""Known terms of a sentence among which those are counted that stand together."""
_NONE: Mapping[str, Term] = {}


class Weighed(NamedTuple):
    """A term as one knowledge base weighs it."""

    weight: float
    known: str
    """Its name, if it is the documents' own; else empty."""
    blocks: int
    """Where in the documents it occurs."""
    near: float
    """How near its meaning is to what the documents speak of."""
    touched: bool
    """Whether the documents do not hold it, and speak of its meaning."""


class Counted(NamedTuple):
    """The counted words of a sentence, each once."""

    number: int
    """Of the sentence."""
    numbers: int
    """Among its words."""
    weights: Sequence[float] = ()
    """The smallest first."""
    negatives: int = 0
    """How many of the weights are below zero."""
    negative: float = 0.0
    """Their sum."""
    known: int = 0
    """How many of the terms are the documents' own."""
    blocks: Sequence[int] = ()
    """Where in the documents each is met, in the order of the sentence; 0 for those that are not."""
    pairs: int = 0
    """Known neighbours that are neighbours in the documents too."""
    near: Sequence[float] = ()
    """How near each word's meaning is to what the documents speak of, the farthest first."""
    touched: int = 0
    """Terms that the documents do not hold, and speak of the meaning of."""


def count(sentence: Sentence, knowledge: KnowledgeProfile, language: str) -> Counted:
    """The counted words of a sentence."""
    number, words = sentence
    numbers = words.count(NUMBER)
    names = dict.fromkeys(map(_counted, words))
    names.pop("", None)
    if not names:
        return Counted(number, numbers)
    weights, known, blocks, near, touched = zip(*map(_weighing(knowledge, language), names), strict=True)
    ranked = sorted(weights)
    negatives = bisect_left(ranked, 0.0)
    return Counted(
        number,
        numbers,
        ranked,
        negatives,
        sum(ranked[:negatives]),
        len(known) - known.count(""),
        blocks,
        sum(map(knowledge.pairs.__contains__, map(" ".join, pairwise(known)))),
        sorted(near),
        sum(touched),
    )


@lru_cache(maxsize=REMEMBERED)
def _counted(word: str) -> str:
    """The term that a word counts as; empty for one that does not count."""
    return "" if word in UNCOUNTED or word == NUMBER else term(word)


def _weighing(knowledge: KnowledgeProfile, language: str) -> Callable[[str], Weighed]:
    """How terms of requests in a language are weighed; what was weighed is remembered with the profile."""
    if (weigh := knowledge.weighing.get(language)) is None:
        own = language in knowledge.languages
        roots = knowledge.roots if own else knowledge.translated.get(language, _NONE)
        of = partial(_weigh, knowledge.terms, roots, knowledge.near if own else None, language)
        weigh = knowledge.weighing[language] = lru_cache(maxsize=REMEMBERED)(of)
    return weigh


def _weigh(
    terms: Mapping[str, Term], roots: Mapping[str, Term], nearness: Mapping[str, float] | None, language: str, name: str
) -> Weighed:
    """Weigh a term.

    Args:
        nearness: nearness by word, where the request is in a language of the documents.
    """
    near = nearness.get(name) if nearness is not None else None
    if known := terms.get(name) or _by_root(name, roots, language):
        near = max(FARTHEST, min(known.weight, NEAREST)) if near is None else near
        return Weighed(known.weight, name, known.blocks, near, touched=False)
    near = FARTHEST if near is None else near
    return Weighed(UNKNOWN, "", 0, near, touched=near >= TOUCHED)


def _by_root(name: str, roots: Mapping[str, Term], language: str) -> Term | None:
    """The term of another form of a word; of a German compound, that of its strongest part."""
    root = stem(name, language)
    return roots.get(root) or (part_of(root, roots) if language == "de" and roots else None)


def most_together(blocks: Sequence[int]) -> int:
    """The largest number of terms that one block holds, up to fifteen: bits are added up as four columns of digits."""
    ones = twos = fours = eights = 0
    for block in [*filter(None, blocks)][:MOST_ADDED]:
        if carry := ones & block:
            if twice := twos & carry:
                eights |= fours & twice
                fours ^= twice
            twos ^= carry
        ones ^= block
    candidates, most = -1, 0
    for value, digit in ((8, eights), (4, fours), (2, twos), (1, ones)):
        if candidates & digit:
            candidates &= digit
            most += value
    return most
