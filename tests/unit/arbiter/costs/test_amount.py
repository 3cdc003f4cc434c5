"""Amounts add up to bounds that hold, and a sum names what it leaves out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arbiter.costs.amount import NOTHING, Amount, Charge, dollars, total
from arbiter.costs.technique import TechniqueCost, Use
from cli.reporting.figures import numbers

READ = Amount(0.5, "Price List API", "2026-11-21")
TOLD = Amount(1.25, "an article", "2026-04-16", lower_bound=True)

AMOUNTS = st.builds(
    Amount,
    st.floats(0, 1e6),
    st.sampled_from(["", "Price List API", "an article"]),
    st.sampled_from(["", "2026-01-01", "2026-11-21"]),
    st.booleans(),
)


def test_a_sum_names_every_source_once_and_has_the_oldest_date() -> None:
    assert Amount(2.25, "Price List API | an article", "2026-04-16", lower_bound=True) == READ + TOLD + READ


def test_a_sum_with_an_unknown_part_is_a_lower_bound_that_names_it() -> None:
    amount = total([READ, Amount.of_unknown("reranking"), READ, Amount.of_unknown("reranking")])

    assert (amount.usd, amount.known) == (1.0, None)
    assert (amount.lower_bound, amount.unknown) == (True, ("reranking",))


def test_none_of_something_unknown_costs_nothing() -> None:
    assert Amount.of_unknown("an hour of hosting").times(0) == NOTHING


def test_a_line_says_what_it_is_for() -> None:
    assert Charge("alarms", READ, "month").dump() == {
        "name": "alarms", "per": "month", "usd": 0.5, "source": "Price List API", "as_of": "2026-11-21",
        "lower_bound": False, "unknown": (), "usd_beyond_allowance": 0.5,
    }  # fmt: skip


@given(st.lists(AMOUNTS, max_size=6))
def test_order_does_not_change_a_sum(amounts: list[Amount]) -> None:
    one, other = total(amounts), total(reversed(amounts))

    assert abs(one.usd - other.usd) <= 1e-9 * max(1.0, one.usd)
    assert (one.as_of, one.lower_bound) == (other.as_of, other.lower_bound)
    assert set(one.sources) == set(other.sources)


def test_a_month_of_a_technique_is_a_straight_line_over_its_requests() -> None:
    cost = TechniqueCost(
        idle_month=Amount(1.0), request=Amount(0.002), sync=Amount(0.5), training=Amount(12.0),
        storage_month=Amount(2.0), hosting_hour=Amount(60.0),
    )  # fmt: skip
    use = Use(requests=1000, syncs=4, trainings=1 / 6, hosted_hours=2)

    assert cost.month(use).usd == 1.0 + 2.0 + 4 * 0.5 + 12.0 / 6 + 2 * 60.0 + 1000 * 0.002
    assert cost.fixed(use).usd == cost.month(Use(syncs=4, trainings=1 / 6, hosted_hours=2)).usd


def test_what_is_not_used_need_not_be_known() -> None:
    cost = TechniqueCost(request=Amount(0.002), hosting_hour=Amount.of_unknown("a model unit for an hour"))

    assert cost.month(Use(requests=10)).known == 0.02
    assert cost.month(Use(requests=10, hosted_hours=1)).unknown == ("a model unit for an hour",)


@pytest.mark.parametrize(
    ("usd", "written"),
    [
        (0.0, "$0.00"), (1234.5, "$1,234.50"), (1.0, "$1.00"), (0.05876, "$0.0588"), (0.0036, "$0.0036"),
        (0.0000229, "$0.0000229"), (3.6e-08, "$0.0000000360"),
    ],
)  # fmt: skip
def test_an_amount_is_written_alike_everywhere_and_no_small_one_as_nothing(usd: float, written: str) -> None:
    assert (dollars(usd), numbers.dollars(usd)) == (written, written)
