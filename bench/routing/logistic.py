"""Logistic regression by Newton's method, with a constant of its own for each group, and the marks that it is given."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def fit(values: Numbers, answers: Numbers, groups: NDArray[np.int64], ridge: float = 3.0) -> Numbers:
    """The coefficients of standardised columns, written for the columns as they are; the groups' constants fall away.

    In each group the two answers weigh the same, however many there are.
    """
    spread = values.std(axis=0) + 1e-9
    scaled = (values - values.mean(axis=0)) / spread
    shares = _shares(answers, groups)
    design = np.hstack([scaled, np.eye(groups.max() + 1)[groups]])
    penalty = np.concatenate([np.full(values.shape[1], ridge), np.full(groups.max() + 1, 1e-6)])
    found = np.zeros(design.shape[1])
    for _ in range(100):
        chances = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (shares * (chances - answers)) + penalty * found
        curve = (design * (shares * chances * (1 - chances))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < 1e-7:
            break
    weights: Numbers = found[: values.shape[1]] / spread
    return weights


def _shares(answers: Numbers, groups: NDArray[np.int64]) -> Numbers:
    shares = np.ones(len(answers))
    for group in set(groups.tolist()):
        for answer in (0, 1):
            members = (groups == group) & (answers == answer)
            shares[members] = 100 / max(members.sum(), 1)
    return shares


def frequent(met: Iterable[tuple[Iterable[str], str]], fewest: int) -> list[str]:
    """The marks met so often, and in more than one group: what one group alone has tells it from the others by chance.

    Args:
        met: the marks of each text, and its group.
    """
    counts: Counter[str] = Counter()
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for marks, group in met:
        for mark in marks:
            counts[mark] += 1
            groups[mark].add(group)
    return sorted(mark for mark, count in counts.items() if count >= fewest and len(groups[mark]) > 1)
