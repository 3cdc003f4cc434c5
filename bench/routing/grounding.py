"""The coefficients of the first head, fitted on every knowledge base, and what leaving one out shows."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from arbiter.routing.conversation import subject
from arbiter.routing.grounding import featured
from arbiter.routing.knowledge import KnowledgeProfile
from arbiter.routing.making.building import unbounded
from arbiter.routing.making.counting import Counts
from arbiter.routing.making.general import background
from arbiter.routing.weighing import FARTHEST
from arbiter.routing.words import sentences
from bench.routing.corpora import ROOT, KnowledgeBase, Question
from bench.routing.logistic import Numbers, fit

ROUNDS = 4
"""Of choosing each request's best sentence by the coefficients so far, and fitting them on those."""
TARGET = ROOT / "lambda" / "arbiter" / "routing" / "data" / "grounding.json"
FIRST_BEST = 5
"""The column of the strongest term, by which the first round chooses."""


class Measured(NamedTuple):
    """A knowledge base in numbers: one table a request, one row a sentence."""

    name: str
    asked: list[Numbers]
    asked_elsewhere: dict[str, list[Numbers]]
    other: dict[str, list[Numbers]]


class Outcome(NamedTuple):
    """How the head does on one knowledge base: shares by language."""

    recall: dict[str, float]
    unsure: dict[str, float]
    retrieved_for_others: float


def measure(base: KnowledgeBase, inquiries: Mapping[str, float]) -> Measured:
    """The numbers of the base's questions and of the background.

    Args:
        inquiries: how much each request asks as one asks of documents, told without having seen it.
    """
    counts = Counts()
    for document in base.documents:
        counts.add(document)
    profile = unbounded(counts)
    by_language: dict[str, list[Numbers]] = {}
    for question in base.questions:
        by_language.setdefault(question.language, []).append(table(question, profile, inquiries))
    other = {
        language: [table(Question(text, language), profile, inquiries) for text in texts]
        for language, texts in background().items()
    }
    return Measured(base.name, by_language.pop("en"), by_language, other)


def table(question: Question, profile: KnowledgeProfile, inquiries: Mapping[str, float]) -> Numbers:
    """One row a sentence of a question; a row of zeros where there is nothing to count."""
    inquiry = inquiries[question.text]
    parts = subject(question.text, sentences(question.text))
    rows = [list(values) for _, values in featured(parts, profile, question.language, inquiry)]
    nothing = [1.0, -1.5, 0, 0, inquiry, 0, 0, 0, -1.5, -1.5, 0, 0, 0, 0, 0, 0, FARTHEST, 0, FARTHEST]
    return np.array(rows or [nothing], dtype=np.float64)


def coefficients(bases: Sequence[Measured], every: slice) -> Numbers:
    """Fit on the English questions of some bases, against every background request or some."""
    tables, answers, groups = [], [], []
    for group, base in enumerate(bases):
        for answer, requests in ((1.0, base.asked), (0.0, base.other["en"][every])):
            tables += requests
            answers += [answer] * len(requests)
            groups += [group] * len(requests)
    weights = np.zeros(tables[0].shape[1])
    weights[FIRST_BEST] = 1
    for _ in range(ROUNDS):
        best = np.array([rows[np.argmax(rows @ weights)] for rows in tables])
        weights[1:] = fit(best[:, 1:], np.array(answers), np.array(groups))
    return weights


def scores(requests: Sequence[Numbers], weights: Numbers) -> Numbers:
    """The best sentence's score of each request."""
    return np.array([(rows @ weights).max() for rows in requests])


def outcome(base: Measured, weights: Numbers, quantile: float = 0.98) -> Outcome:
    """Bounds from the even half of the background, false retrieval from the odd half."""
    recall, unsure = {}, {}
    for language, asked in {"en": base.asked, **base.asked_elsewhere}.items():
        half = base.other[language][::2] if language == "en" else base.other[language]
        other, found = scores(half, weights), scores(asked, weights)
        recall[language] = float((found > np.quantile(other, quantile)).mean())
        unsure[language] = float((found > np.quantile(other, 0.8)).mean())
    bound = np.quantile(scores(base.other["en"][::2], weights), quantile)
    return Outcome(recall, unsure, float((scores(base.other["en"][1::2], weights) > bound).mean()))


def leave_one_out(bases: Sequence[Measured]) -> dict[str, Outcome]:
    """Each knowledge base by coefficients that never saw it, nor the half of the background they are tried on."""
    return {
        base.name: outcome(base, coefficients([other for other in bases if other is not base], slice(0, None, 2)))
        for base in bases
    }


def write(bases: Sequence[Measured]) -> Numbers:
    """Fit on everything, with a constant that puts the typical bound at one half, and write the shipped file."""
    weights = coefficients(bases, slice(None))
    limits = [np.quantile(scores(base.other["en"], weights), 0.98) for base in bases]
    weights[0] = -float(np.median(limits))
    TARGET.write_text(json.dumps({"coefficients": [round(float(weight), 3) for weight in weights]}) + "\n")
    return weights
