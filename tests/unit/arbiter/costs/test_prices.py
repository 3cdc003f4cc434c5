"""A cost is computed from known prices, and a cost limit is kept or refused before the call."""

import pytest

from arbiter.costs.prices import Bill, Price, Prices, SearchPrice, affordable_tokens, rankings
from arbiter.costs.tokens import Usage
from arbiter.errors import CostLimitExceeded

PRICE = Price(input=1e-6, output=4e-6, cached=5e-7, written=1.25e-6)


def test_every_kind_of_token_has_its_price() -> None:
    assert PRICE.cost(Usage(1000, 100, 10, 8)) == pytest.approx(1000e-6 + 400e-6 + 5e-6 + 10e-6)


def test_prices_are_looked_up_by_model_and_tuned_ones_by_their_base() -> None:
    prices = Prices(
        {
            "nova": {"input_per_1k": 0.001, "output_per_1k": 0.004},
            "custom:nova:128k": {"input_per_1k": 0.002, "output_per_1k": 0.008, "cached_per_1k": 0.0005},
        }
    )

    assert prices.of("nova") == Price(1e-6, 4e-6, 1e-6, 1.25e-6)
    assert prices.of_tuned("nova:128k") == Price(2e-6, 8e-6, 5e-7, 2.5e-6)
    assert prices.of("nova:128k") is None
    assert prices.of_tuned("nova") is None


def test_a_bill_is_as_known_as_its_parts() -> None:
    prices = Prices({"nova": {"input_per_1k": 1.0, "output_per_1k": 4.0}})

    assert prices.bill({"nova": Usage(10, 10)}) == Bill(0.05)
    assert prices.bill({"nova": Usage(10, 10), "new": Usage(1, 1)}) == Bill(0.05, ("new",))
    assert (Bill(0.05).usd, Bill(0.05, ("new",)).usd, prices.bill({}).usd) == (0.05, None, 0.0)


def test_a_search_is_a_question_embedded_a_query_and_a_ranking() -> None:
    prices = Prices({"search": {"embedding_per_1k": 0.02, "queries_per_1m": 2.5, "rerank_per_1k": 2.0}})

    assert prices.search == SearchPrice(0.00002, 0.0000025, 0.002)
    assert prices.search.cost(10) == pytest.approx(0.0002 + 0.0000025)
    assert prices.search.cost(10, 2) == pytest.approx(0.0002 + 0.0000025 + 0.004)


def test_a_hybrid_search_is_one_query_more_unless_the_store_does_both_at_once() -> None:
    figures = {"embedding_per_1k": 0, "queries_per_1m": 2.5}
    two, one = (Prices({"search": {**figures, **once}}).search for once in ({}, {"hybrid_queries": 1}))
    assert two.cost(10, hybrid=True) == pytest.approx(2 * 0.0000025)
    assert one.cost(10, hybrid=True) == pytest.approx(0.0000025)


def test_a_search_without_a_price_of_each_part_has_none() -> None:
    unranked = Prices({"search": {"embedding_per_1k": 0.02, "queries_per_1m": 2.5}}).search

    assert (unranked.cost(10), unranked.cost(10, 1)) == (pytest.approx(0.0002025), None)
    assert Prices({}).search.cost(10) is None


@pytest.mark.parametrize(
    ("passages", "passage_tokens", "billed"), [(20, 300, 1), (100, 500, 1), (100, 510, 2), (20, 2000, 1), (1, 1, 1)]
)
def test_a_ranking_holds_a_hundred_passages_of_512_tokens(passages: int, passage_tokens: int, billed: int) -> None:
    assert rankings(passages, passage_tokens, question_tokens=12) == billed


def test_what_fits_is_granted_in_full() -> None:
    assert affordable_tokens(1.0, PRICE, ["question"], wanted=512) == 512


def test_reasoning_is_paid_for_beside_the_answer() -> None:
    without = affordable_tokens(0.0005, PRICE, ["x" * 36], wanted=512)

    assert affordable_tokens(0.0005, PRICE, ["x" * 36], wanted=512, reserved=20) == without - 20
    with pytest.raises(CostLimitExceeded):
        affordable_tokens(0.0005, PRICE, ["x" * 36], wanted=512, reserved=without)


def test_the_output_is_shortened_until_the_answer_fits() -> None:
    tokens = affordable_tokens(0.0005, PRICE, ["x" * 36], wanted=512)

    assert tokens == (500 - 100) // 4


def test_what_cannot_fit_is_refused_with_the_cost_it_would_have() -> None:
    with pytest.raises(CostLimitExceeded, match=r"max_cost_usd is 0\.0001, .* may need 0\.00010400 US dollars"):
        affordable_tokens(0.0001, PRICE, ["x" * 36], wanted=512)


def test_without_a_price_a_limit_cannot_be_kept() -> None:
    with pytest.raises(CostLimitExceeded, match="no price is known"):
        affordable_tokens(1.0, None, ["question"], wanted=512)


def test_a_free_model_is_limited_by_nothing() -> None:
    assert affordable_tokens(0.001, Price(0.0, 0.0, 0.0, 0.0), ["x"], wanted=512) == 512
