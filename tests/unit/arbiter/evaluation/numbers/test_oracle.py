"""The best answer to each question is not better by the noise of the judges who look for it."""

from random import Random
from statistics import fmean

import pytest

from arbiter.evaluation.numbers.oracle import best_of, ratings
from arbiter.evaluation.numbers.records import Verdict

ARMS = ("base", "rag", "fine_tuned", "combined")


def judged(quality: dict[str, float], judges: int, repeat: int, random: Random) -> dict[str, dict[str, list[Verdict]]]:
    """Scores of whole points that are off by 1.2 points."""
    return {
        arm: {
            f"j{judge}": [
                Verdict(f"j{judge}", number, None, round(random.gauss(quality[arm], 1.2)), (), 0.0)
                for number in range(repeat)
            ]
            for judge in range(judges)
        }
        for arm in ARMS
    }


@pytest.mark.parametrize(("judges", "repeat"), [(2, 1), (1, 2), (1, 3), (3, 2)])
@pytest.mark.parametrize(("gain", "found"), [(0.0, (-0.12, 0.12)), (4.0, (1.85, 2.1))])
def test_noise_alone_is_no_better_answer_and_a_planted_one_is_found(
    judges: int, repeat: int, gain: float, found: tuple[float, float]
) -> None:
    """Of four techniques one is better on every other question, or none is: 500 of them."""
    random, best, highest = Random(7), list[float](), list[float]()
    for number in range(500):
        verdicts = judged(dict.fromkeys(ARMS, 5.0) | {"rag": 5 + gain * (number % 2)}, judges, repeat, random)
        rated = ratings(verdicts)
        best.append(best_of(rated) or 0.0)
        highest.append(max(fmean(one[arm] for one in rated) for arm in ARMS))
    assert found[0] < fmean(best) - 5 < found[1]
    # The highest of the means, which this is in place of, takes noise for quality.
    assert fmean(highest) - 5 > gain / 2 + 0.2


def test_answers_that_the_others_think_equally_good_count_equally() -> None:
    assert best_of([{"base": 4, "rag": 8}, {"base": 6, "rag": 6}]) == pytest.approx((6 + 6) / 2)


def test_one_rating_cannot_check_itself() -> None:
    verdicts = {arm: {"j": [Verdict("j", 0, None, 5.0, (), 0.0)]} for arm in ARMS}
    assert best_of(ratings(verdicts)) is None
