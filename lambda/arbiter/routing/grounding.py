"""Does a request need the documents? The score of its best sentence against the profile of the knowledge base."""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from arbiter.routing.language import UNCOUNTED
from arbiter.routing.words import NUMBER, Sentence, term

UNKNOWN = -1.5
"""Weight of a term that is not among those of the profile."""
STRONGEST = 3.0
"""Above it a weight says no more: the term is the documents' own."""


class Evidence(NamedTuple):
    """The score of a request, and the counts that explain it."""

    score: float
    sentence: int
    known: int
    strong: int
    counted: int


class _Counted(NamedTuple):
    number: int
    weights: list[float]
    unknown: int
    numbers: int


@cache
def coefficients() -> tuple[float, ...]:
    """The shipped coefficients, fitted on several unlike knowledge bases."""
    text = (resources.files("arbiter.routing") / "data" / "grounding.json").read_text()
    return tuple(json.loads(text)["coefficients"])


def grounded_evidence(sentences: Sequence[Sentence], weights: Mapping[str, float]) -> Evidence:
    """Score the sentences of a request, together with those it leans on."""
    parts = [_count(sentence, weights) for sentence in sentences]
    whole = _whole(parts)
    best, score = None, -math.inf
    for part in parts:
        if part.weights and (z := _dot(features(part.weights, part.unknown, whole))) > score:
            best, score = part, z
    if best is None:
        return Evidence(0.0, 0, 0, 0, 0)
    strong = sum(weight >= 1 for weight in best.weights)
    known = len(best.weights) - best.unknown
    return Evidence(_sigmoid(score), best.number, known, strong, len(best.weights))


def features(weights: Sequence[float], unknown: int, whole: tuple[float, float, float]) -> tuple[float, ...]:
    """The ten numbers of a sentence and of the text around it that the coefficients weigh; the first is 1."""
    ranked = sorted(weights, reverse=True)
    top = [min(weight, STRONGEST) for weight in ranked[:4]] + [0.0] * (4 - len(ranked[:4]))
    negative = [weight for weight in ranked if weight < 0]
    count = len(ranked)
    return (
        1.0,
        top[0],
        top[1],
        top[2] + top[3],
        sum(negative) / len(negative) if negative else 0.0,
        sum(ranked) / count,
        (count - unknown) / count,
        math.log1p(count),
        *whole,
    )


def _count(sentence: Sentence, weights: Mapping[str, float]) -> _Counted:
    counted, unknown, numbers = [], 0, 0
    for word in sentence.words:
        if word == NUMBER:
            numbers += 1
        elif word not in UNCOUNTED:
            weight = weights.get(term(word))
            unknown += weight is None
            counted.append(UNKNOWN if weight is None else weight)
    return _Counted(sentence.number, counted, unknown, numbers)


def _whole(parts: Sequence[_Counted]) -> tuple[float, float, float]:
    negative = [weight for part in parts for weight in part.weights if weight < 0]
    return (
        sum(negative) / len(negative) if negative else 0.0,
        min(sum(part.unknown for part in parts), 20) / 10,
        min(sum(part.numbers for part in parts), 4) / 4,
    )


def _dot(values: tuple[float, ...]) -> float:
    return math.fsum(a * b for a, b in zip(coefficients(), values, strict=True))


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))
