"""The four modes are the four values of two questions."""

from itertools import product

from arbiter.modes import Mode


def test_every_pair_of_answers_is_exactly_one_mode() -> None:
    modes = {Mode.of(grounded=g, specialised=s) for g, s in product((True, False), repeat=2)}

    assert modes == set(Mode)


def test_a_mode_knows_its_answers() -> None:
    assert {mode: (mode.grounded, mode.specialised) for mode in Mode} == {
        "base": (False, False),
        "rag": (True, False),
        "fine_tuned": (False, True),
        "combined": (True, True),
    }
