"""The marks of the second head, fitted on demands and plain requests, and what leaving wordings out shows."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arbiter.routing.demand import marks_of
from arbiter.routing.words import sentences
from bench.routing.corpora import ROOT
from bench.routing.logistic import frequent
from bench.routing.wordings import Request

TARGET = ROOT / "lambda" / "arbiter" / "routing" / "data" / "demand.json"
MARKS = 4_500
FEWEST = 3
STEPS, PENALTY = 400, 0.5
FALSE_ALARMS = {"quality": 0.09, "latency": 0.09, "cost": 0.04}
"""Share of plain requests that may be taken for a demand."""

Model = tuple[float, dict[str, float]]


class Row(NamedTuple):
    """A sentence: whether it is a demand, and its marks."""

    answer: float
    language: str
    wording: str
    marks: set[str]


def fit(demands: Sequence[Request], plain: Sequence[Request]) -> Model:
    """The constant and the weights of marks: of a demand the sentence that makes it, of a plain request every one."""
    rows = [Row(1.0, demand.language, demand.wording, _making(demand)) for demand in demands]
    rows += [Row(0.0, request.language, request.wording, marks) for request in plain for marks in bags(request.text)]
    names = frequent(((row.marks, row.wording) for row in rows), FEWEST)
    weights = _weigh(rows, names)[1]
    return _weigh(rows, sorted(names, key=lambda name: -abs(weights[name]))[:MARKS])


def _making(demand: Request) -> set[str]:
    """The marks of the sentence that makes the demand: the last one where the wording begins with what it is about."""
    return bags(demand.text)[-1 if demand.wording.startswith(("{q}", "{s}")) or ". (" in demand.wording else 0]


def bags(text: str) -> list[set[str]]:
    """The marks of each sentence."""
    return [marks_of(sentence.words) for sentence in sentences(text)]


def score(text: str, model: Model) -> float:
    """The score of a request: that of its best sentence."""
    constant, weights = model
    return max((constant + sum(weights.get(mark, 0.0) for mark in marks) for marks in bags(text)), default=constant)


def leave_out(
    demands: Sequence[Request], plain: Sequence[Request], by: str, folds: int = 5
) -> dict[str, tuple[float, float]]:
    """Recall at 5 and at 10 per cent of false alarms, by language, where a fold's wordings (or kinds) are new."""
    parts = sorted({getattr(request, by) for request in demands})
    Random(7).shuffle(parts)
    texts = sorted({request.text for request in plain})
    Random(7).shuffle(texts)
    found: dict[str, list[float]] = defaultdict(list)
    alarms: list[float] = []
    for fold in range(folds):
        out, quiet = set(parts[fold::folds]), set(texts[fold::folds])
        model = fit(
            [request for request in demands if getattr(request, by) not in out],
            [request for request in plain if request.text not in quiet],
        )
        for request in demands:
            if getattr(request, by) in out:
                found[request.language].append(score(request.text, model))
        alarms += [score(text, model) for text in quiet]
    bounds = np.quantile(alarms, [0.95, 0.9])
    return {
        language: (float(np.mean(values > bounds[0])), float(np.mean(values > bounds[1])))
        for language, values in ((language, np.array(values)) for language, values in found.items())
    }


def write(demands: Sequence[Request], plain: Sequence[Request], held_out: Sequence[float]) -> None:
    """Fit on everything and write the shipped file.

    Args:
        held_out: scores of plain requests by models that never saw them, for the thresholds.
    """
    constant, weights = fit(demands, plain)
    thresholds = {
        name: round(1 / (1 + float(np.exp(-np.quantile(held_out, 1 - share)))), 4)
        for name, share in FALSE_ALARMS.items()
    }
    rounded = {name: round(weight, 2) for name, weight in sorted(weights.items()) if round(weight, 2)}
    document = {"bias": round(constant, 3), "thresholds": thresholds, "weights": rounded}
    TARGET.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def quiet_scores(demands: Sequence[Request], plain: Sequence[Request], folds: int = 5) -> list[float]:
    """The scores of plain requests by models that never saw them."""
    texts = sorted({request.text for request in plain})
    Random(11).shuffle(texts)
    found = []
    for fold in range(folds):
        out = set(texts[fold::folds])
        model = fit(demands, [request for request in plain if request.text not in out])
        found += [score(text, model) for text in out]
    return found


def _weigh(rows: Sequence[Row], names: Sequence[str]) -> Model:
    """Penalised logistic regression by accelerated gradient descent; in each language demands weigh as plain ones."""
    column = {name: index for index, name in enumerate(names)}
    met = [(index, column[mark]) for index, row in enumerate(rows) for mark in row.marks if mark in column]
    row_of, column_of = np.array(met, dtype=np.int64).T
    answers = np.array([row.answer for row in rows])
    shares = _shares(rows)
    # The largest curvature is below a quarter of the weighted sum of squares, which the longest rows dominate.
    lengths = np.bincount(row_of, minlength=len(rows)) + 1
    rate = 4 / float(np.sum(shares * lengths) / 12 + PENALTY)
    weights = ahead = np.zeros(len(names) + 1)
    for step in range(STEPS):
        levels = np.bincount(row_of, ahead[column_of], minlength=len(rows)) + ahead[-1]
        errors = shares * (1 / (1 + np.exp(-np.clip(levels, -30, 30))) - answers)
        slope = np.append(np.bincount(column_of, errors[row_of], minlength=len(names)), errors.sum())
        slope[:-1] += PENALTY * ahead[:-1]
        new = ahead - rate * slope
        ahead = new + step / (step + 3) * (new - weights)
        weights = new
    return float(weights[-1]), dict(zip(names, weights[:-1].tolist(), strict=True))


def _shares(rows: Sequence[Row]) -> NDArray[np.float64]:
    """The weight of each row: in a language, demands weigh as much as plain requests together."""
    groups = Counter((row.answer, row.language) for row in rows)
    languages = Counter(row.language for row in rows)
    return np.array([languages[row.language] / 2 / groups[row.answer, row.language] for row in rows])
