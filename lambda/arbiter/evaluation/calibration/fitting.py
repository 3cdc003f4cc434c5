"""Thresholds of `auto` from paired outcomes, and whether a policy beats each single mode: pure, without a clock."""

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from math import ceil, exp, sqrt
from statistics import NormalDist, fmean
from typing import NamedTuple

from arbiter.evaluation.numbers.significance import sign_flip_p
from arbiter.evaluation.numbers.statistics import deviation
from arbiter.modes import Mode

FOLDS = 10
FEWEST_TO_FIT = 100
"""Questions below which nothing is fitted: what is fitted on fewer is noise."""
SIGNIFICANCE, POWER = 0.05, 0.8
SOFTNESS = 0.5
"""Of the weights of cuts: with it calibration finds a planted policy most often (`python -m bench.calibration`)."""
NEVER = 1.01
"""A cut above all scores."""


class Outcome(NamedTuple):
    """A question: the two scores that `auto` goes by, and what each mode was worth on it."""

    cluster: str
    """The document that it is about: questions about one are no independent evidence."""
    grounded: float
    specialised: float
    worth: Mapping[Mode, float]
    default: Mode
    """The mode that `auto` chooses as it is shipped."""


class Thresholds(NamedTuple):
    """The scores from which each of the two questions is answered with yes."""

    grounded: float
    specialised: float

    def mode(self, outcome: Outcome) -> Mode:
        """The mode for a question, among those that were measured."""
        wanted = Mode.of(
            grounded=outcome.grounded >= self.grounded, specialised=outcome.specialised >= self.specialised
        )
        return wanted if wanted in outcome.worth else Mode.of(grounded=wanted.grounded, specialised=False)


class Beaten(NamedTuple):
    """A policy against one single mode."""

    mode: Mode
    difference: float
    p: float
    """One-sided, by flipping the signs of whole documents."""
    questions: int | None
    """About how many questions would show the difference; `None` where the policy is not ahead."""


class Calibration(NamedTuple):
    """The verdict of a run on a policy."""

    questions: int
    documents: int
    fitted: Thresholds | None
    """`None` where too few questions allow no fit: the shipped thresholds were tested."""
    against: tuple[Beaten, ...]

    @property
    def p(self) -> float:
        """The largest p-value: a policy must beat each single mode."""
        return max((one.p for one in self.against), default=1.0)

    @property
    def wins(self) -> bool:
        """Whether each single mode is beaten."""
        return self.p < SIGNIFICANCE

    @property
    def publishable(self) -> bool:
        """Whether there are thresholds that beat each single mode on questions that they were not fitted on."""
        return self.fitted is not None and self.wins

    @property
    def needed(self) -> int | None:
        """About how many questions it takes; `None` where some single mode is ahead and no number will do."""
        counts = [one.questions for one in self.against]
        known = [count for count in counts if count is not None]
        return max(known) if known and len(known) == len(counts) else None


def calibrate(outcomes: Sequence[Outcome]) -> Calibration:
    """Fit thresholds where there are questions enough, and test them on the questions of other documents."""
    modes = sorted(set.intersection(*(set(one.worth) for one in outcomes))) if outcomes else []
    fits = len(outcomes) >= FEWEST_TO_FIT
    gained = _cross_fitted(outcomes) if fits else [one.worth[_measured(one)] for one in outcomes]
    return Calibration(
        len(outcomes),
        len({one.cluster for one in outcomes}),
        fit(outcomes) if fits else None,
        tuple(_against(mode, outcomes, gained) for mode in modes),
    )


def fit(outcomes: Sequence[Outcome]) -> Thresholds:
    """The thresholds that are worth most on these questions, one head after the other."""
    thresholds = Thresholds(0.5, 0.5)
    for _ in range(2):
        grounded = _best(outcomes, lambda one: one.grounded, _gain(thresholds, head="grounded"))
        thresholds = thresholds._replace(grounded=grounded)
        specialised = _best(outcomes, lambda one: one.specialised, _gain(thresholds, head="specialised"))
        thresholds = thresholds._replace(specialised=specialised)
    return thresholds


def _gain(thresholds: Thresholds, *, head: str) -> Callable[[Outcome], float]:
    """The worth of a yes of one head over a no, the other head as it decides."""
    yes, no = thresholds._replace(**{head: 0.0}), thresholds._replace(**{head: 2.0})
    return lambda one: one.worth[yes.mode(one)] - one.worth[no.mode(one)]


def _best(outcomes: Sequence[Outcome], score: Callable[[Outcome], float], gain: Callable[[Outcome], float]) -> float:
    """The cut of a score above which yes gains most: the mean of all cuts, each weighted by what it gains.

    The single best cut follows noise. A weight falls by the factor e for each `SOFTNESS` standard deviations of the sum
    of all gains that a cut gains less than the best.
    """
    by_score: dict[float, float] = defaultdict(float)
    squares = 0.0
    for one in outcomes:
        gained = gain(one)
        by_score[score(one)] += gained
        squares += gained * gained
    ranked = sorted(by_score, reverse=True)
    totals = [0.0, *accumulate(by_score[value] for value in ranked)]
    # Between two scores, so that none lies on a cut; above all scores, and below.
    cuts = [NEVER, *((value + following) / 2 for value, following in pairwise(ranked)), 0.0]
    most, scale = max(totals), SOFTNESS * (sqrt(squares) or 1.0)
    weights = [exp((total - most) / scale) for total in totals]
    return sum(weight * cut for weight, cut in zip(weights, cuts, strict=True)) / sum(weights)


def _cross_fitted(outcomes: Sequence[Outcome]) -> list[float]:
    """The worth of each question's mode by thresholds fitted without the fold that its document is in."""
    folds = [zlib.crc32(one.cluster.encode()) % FOLDS for one in outcomes]
    fitted = {fold: fit([one for one, own in zip(outcomes, folds, strict=True) if own != fold]) for fold in set(folds)}
    return [one.worth[fitted[fold].mode(one)] for one, fold in zip(outcomes, folds, strict=True)]


def _measured(one: Outcome) -> Mode:
    return one.default if one.default in one.worth else Mode.of(grounded=one.default.grounded, specialised=False)


def _against(mode: Mode, outcomes: Sequence[Outcome], gained: Sequence[float]) -> Beaten:
    differences = [worth - one.worth[mode] for one, worth in zip(outcomes, gained, strict=True)]
    by_document = _summed(zip((one.cluster for one in outcomes), differences, strict=True))
    difference = fmean(differences)
    # Flips are symmetric: half of the two-sided value is the one-sided one, where the policy is ahead.
    p = sign_flip_p(by_document) / 2 if difference > 0 else 1.0
    return Beaten(mode, difference, p, _needed(difference, by_document, len(differences)))


def _summed(differences: Iterable[tuple[str, float]]) -> list[float]:
    sums: dict[str, float] = defaultdict(float)
    for cluster, difference in differences:
        sums[cluster] += difference
    return list(sums.values())


def _needed(difference: float, by_document: Sequence[float], questions: int) -> int | None:
    """Questions that show a difference in 80 % of repetitions (Cohen 1988, section 2.2, one-sided)."""
    if difference <= 1e-9:
        return None
    error = deviation(by_document) * sqrt(len(by_document)) / questions
    normal = NormalDist()
    detected = normal.inv_cdf(1 - SIGNIFICANCE) + normal.inv_cdf(POWER)
    return max(1, ceil(questions * (detected * error / difference) ** 2))
