"""Does a request need the documents? The score of its best sentence against the profile of the knowledge base."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from operator import mul
from typing import NamedTuple

from arbiter.routing.asking import inquiry, offers_options
from arbiter.routing.knowledge import KnowledgeProfile, Term
from arbiter.routing.language import UNCOUNTED
from arbiter.routing.translation import TOUCHED, part_of, stem
from arbiter.routing.words import NUMBER, REMEMBERED, Sentence, term

UNKNOWN = -1.5
"""Weight of a term that is not among those of the profile."""
STRONGEST = 3.0
"""Above it a weight says no more: the term is the documents' own."""
FARTHEST, NEAREST = -0.5, 2.0
"""Bounds of a word's nearness to what the documents speak of; the first where it is not known."""
FEW = 3
"""Sentences of a request up to which each is taken by how it asks itself, where that is more than all together; of
more, and of no exam, the first and the last one are scored by themselves, too."""
LIKELY = 2
"""Sentences that are scored, of a request that has more."""
MOST_ADDED = 15
"""Known terms of a sentence among which those are counted that stand together."""
STRONG = 1.0
"""Ten times as frequent in the documents as elsewhere."""
_NONE: Mapping[str, Term] = {}


class Evidence(NamedTuple):
    """The score of a request, and the counts that explain it."""

    score: float
    sentence: int
    known: int
    touched: int
    """Words that the documents do not hold, and speak of the meaning of."""
    strong: int
    counted: int


class Counted(NamedTuple):
    """The counted words of a sentence, each once."""

    number: int
    weights: Sequence[float]
    blocks: Sequence[int]
    """Of the known ones."""
    pairs: int
    """Neighbours that are neighbours in the documents too."""
    numbers: int
    near: Sequence[float]
    """How near each word's meaning is to what the documents speak of."""

    @property
    def unknown(self) -> int:
        """Words that are not the documents'."""
        return len(self.weights) - len(self.blocks)


@cache
def coefficients() -> tuple[float, ...]:
    """The shipped coefficients, fitted on several unlike knowledge bases."""
    text = (resources.files("arbiter.routing") / "data" / "grounding.json").read_text(encoding="utf-8")
    return tuple(json.loads(text)["coefficients"])


def grounded_evidence(
    sentences: Sequence[Sentence], knowledge: KnowledgeProfile, language: str, asking: float
) -> Evidence:
    """Score the sentences of a request, together with those it leans on.

    Args:
        asking: how much the request asks as one asks of documents.
    """
    weighed = coefficients()
    best, score = None, -math.inf
    for part, values in featured(sentences, knowledge, language, asking):
        z = sum(map(mul, weighed, values))
        if z > score:
            best, score = part, z
    if best is None:
        return Evidence(0.0, 0, 0, 0, 0, 0)
    chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
    strong = sum(weight >= STRONG for weight in best.weights)
    touched = sum(weight == UNKNOWN and near >= TOUCHED for weight, near in zip(best.weights, best.near, strict=True))
    return Evidence(chance, best.number, len(best.blocks), touched, strong, len(best.weights))


def featured(
    sentences: Sequence[Sentence], knowledge: KnowledgeProfile, language: str, asking: float
) -> Iterator[tuple[Counted, tuple[float, ...]]]:
    """The sentences with a counted word, each with the numbers that the coefficients weigh."""
    parts = [count(sentence, knowledge, language) for sentence in sentences]
    of_text = _of_text(parts)
    likely = [index for index, part in enumerate(parts) if part.weights]
    if len(likely) > LIKELY:
        likely = sorted(likely, key=lambda index: _likely(parts[index]), reverse=True)[:LIKELY]
    numbers = {index: _of_sentence(parts[index]) for index in likely}
    each = FEW >= len(parts) > 1
    for index in likely:
        # Beside a question there may stand how it is to be answered, which says nothing against the question.
        own = inquiry([sentences[index]]) if each else asking
        yield parts[index], (*of_text, max(own, asking), *numbers[index])
    if len(parts) > FEW and not offers_options(sentences):
        # A long story says nothing against the question that it ends or begins with.
        for index in {0, len(parts) - 1}:
            if weighed := parts[index].weights and (numbers.get(index) or _of_sentence(parts[index])):
                yield parts[index], (*_of_text([parts[index]]), inquiry([sentences[index]]), *weighed)


def _of_text(parts: Sequence[Counted]) -> tuple[float, ...]:
    negative = [weight for part in parts for weight in part.weights if weight < 0]
    return (
        1.0,
        sum(negative) / len(negative) if negative else 0.0,
        min(sum([part.unknown for part in parts]), 20) / 10,
        min(sum([part.numbers for part in parts]), 4) / 4,
    )


def _likely(part: Counted) -> float:
    """The best weight and twice the mean: nearly the order of the scores, at a fraction of their time."""
    return max(part.weights) + 2 * sum(part.weights) / len(part.weights)


def _of_sentence(part: Counted) -> tuple[float, ...]:
    ranked = sorted(part.weights, reverse=True)
    near = sorted(part.near, reverse=True)
    count, known = len(ranked), len(part.blocks)
    first, second, third, fourth = (*ranked[:4], 0.0, 0.0, 0.0)[:4]
    if first > STRONGEST:
        first, second, third, fourth = [min(weight, STRONGEST) for weight in (first, second, third, fourth)]
    negative = [weight for weight in ranked if weight < 0]
    together = most_together(part.blocks)
    return (
        first,
        second,
        third + fourth,
        sum(negative) / len(negative) if negative else 0.0,
        sum(ranked) / count,
        known / count,
        math.log1p(count),
        together / count,
        min(together, 5) / 5,
        min(part.pairs, 3) / 3,
        part.pairs / count,
        near[0],
        near[1] if count > 1 else 0.0,
        sum(near) / count,
    )


def count(sentence: Sentence, knowledge: KnowledgeProfile, language: str) -> Counted:
    """The counted words of a sentence."""
    names = dict.fromkeys(map(_counted, sentence.words))
    names.pop("", None)
    own = language in knowledge.languages
    others = knowledge.roots if own else knowledge.translated.get(language, _NONE)
    terms, together, nearness = knowledge.terms.get, knowledge.pairs, knowledge.near.get
    weights, blocks, near, pairs, before = [], [], [], 0, ""
    for name in names:
        if term := terms(name) or _by_root(name, others, language):
            weights.append(term[0])
            blocks.append(term[1])
            if before:
                pairs += f"{before} {name}" in together
            before = name
        else:
            weights.append(UNKNOWN)
            before = ""
        touched = nearness(name) if own else None
        near.append(touched if touched is not None else max(FARTHEST, min(term[0], NEAREST)) if term else FARTHEST)
    return Counted(sentence.number, weights, blocks, pairs, sentence.words.count(NUMBER), near)


@lru_cache(maxsize=REMEMBERED)
def _counted(word: str) -> str:
    """The term that a word counts as; empty for one that does not count."""
    return "" if word in UNCOUNTED or word == NUMBER else term(word)


def _by_root(name: str, roots: Mapping[str, Term], language: str) -> Term | None:
    """The term of another form of a word; of a German compound, that of its strongest part."""
    root = stem(name, language)
    return roots.get(root) or (part_of(root, roots) if language == "de" and roots else None)


def most_together(blocks: Sequence[int]) -> int:
    """The largest number of terms that one block holds, up to fifteen: bits are added up as four columns of digits."""
    ones = twos = fours = eights = 0
    for block in blocks[:MOST_ADDED]:
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
