"""The best answer to each question, chosen by some judges and scored by the others: no noise is taken for quality."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from arbiter.evaluation.numbers.records import Verdict

Rating = Mapping[str, float]
"""The scores of one judge, or of a half of its repeats, by arm."""


def ratings(verdicts: Mapping[str, Mapping[str, Sequence[Verdict]]]) -> list[Rating]:
    """The independent ratings of the answers to a question: one a judge, or of a lone judge each half of its repeats.

    Args:
        verdicts: by arm and judge; of every arm from the same judges.
    """
    judges = sorted({judge for by_judge in verdicts.values() for judge in by_judge})
    if len(judges) > 1:
        return [{arm: _mean(by_judge[judge]) for arm, by_judge in verdicts.items()} for judge in judges]
    halves = [
        {
            arm: [one for own in by_judge.values() for one in own if one.repeat % 2 == half]
            for arm, by_judge in verdicts.items()
        }
        for half in (0, 1)
    ]
    return [{arm: _mean(own) for arm, own in half.items()} for half in halves if all(half.values())]


def best_of(rated: Sequence[Rating]) -> float | None:
    """The score of the best answer to a question; `None` of fewer than two ratings.

    Each rating scores what the mean of the others thinks best (cross-fitting, Chernozhukov et al. 2018); answers
    that these think equally good count equally. The highest score of several is above the truth by the ratings' noise
    even where all answers are equally good; this is not, and below it only as far as the others choose wrong.
    """
    if len(rated) < 2:
        return None
    return fmean(_scored_by(one, [other for other in rated if other is not one]) for one in rated)


def _scored_by(rating: Rating, others: Sequence[Rating]) -> float:
    means = {arm: fmean(other[arm] for other in others) for arm in rating}
    highest = max(means.values())
    return fmean(score for arm, score in rating.items() if means[arm] > highest - 1e-9)


def _mean(verdicts: Sequence[Verdict]) -> float:
    return fmean(verdict.score for verdict in verdicts if verdict.score is not None)
