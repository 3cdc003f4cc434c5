"""The judges of a run: how they agree, how severe each is, how noisy, how often they failed, whom they preferred."""

from collections import Counter
from collections.abc import Mapping
from itertools import combinations
from statistics import fmean
from typing import Any

from arbiter.evaluation.agreement import kendall, noise, severity, spearman, weighted_kappa
from arbiter.evaluation.records import Choice
from arbiter.evaluation.scoreboard import Cell, Scoreboard

Row = dict[str, Any]


def judges_agreement(board: Scoreboard) -> Row:
    """How far the judges can be believed; an answer counts for two judges when both gave a verdict on it."""
    own: dict[str, dict[Cell, float]] = {judge: {} for judge in board.judges}
    repeated: dict[str, list[list[float]]] = {judge: [] for judge in board.judges}
    for cell, by_judge in board.judged():
        for judge, given in by_judge.items():
            scores = [verdict.score for verdict in given if verdict.score is not None]
            own[judge][cell] = fmean(scores)
            if len(scores) > 1:  # One verdict alone shows no noise.
                repeated[judge].append(scores)
    common = sorted(set.intersection(*map(set, own.values()))) if own else []
    found = severity({judge: [scores[cell] for cell in common] for judge, scores in own.items()})
    return {
        "pairs": [_pair(a, b, own) for a, b in combinations(board.judges, 2)],
        "severity": [
            {"judge": judge, "n": len(common), "mean": found[judge][0], "offset": found[judge][1]} for judge in found
        ],
        "noise": [
            {"judge": judge, "repeats": max(map(len, scores), default=min(1, len(own[judge]))), "sd": noise(scores)}
            for judge, scores in repeated.items()
        ],
        "failures": board.judge_failures(),
    }


def _pair(a: str, b: str, own: Mapping[str, Mapping[Cell, float]]) -> Row:
    both = sorted(own[a].keys() & own[b].keys())
    xs, ys = [own[a][cell] for cell in both], [own[b][cell] for cell in both]
    rank, tau, kappa = spearman(xs, ys), kendall(xs, ys), weighted_kappa(xs, ys)
    return {"a": a, "b": b, "n": len(both), "spearman": rank, "kendall": tau, "weighted_kappa": kappa}


def preferences(board: Scoreboard) -> list[Row]:
    """A win is one in both orders; a choice that turns with the order is inconsistent (Zheng et al. 2023)."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for (a, b, _), pair in board.pairs.items():
        by_judge: dict[str, dict[str, Choice]] = {}
        for choice in pair.choices:
            if choice.failure is None:
                by_judge.setdefault(choice.judge, {})[choice.order] = choice
        counter = counts.setdefault((a, b), Counter())
        counter.update(_outcome(orders) for orders in by_judge.values() if len(orders) == 2)
    places = {arm: place for place, arm in enumerate(board.arms)}
    ordered = sorted(counts, key=lambda arms: (places[arms[0]], places[arms[1]]))
    return [_preference(a, b, counts[a, b]) for a, b in ordered]


def _outcome(orders: Mapping[str, Choice]) -> str:
    winners = {str(choice.winner) for choice in orders.values()}
    return winners.pop() if len(winners) == 1 else "inconsistent"


def _preference(a: str, b: str, outcomes: Mapping[str, int]) -> Row:
    wins = {"a_wins": outcomes.get("a", 0), "b_wins": outcomes.get("b", 0), "ties": outcomes.get("tie", 0)}
    turned = outcomes.get("inconsistent", 0)
    return {"a": a, "b": b, "n": sum(wins.values()) + turned, **wins, "inconsistent": turned}
