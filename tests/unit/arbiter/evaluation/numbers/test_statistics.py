"""Means, bands and intervals are what the textbooks say; nothing degenerate breaks them."""

import numpy as np
import pytest
import scipy

from arbiter.evaluation.numbers import statistics
from arbiter.evaluation.numbers.statistics import MANY, bands, deviation, mean_interval, quantile, student_quantile

GENERATOR = np.random.default_rng(7)


def scores(n: int, spread: float = 2.0) -> list[float]:
    return [float(value) for value in np.clip(np.rint(GENERATOR.normal(6, spread, n)), 0, 10)]


@pytest.mark.parametrize("n", [60, MANY])
def test_the_interval_agrees_with_scipys_bca_bootstrap(n: int) -> None:
    values = scores(n)
    ours = mean_interval(values, seed="a run")
    bca = scipy.stats.bootstrap((np.array(values),), np.mean, n_resamples=4_000, rng=1).confidence_interval
    assert ours is not None
    width = bca.high - bca.low
    # The studentised interval is wider by about 2/n; both scatter by some hundredths of their width.
    assert ours[0] == pytest.approx(bca.low, abs=0.1 * width)
    assert ours[1] == pytest.approx(bca.high, abs=0.1 * width)


def test_the_expansion_agrees_with_the_resamples_where_it_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    skewed = [float(value) for value in np.where(GENERATOR.random(MANY) < 0.85, 9.0, 2.0)]
    resampled = mean_interval(skewed, seed="a run")
    monkeypatch.setattr(statistics, "MANY", MANY - 1)
    expanded = mean_interval(skewed, seed="a run")
    assert resampled is not None
    assert expanded is not None
    assert resampled != expanded
    width = expanded[1] - expanded[0]
    assert resampled == pytest.approx(expanded, abs=0.06 * width)


def test_the_same_seed_gives_the_same_interval_and_another_a_near_one() -> None:
    values = scores(40)
    first, other = mean_interval(values, seed="a"), mean_interval(values, seed="b")
    assert first == mean_interval(values, seed="a")
    assert first != other
    assert first == pytest.approx(other, abs=0.15)


@pytest.mark.parametrize("few", [[], [5.0], [5.0, 7.0]])
def test_too_few_values_have_no_interval(few: list[float]) -> None:
    assert mean_interval(few, seed="a") is None


@pytest.mark.parametrize("n", [3, 30, MANY + 1])
def test_equal_values_have_an_interval_without_width(n: int) -> None:
    assert mean_interval([7.0] * n, seed="a") == (7.0, 7.0)


def test_an_interval_never_leaves_the_scale() -> None:
    interval = mean_interval([10.0, 10.0, 10.0, 10.0, 0.0], seed="a")
    assert interval is not None
    assert 0.0 <= interval[0] <= 8.0 <= interval[1] <= 10.0


@pytest.mark.parametrize("freedom", [1, 2, 4, 10, 60, 500])
@pytest.mark.parametrize("share", [0.8, 0.975, 1 - 0.025 / 6])
def test_students_quantiles_are_scipys(share: float, freedom: int) -> None:
    assert student_quantile(share, freedom) == pytest.approx(scipy.stats.t.ppf(share, freedom), rel=5e-3)


@pytest.mark.parametrize("values", [[3.0], [1.0, 2.0, 4.0], list(map(float, range(20)))])
def test_quantiles_and_deviation_are_numpys(values: list[float]) -> None:
    for share in (0.0, 0.025, 0.5, 0.95, 1.0):
        assert quantile(values, share) == pytest.approx(np.quantile(values, share))
    if len(values) > 1:
        assert deviation(values) == pytest.approx(np.std(values, ddof=1))


def test_bands_are_those_of_the_case_study_rounded_half_up() -> None:
    assert bands([0.0, 3.4, 3.5, 6.4, 6.5, 8.4, 8.5, 10.0]) == dict.fromkeys(bands([]), 0.25)
    assert sum(bands(scores(50)).values()) == pytest.approx(1.0)
