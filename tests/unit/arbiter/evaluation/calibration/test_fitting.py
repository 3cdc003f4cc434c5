"""Calibration recovers the better policy where one was planted, and publishes on noise no more often than it may."""

from random import Random

import pytest

from arbiter.evaluation.calibration.fitting import FEWEST_TO_FIT, Outcome, Thresholds, calibrate, fit
from arbiter.modes import Mode

RUNS = 200


def outcomes(count: int, seed: int, *, effect: float, spread: float = 2.0, per_document: int = 2) -> list[Outcome]:
    """Questions of which half need documents and a third the tuned model, each worth `effect` points to its own mode.

    The scores tell which, mostly; without an effect every mode is worth the same but for noise.
    """
    random = Random(seed)
    made = []
    for number in range(count):
        grounded, specialised = random.random() < 0.5, random.random() < 0.33
        right = Mode.of(grounded=grounded, specialised=specialised)
        level = random.gauss(6, 1)
        # Halves of a point, as the mean of two judges' whole ones.
        worth = {mode: round(2 * (level + random.gauss(effect if mode is right else 0.0, spread))) / 2 for mode in Mode}
        scores = [min(1.0, max(0.0, random.gauss(0.7 if needed else 0.3, 0.12))) for needed in (grounded, specialised)]
        made.append(Outcome(f"document {number // per_document}", *scores, worth, Mode.BASE))
    return made


def share_published(count: int, *, effect: float, spread: float = 2.0, runs: int = RUNS) -> float:
    return (
        sum(calibrate(outcomes(count, seed, effect=effect, spread=spread)).publishable for seed in range(runs)) / runs
    )


@pytest.mark.slow
def test_nothing_is_published_on_noise_more_often_than_one_time_in_twenty() -> None:
    assert share_published(120, effect=0.0) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("count", "effect", "power"), [(100, 2.0, 0.95), (200, 2.0, 0.99), (200, 1.0, 0.6)])
def test_a_planted_policy_is_found(count: int, effect: float, power: float) -> None:
    assert share_published(count, effect=effect, runs=60) >= power


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
