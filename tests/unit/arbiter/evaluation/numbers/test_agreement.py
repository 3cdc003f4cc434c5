"""Agreement between judges is what scipy and a hand-written table say."""

import numpy as np
import pytest
import scipy

from arbiter.evaluation.numbers.agreement import kendall, noise, severity, spearman, weighted_kappa
from arbiter.evaluation.numbers.length import scores_given_length

GENERATOR = np.random.default_rng(5)


def judged(n: int) -> tuple[list[float], list[float]]:
    first = GENERATOR.integers(0, 11, n)
    second = np.clip(first + GENERATOR.integers(-3, 4, n), 0, 10)
    return list(map(float, first)), list(map(float, second))


@pytest.mark.parametrize("n", [2, 3, 17, 400])
def test_rank_correlations_are_scipys(n: int) -> None:
    xs, ys = judged(n)
    assert spearman(xs, ys) == pytest.approx(scipy.stats.spearmanr(xs, ys).statistic)
    assert kendall(xs, ys) == pytest.approx(scipy.stats.kendalltau(xs, ys).statistic)


def test_rank_correlations_of_opposite_judges_are_minus_one() -> None:
    xs = [1.0, 4.0, 6.0, 9.0]
    assert (spearman(xs, xs[::-1]), kendall(xs, xs[::-1])) == (-1.0, -1.0)


@pytest.mark.parametrize(("xs", "ys"), [([], []), ([3.0], [3.0]), ([3.0, 3.0], [1.0, 9.0]), ([1.0, 9.0], [3.0, 3.0])])
def test_a_judge_that_never_varies_has_no_rank_correlation(xs: list[float], ys: list[float]) -> None:
    assert (spearman(xs, ys), kendall(xs, ys)) == (None, None)


def test_kappa_is_that_of_a_table_worked_by_hand() -> None:
    # Scores 0/0, 0/1, 1/1, 2/1: observed squares 0+1+0+1 = 2 of 4; margins (2, 1, 1) and (1, 3, 0) expect
    # (2*3*1 + 1*1*1 + 1*1*4 + 1*3*1) / 4 = 14/4 of 4; kappa = 1 - 2 / (14/4).
    assert weighted_kappa([0, 0, 1, 2], [0, 1, 1, 1]) == pytest.approx(1 - 2 / (14 / 4))


def test_kappa_rounds_means_half_up() -> None:
    assert weighted_kappa([0.5, 1.4, 9.5], [1.0, 1.0, 10.0]) == 1.0


@pytest.mark.parametrize("same", [[], [7.0, 7.0]])
def test_kappa_of_judges_that_could_not_differ_is_unknown(same: list[float]) -> None:
    assert weighted_kappa(same, same) is None


def test_a_severe_judge_is_named_by_its_offset() -> None:
    assert severity({"mild": [8.0, 6.0], "severe": [5.0, 5.0]}) == {"mild": (7.0, 1.0), "severe": (5.0, -1.0)}
    assert severity({"a": [], "b": []}) == {}


def test_noise_is_pooled_within_answers() -> None:
    assert noise([[5.0, 7.0], [1.0, 1.0], [9.0]]) == pytest.approx(1.0)
    assert noise([[5.0], [7.0]]) is None
    assert noise([]) is None


def test_a_lead_that_is_all_length_is_taken_away() -> None:
    """Score grows with length alone: one arm writes longer, and given the length no arm leads."""
    short = [(x, 2 * x) for x in (1.0, 2.0, 3.0)]
    long = [(x, 2 * x) for x in (3.0, 4.0, 5.0)]
    assert scores_given_length({"short": short, "long": long}) == pytest.approx({"short": 6.0, "long": 6.0})


def test_a_lead_that_is_not_length_stays() -> None:
    low, high = [(1.0, 4.0), (2.0, 4.0)], [(1.0, 9.0), (2.0, 9.0)]
    assert scores_given_length({"low": low, "high": high, "none": []}) == {"low": 4.0, "high": 9.0, "none": None}


def test_lengths_that_never_vary_adjust_nothing() -> None:
    assert scores_given_length({"a": [(2.0, 5.0)], "b": []}) == {"a": None, "b": None}
