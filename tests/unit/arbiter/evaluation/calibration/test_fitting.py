"""Calibration recovers the better policy where one was planted, and publishes on noise no more often than it may."""

import pytest

from arbiter.evaluation.calibration.fitting import FEWEST_TO_FIT, Outcome, Thresholds, calibrate, fit
from arbiter.modes import Mode
from bench.calibration import outcomes, published


@pytest.mark.slow
def test_nothing_is_published_on_noise_more_often_than_one_time_in_twenty() -> None:
    assert published(120, effect=0.0).share <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("count", "effect", "power"), [(100, 2.0, 0.95), (200, 2.0, 0.99), (200, 1.0, 0.6)])
def test_a_planted_policy_is_found(count: int, effect: float, power: float) -> None:
    assert published(count, effect=effect, runs=60).share >= power


def test_the_fitted_thresholds_choose_what_was_planted() -> None:
    found, fresh = fit(outcomes(300, 1, effect=3.0, spread=0.5)), outcomes(300, 2, effect=3.0, spread=0.5)
    right = sum(found.mode(one) is max(one.worth, key=lambda mode: one.worth[mode]) for one in fresh)

    assert 0.4 < found.grounded < 0.6
    assert 0.4 < found.specialised < 0.6
    assert right >= 0.8 * len(fresh)


def test_too_few_questions_test_the_shipped_thresholds_and_fit_nothing() -> None:
    few = outcomes(FEWEST_TO_FIT - 1, 3, effect=2.0)
    right = [one._replace(default=max(one.worth, key=lambda mode: one.worth[mode])) for one in few]
    tested, ahead = calibrate(few), calibrate(right)

    assert (tested.fitted, tested.publishable, ahead.publishable) == (None, False, False)
    assert not tested.wins
    assert ahead.wins
    assert calibrate(outcomes(FEWEST_TO_FIT, 3, effect=2.0)).fitted


def test_it_says_how_many_questions_would_show_the_lead() -> None:
    weak, strong = (calibrate(outcomes(150, 5, effect=effect)) for effect in (0.8, 2.5))

    assert weak.needed is None or weak.needed > (strong.needed or 0)
    assert (strong.needed or 999) < 150
    assert calibrate([one._replace(default=Mode.RAG) for one in outcomes(40, 6, effect=0.0)]).needed is None


def test_questions_about_one_document_are_one_piece_of_evidence() -> None:
    alone, together = (outcomes(120, 7, effect=1.5, per_document=size) for size in (1, 30))

    assert calibrate(alone).p < calibrate(together).p
    assert not calibrate(together).publishable


def test_a_mode_that_was_not_measured_is_replaced_by_the_same_without_the_tuned_model() -> None:
    worth = {Mode.BASE: 1.0, Mode.RAG: 5.0}
    one = Outcome("a", 0.9, 0.9, worth, Mode.COMBINED)

    assert Thresholds(0.5, 0.5).mode(one) is Mode.RAG
    assert [beaten.mode for beaten in calibrate([one] * 5).against] == [Mode.BASE, Mode.RAG]
    assert calibrate([]).publishable is False
