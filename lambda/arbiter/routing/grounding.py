"""Does a request need the documents? The score of its best sentence against the profile of the knowledge base."""

import json
import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from operator import mul
from typing import NamedTuple

from arbiter.routing.asking import inquiry, offers_options
from arbiter.routing.knowledge import KnowledgeProfile
from arbiter.routing.weighing import Counted, count, most_together
from arbiter.routing.words import Sentence

STRONGEST = 3.0
"""Above it a weight says no more: the term is the documents' own."""
FEW = 3
"""Sentences of a request up to which each is taken by how it asks itself, where that is more than all together; of
more, and of no exam, the first and the last one are scored by themselves, too."""
LIKELY = 2
"""Sentences that are scored, of a request that has more."""
STRONG = 1.0
"""Ten times as frequent in the documents as elsewhere."""


class Evidence(NamedTuple):
    """The score of a request, and the counts that explain it."""

    score: float
    sentence: int
    known: int
    touched: int
    """Words that the documents do not hold, and speak of the meaning of."""
    strong: int
    counted: int


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
    strong = len(best.weights) - bisect_left(best.weights, STRONG)
    return Evidence(chance, best.number, best.known, best.touched, strong, len(best.weights))


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
    negative, negatives, unknown, numbers = 0.0, 0, 0, 0
    for part in parts:
        negative += part.negative
        negatives += part.negatives
        unknown += len(part.weights) - part.known
        numbers += part.numbers
    return 1.0, negative / negatives if negatives else 0.0, min(unknown, 20) / 10, min(numbers, 4) / 4


def _likely(part: Counted) -> float:
    """The best weight and twice the mean: nearly the order of the scores, at a fraction of their time."""
    return part.weights[-1] + 2 * sum(part.weights) / len(part.weights)


def _of_sentence(part: Counted) -> tuple[float, ...]:
    _, _, weights, negatives, negative, known, blocks, pairs, near, _ = part
    count, together = len(weights), most_together(blocks)
    fourth, third, second, first = (0.0, 0.0, 0.0, *weights[-4:])[-4:]
    if first > STRONGEST:
        first, second, third, fourth = [min(weight, STRONGEST) for weight in (first, second, third, fourth)]
    return (
        first,
        second,
        third + fourth,
        negative / negatives if negatives else 0.0,
        sum(weights) / count,
        known / count,
        math.log1p(count),
        together / count,
        min(together, 5) / 5,
        min(pairs, 3) / 3,
        pairs / count,
        near[-1],
        near[-2] if count > 1 else 0.0,
        sum(near) / count,
    )
