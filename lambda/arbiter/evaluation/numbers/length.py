"""Scores given the length of the answers: what is left of a lead when every arm writes equally much."""

from collections.abc import Mapping, Sequence
from math import fsum
from statistics import fmean

Point = tuple[float, float]
"""The logarithm of an answer's output tokens, and its score."""


def scores_given_length(arms: Mapping[str, Sequence[Point]]) -> dict[str, float | None]:
    """Each arm's mean score at the run's mean logarithm of output tokens: adjusted means of an analysis of covariance.

    One slope is fitted within the arms (Cochran 1957), so that an arm is not credited for what its own level explains.
    `None` where the answers of an arm have no length, or lengths never vary and nothing can be adjusted.
    """
    points = {arm: own for arm, own in arms.items() if own}
    centres = {arm: (fmean(x for x, _ in own), fmean(y for _, y in own)) for arm, own in points.items()}
    squares = fsum((x - centres[arm][0]) ** 2 for arm, own in points.items() for x, _ in own)
    if squares <= 1e-12:
        return dict.fromkeys(arms)
    products = fsum((x - centres[arm][0]) * (y - centres[arm][1]) for arm, own in points.items() for x, y in own)
    slope, overall = products / squares, fmean(x for own in points.values() for x, _ in own)
    adjusted = {arm: y - slope * (x - overall) for arm, (x, y) in centres.items()}
    return {arm: adjusted.get(arm) for arm in arms}
