"""Does a request need the tuned behaviour? The score of its sentence that most demands a form, a voice or a style."""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from arbiter.routing.words import Sentence

START = "^"
"""Stands before the first word of a sentence."""


class Demand(NamedTuple):
    """The score of a request, and the counts that explain it."""

    score: float
    sentence: int
    marks: int


class Marks(NamedTuple):
    """The shipped words and word pairs that mark a demand, and the score from which there is one."""

    bias: float
    weights: Mapping[str, float]
    thresholds: Mapping[str, float]


@cache
def marks() -> Marks:
    """The shipped marks, fitted on demands over form, style, voice, readers and language, and on plain requests."""
    return Marks(**json.loads((resources.files("arbiter.routing") / "data" / "demand.json").read_text()))


def demanded(sentences: Sequence[Sentence], own: Mapping[str, float]) -> Demand:
    """Score the sentences of a request.

    Args:
        own: further marks, of the tuned model in service.
    """
    shipped, best, score, count = marks(), 0, -math.inf, 0
    weights = {**shipped.weights, **own} if own else shipped.weights
    for sentence in sentences:
        met = [weight for mark in marks_of(sentence.words) if (weight := weights.get(mark)) is not None]
        if (z := shipped.bias + math.fsum(met)) > score:
            best, score, count = sentence.number, z, sum(weight > 0 for weight in met)
    return Demand(1 / (1 + math.exp(-max(-30.0, min(30.0, score)))), best, count)


def marks_of(words: Sequence[str]) -> set[str]:
    """The words of a sentence and its pairs of neighbours, each once."""
    return {*words, *(f"{first} {second}" for first, second in zip((START, *words), words, strict=False))}
