"""The marks of how a request asks, fitted on questions to documents and on background requests."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from arbiter.routing.asking import MOST, marks
from arbiter.routing.making.general import background
from arbiter.routing.words import sentences
from bench.routing.corpora import ROOT, KnowledgeBase, asked_elsewhere
from bench.routing.logistic import frequent

TARGET = ROOT / "lambda" / "arbiter" / "routing" / "data" / "asking.json"
FEWEST, PENALTY, WEIGHT = 3, 3.0, 500.0
"""Requests that a mark is met in; the penalty of its weight; the weight of all requests of a language and an answer."""

Model = tuple[float, Mapping[str, float]]


class Asked(NamedTuple):
    """A request by its marks, and where it comes from."""

    language: str
    marks: frozenset[str]
    base: str
    """The knowledge base that answers it; empty for a background request."""


def requests(bases: Sequence[KnowledgeBase]) -> list[Asked]:
    """The questions of every base, the background, language by language in its order, and questions to others."""
    return (
        [Asked(question.language, marks_of(question.text), base.name) for base in bases for question in base.questions]
        + [Asked(language, marks_of(text), "") for language, texts in background().items() for text in texts]
        + [Asked(question.language, marks_of(question.text), house) for house, question in asked_elsewhere()]
    )


def texts(bases: Sequence[KnowledgeBase]) -> list[str]:
    """The texts of the same requests."""
    return (
        [question.text for base in bases for question in base.questions]
        + [text for texts in background().values() for text in texts]
        + [question.text for _, question in asked_elsewhere()]
    )


def marks_of(text: str) -> frozenset[str]:
    """The marks of a request."""
    return frozenset(marks(sentences(text)))


def fit(asked: Sequence[Asked]) -> Model:
    """Penalised logistic regression by Newton's method: the constant, and the weight of each mark."""
    # The name of a product is asked of its own house alone; each background request stands for itself.
    met = [(one.marks, one.base or f"background {number}") for number, one in enumerate(asked)]
    column = {mark: index for index, mark in enumerate(frequent(met, FEWEST))}
    design = np.zeros((len(asked), len(column) + 1))
    design[:, -1] = 1
    for row, one in enumerate(asked):
        design[row, [column[mark] for mark in one.marks if mark in column]] = 1
    answers = np.array([bool(one.base) for one in asked], dtype=np.float64)
    groups = Counter((one.language, bool(one.base)) for one in asked)
    shares = np.array([_weight(one.language) / groups[one.language, bool(one.base)] for one in asked])
    penalty = np.append(np.full(len(column), PENALTY), 1e-6)
    found = np.zeros(len(penalty))
    for _ in range(30):
        chances = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (shares * (chances - answers)) + penalty * found
        curve = (design * (shares * chances * (1 - chances))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < 1e-4:
            break
    return float(found[-1]), dict(zip(column, found.tolist(), strict=False))


def _weight(language: str) -> float:
    """The weight of all English requests; there are a quarter as many others."""
    return WEIGHT if language == "en" else WEIGHT / 4


def score(model: Model, met: frozenset[str]) -> float:
    """How much a request asks as one asks of documents, as the router computes it."""
    constant, weights = model
    return max(-MOST, min(MOST, constant + sum(weights.get(mark, 0.0) for mark in met)))


def cross_fitted(asked: Sequence[Asked], folds: int = 4) -> list[float]:
    """The scores of requests by models that saw neither them nor any question to the same documents."""
    names = sorted({one.base for one in asked if one.base})
    fold_of = [names.index(one.base) % folds if one.base else row % folds for row, one in enumerate(asked)]
    models = [fit([one for one, mine in zip(asked, fold_of, strict=True) if mine != fold]) for fold in range(folds)]
    return [score(models[fold], one.marks) for one, fold in zip(asked, fold_of, strict=True)]


def write(asked: Sequence[Asked]) -> None:
    """Fit on everything and write the shipped file."""
    constant, weights = fit(asked)
    rounded = {mark: round(weight, 2) for mark, weight in sorted(weights.items()) if abs(weight) >= 0.02}
    TARGET.write_text(
        json.dumps({"bias": round(constant, 3), "weights": rounded}, ensure_ascii=False, separators=(",", ":")) + "\n",
        encoding="utf-8",
    )
