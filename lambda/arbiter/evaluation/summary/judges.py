"""The judges of a run: how they agree, how severe each is, how noisy, how often they failed, whom they preferred."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import TypedDict

from arbiter.evaluation.numbers.agreement import kendall, noise, severity, spearman, weighted_kappa
from arbiter.evaluation.numbers.records import Choice
from arbiter.evaluation.numbers.scoreboard import Scoreboard, counts, reasons
from arbiter.evaluation.run.arms import short_names

FEWEST_ANSWERS = 20
"""Fewer say nothing on agreement: a correlation of 0.5 is told from none by 18 (Bonett & Wright 2000), rounded up."""


class JudgePair(TypedDict):
    """How far two judges agree on the answers that both scored; `None` where these are too few to tell."""

    a: str
    b: str
    n: int
    spearman: float | None
    kendall: float | None
    weighted_kappa: float | None


class Severity(TypedDict):
    """A judge's mean score, and its distance from the mean of all judges."""

    judge: str
    n: int
    mean: float
    offset: float


class Noise(TypedDict):
    """How much a judge differs from itself."""

    judge: str
    repeats: int
    sd: float | None


class JudgesAgreement(TypedDict):
    """How far the judges can be believed."""

    pairs: list[JudgePair]
    severity: list[Severity]
    noise: list[Noise]
    failures: dict[str, dict[str, int]]
    """Verdicts that failed, by judge and code."""
    reasons: dict[str, dict[str, str]]
    """The first message of each, for a judge is mostly refused for one reason."""


class Preferences(TypedDict):
    """Which of two arms the judges prefer where they see both answers."""

    a: str
    b: str
    n: int
    a_wins: int
    b_wins: int
    ties: int
    inconsistent: int


def called(judges: Sequence[str], *, local: bool) -> dict[str, str]:
    """The judges' names for people: a stand-in does not go by the name of the model that it replaces."""
    return (
        {judge: f"stand-in judge {number}" for number, judge in enumerate(judges, 1)} if local else short_names(judges)
    )


def judges_agreement(board: Scoreboard) -> JudgesAgreement:
    """How far the judges can be believed; an answer counts for two judges when both gave a verdict on it."""
    own: dict[str, list[float | None]] = {judge: [] for judge in board.judges}
    repeated: dict[str, list[list[float]]] = {judge: [] for judge in board.judges}
    for _, by_judge in board.judged():
        for judge, values in own.items():
            scores = [verdict.score for verdict in by_judge.get(judge, ()) if verdict.score is not None]
            values.append(fmean(scores) if scores else None)
            if len(scores) > 1:  # One verdict alone shows no noise.
                repeated[judge].append(scores)
    common = _of_all([own[judge] for judge in own])
    failures = board.judge_failures()
    means = severity(dict(zip(own, common, strict=True)))
    return {
        "pairs": [_pair(a, b, own) for a, b in combinations(board.judges, 2)],
        "severity": [
            {"judge": judge, "n": len(common[0]), "mean": mean, "offset": offset}
            for judge, (mean, offset) in means.items()
        ],
        "noise": [
            {"judge": judge, "repeats": _most(scores, own[judge]), "sd": noise(scores)}
            for judge, scores in repeated.items()
        ],
        "failures": {judge: counts(of) for judge, of in failures.items()},
        "reasons": {judge: reasons(of) for judge, of in failures.items()},
    }


def _most(repeated: Sequence[Sequence[float]], own: Sequence[float | None]) -> int:
    """How often an answer was judged at most."""
    once = int(any(value is not None for value in own))
    return max(map(len, repeated), default=once)


def _of_all(scores: Sequence[Sequence[float | None]]) -> list[list[float]]:
    """The scores of the answers that every judge scored, judge by judge."""
    indexes = [index for index, given in enumerate(zip(*scores, strict=True)) if None not in given]
    return [[value for index in indexes if (value := own[index]) is not None] for own in scores]


def _pair(a: str, b: str, own: Mapping[str, Sequence[float | None]]) -> JudgePair:
    xs, ys = _of_all([own[a], own[b]])
    if len(xs) < FEWEST_ANSWERS:
        return {"a": a, "b": b, "n": len(xs), "spearman": None, "kendall": None, "weighted_kappa": None}
    rank, tau, kappa = spearman(xs, ys), kendall(xs, ys), weighted_kappa(xs, ys)
    return {"a": a, "b": b, "n": len(xs), "spearman": rank, "kendall": tau, "weighted_kappa": kappa}


def preferences(board: Scoreboard) -> list[Preferences]:
    """A win is one in both orders; a choice that turns with the order is inconsistent (Zheng et al. 2023)."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for (a, b, _), pair in board.pairs.items():
        by_judge: dict[str, dict[str, Choice]] = {}
        for choice in pair.choices:
            if choice.failure is None:
                by_judge.setdefault(choice.judge, {})[choice.order] = choice
        counter = counts.setdefault((a, b), Counter())
        counter.update(_outcome(orders) for orders in by_judge.values() if len(orders) == 2)
    order = {arm: index for index, arm in enumerate(board.arms)}
    ordered = sorted(counts, key=lambda arms: (order[arms[0]], order[arms[1]]))
    return [_preference(a, b, counts[a, b]) for a, b in ordered]


def _outcome(orders: Mapping[str, Choice]) -> str:
    winners = {str(choice.winner) for choice in orders.values()}
    return winners.pop() if len(winners) == 1 else "inconsistent"


def _preference(a: str, b: str, outcomes: Mapping[str, int]) -> Preferences:
    return {
        "a": a,
        "b": b,
        "n": sum(outcomes.values()),
        "a_wins": outcomes.get("a", 0),
        "b_wins": outcomes.get("b", 0),
        "ties": outcomes.get("tie", 0),
        "inconsistent": outcomes.get("inconsistent", 0),
    }
