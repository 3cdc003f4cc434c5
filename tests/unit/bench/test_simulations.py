"""Planted differences are found, planted nothings are not, and intervals cover: a frugal share of `bench.statistics`.

A simulated share has a standard error; each test leaves two of them around what is promised. Seeds are fixed.
"""

import pytest

from arbiter.evaluation.numbers import statistics
from bench.statistics import Share, covered, detected, mistaken, mistaken_by_document

pytestmark = pytest.mark.slow


def within(share: Share, lowest: float, highest: float) -> bool:
    return lowest - 2 * share.error <= share.share <= highest + 2 * share.error


def test_a_difference_of_one_point_is_found_in_nine_of_ten_runs() -> None:
    """Sixty cases, two judges with a noise of one point a verdict, arms that fit cases differently by one point."""
    share = detected(200)
    assert share.share >= 0.9, share


def test_identical_arms_are_told_apart_in_one_run_of_twenty_at_most() -> None:
    """Any of the six pairs of four arms counts."""
    share = mistaken(600)
    assert share.share <= 0.05, share


def test_what_whole_documents_share_is_taken_for_a_difference_in_one_run_of_twenty_at_most() -> None:
    """Twelve documents of five questions; each question by itself would see a difference in one run of five."""
    share = mistaken_by_document(200)
    assert share.share <= 0.05, share
    assert mistaken_by_document(100, named=False).share > 0.1


def test_nothing_is_found_where_the_difference_drowns_in_noise() -> None:
    """The test of the test: what can hardly be seen is hardly ever found."""
    assert detected(100, cases=20, points=0.1).share < 0.1


@pytest.mark.parametrize(
    ("population", "cases", "runs"),
    [
        ("spread", 20, 400),
        ("right or wrong", 30, 400),
        ("mostly right", 60, 300),
        ("difference", 20, 400),
        ("difference", 60, 300),
        ("repairs", 60, 300),
        ("mostly right", 250, 400),
    ],
)
def test_intervals_cover_the_truth(population: str, cases: int, runs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a fifth of the resamples: fewer scatter each interval's ends, and hardly change how often it covers."""
    monkeypatch.setattr(statistics, "RESAMPLES", 399)
    share = covered(population, cases, runs)
    assert within(share, 0.93, 0.97), share
