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
_NONE: Mapping[str, float] = {}


class Demand(NamedTuple):
    """The score of a request, and the counts that explain it."""

    score: float
    sentence: int
    marks: int


class Marks(NamedTuple):
    """The words and word pairs that mark a demand, and the score from which there is one."""

    bias: float
    weights: Mapping[str, tuple[float | None, Mapping[str, float]]]
    """By word: its own weight, if it has one, and those of the pairs that it begins, by their second word.

    `START` begins the pairs at the beginning of a sentence."""
    thresholds: Mapping[str, float]


@cache
def marks() -> Marks:
    """The shipped marks, fitted on demands over form, style, voice, readers and language, and on plain requests."""
    text = (resources.files("arbiter.routing") / "data" / "demand.json").read_text(encoding="utf-8")
    shipped = json.loads(text)
    words: dict[str, float] = {}
    pairs: dict[str, dict[str, float]] = {}
    for mark, weight in shipped["weights"].items():
        first, _, second = mark.partition(" ")
        if second:
            pairs.setdefault(first, {})[second] = weight
        else:
            words[mark] = weight
    weights = {word: (words.get(word), pairs.get(word, {})) for word in words.keys() | pairs.keys()}
    return Marks(shipped["bias"], weights, shipped["thresholds"])


def demanded(sentences: Sequence[Sentence], own: Mapping[str, float]) -> Demand:
    """Score the sentences of a request.

    Args:
        own: further marks, of the tuned model in service.
    """
    shipped, best = marks(), (-math.inf, 0, 0)
    for sentence in sentences:
        met = _met(sentence.words, shipped)
        if own:
            met |= {mark: own[mark] for mark in marks_of(sentence.words) & own.keys()}
        if (level := sum(met.values())) > best[0]:
            best = level, sentence.number, sum(weight > 0 for weight in met.values())
    level, number, count = best
    return Demand(1 / (1 + math.exp(-max(-30.0, min(30.0, level + shipped.bias)))), number, count)


def _met(words: Sequence[str], shipped: Marks) -> dict[str | tuple[str, str], float]:
    """The marks in a sentence, each once."""
    met: dict[str | tuple[str, str], float] = {}
    of, before = shipped.weights.get, START
    seconds = shipped.weights[START][1]
    for word in words:
        if word in seconds:
            met[before, word] = seconds[word]
        if entry := of(word):
            weight, seconds = entry
            if weight is not None:
                met[word] = weight
        else:
            seconds = _NONE
        before = word
    return met


def marks_of(words: Sequence[str]) -> set[str]:
    """The words of a sentence and its pairs of neighbours, each once."""
    return {*words, *(f"{first} {second}" for first, second in zip((START, *words), words, strict=False))}
