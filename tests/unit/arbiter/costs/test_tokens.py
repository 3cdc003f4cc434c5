"""A cost is computed from known prices, and a cost limit is kept or refused before the call."""

import pytest

from arbiter.costs.tokens import Price, Prices, Usage, affordable_tokens
from arbiter.errors import CostLimitExceeded

PRICE = Price(input=1e-6, output=4e-6, cached=5e-7)


def test_every_kind_of_token_has_its_price() -> None:
    assert PRICE.cost(Usage(1000, 100, 10)) == pytest.approx(1000e-6 + 400e-6 + 5e-6)


def test_prices_are_looked_up_by_model_and_tuned_ones_by_their_base() -> None:
    prices = Prices(
        {
            "nova": {"input_per_1k": 0.001, "output_per_1k": 0.004},
            "custom:nova:128k": {"input_per_1k": 0.002, "output_per_1k": 0.008, "cached_per_1k": 0.0005},
        }
    )

    assert prices.of("nova") == Price(1e-6, 4e-6, 1e-6)
    assert prices.of_tuned("nova:128k") == Price(2e-6, 8e-6, 5e-7)
    assert prices.of("nova:128k") is None
    assert prices.of_tuned("nova") is None


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
    assert affordable_tokens(0.001, Price(0.0, 0.0, 0.0), ["x"], wanted=512) == 512
