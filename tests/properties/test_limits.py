"""Choosing among the modes is pure, total and monotone in each limit."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arbiter.answering.auto import fitting, within
from arbiter.answering.decision import Score, Scores, Thresholds, choose
from arbiter.answering.expected import Expected, Taken
from arbiter.answering.request import Limits, Request
from arbiter.errors import CostLimitExceeded, DeadlineExceeded
from arbiter.modes import Mode

ORDERS = st.sampled_from(list(permutations(Mode)))
FRACTIONS = st.floats(0, 1)
MILLISECONDS, DOLLARS = st.integers(1, 5000), st.floats(1e-8, 1e-2)


@st.composite
def answers(draw: Any) -> Expected:
    milliseconds, cost = draw(MILLISECONDS), draw(DOLLARS | st.none())
    least = Taken(milliseconds * draw(FRACTIONS), None if cost is None else cost * draw(FRACTIONS))
    return Expected(Taken(float(milliseconds), cost), least)


MODES = st.fixed_dictionaries({mode: answers() for mode in Mode})
LIMITS = st.builds(Limits, max_latency_ms=st.none() | MILLISECONDS, max_cost_usd=st.none() | DOLLARS)


def chosen(order: tuple[Mode, ...], expected: dict[Mode, Expected], limits: Limits) -> Mode | None:
    try:
        return fitting(order, expected, limits)
    except (CostLimitExceeded, DeadlineExceeded):
        return None


def grade(order: tuple[Mode, ...], expected: dict[Mode, Expected], limits: Limits) -> int:
    """The rank of what a request gets: 0 the mode the scores call for, 4 one with less than its usual answer."""
    mode = chosen(order, expected, limits)
    if mode is None:
        return 5
    return order.index(mode) if expected[mode].usual.holds(limits) else 4


@given(ORDERS, MODES, LIMITS, MILLISECONDS, DOLLARS)
def test_raising_a_limit_never_makes_it_worse(
    order: tuple[Mode, ...], expected: dict[Mode, Expected], limits: Limits, later: int, dearer: float
) -> None:
    before = grade(order, expected, limits)

    for raised in (
        limits._replace(max_latency_ms=None),
        limits._replace(max_cost_usd=None),
        limits._replace(max_latency_ms=limits.max_latency_ms and limits.max_latency_ms + later),
        limits._replace(max_cost_usd=limits.max_cost_usd and limits.max_cost_usd + dearer),
    ):
        assert grade(order, expected, raised) <= before


@given(ORDERS, MODES, LIMITS)
def test_an_error_means_that_no_mode_can_hold_the_limits(
    order: tuple[Mode, ...], expected: dict[Mode, Expected], limits: Limits
) -> None:
    mode = chosen(order, expected, limits)

    if mode is None:
        assert not any(answer.least.holds(limits) for answer in expected.values())
    else:
        assert expected[mode].least.holds(limits) or expected[mode].usual.holds(limits)
    assert mode == chosen(order, expected, limits)


@given(ORDERS, MODES)
def test_without_limits_the_first_mode_is_chosen(order: tuple[Mode, ...], expected: dict[Mode, Expected]) -> None:
    assert chosen(order, expected, Limits()) == order[0]


@given(FRACTIONS, FRACTIONS, FRACTIONS, FRACTIONS, MODES, LIMITS)
def test_a_decision_within_limits_keeps_its_scores_and_names_what_was_ruled_out(
    grounded: float, specialised: float, a: float, b: float, expected: dict[Mode, Expected], limits: Limits
) -> None:
    free = choose(Scores(Score(grounded, ""), Score(specialised, "")), Thresholds(a, b))
    if chosen(tuple(Mode), expected, limits) is None:
        with pytest.raises((CostLimitExceeded, DeadlineExceeded), match="the cheapest"):
            within(free, Request("How early?", limits=limits), expected)
        return
    limited = within(free, Request("How early?", limits=limits), expected)

    assert [limited.grounded.score, limited.specialised.score] == [grounded, specialised]
    assert limited.mode not in limited.ruled_out
    assert limited.mode == free.mode or free.mode in limited.ruled_out
