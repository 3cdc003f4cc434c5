"""A run above a ceiling is refused with the figures and the setting, and one whose price nobody knows as well."""

from arbiter.settings.tuning import TrainingPrices
from arbiter.tuned_models.training.cost import Ceilings, cost_of, problems_of_cost

PRICES = TrainingPrices(per_1k=0.002, as_of="2026-11-21")


def test_every_token_of_every_epoch_is_billed() -> None:
    cost = cost_of(10_000, {"epochCount": "3"}, PRICES)
    assert (cost.tokens, cost.usd, cost.per_1k, cost.as_of) == (30_000, 0.06, 0.002, "2026-11-21")


def test_without_epochs_bedrocks_own_count() -> None:
    assert cost_of(10, {}, PRICES).tokens == 20


def test_what_is_too_expensive_is_refused_with_figures_and_settings() -> None:
    cost = cost_of(30_000_000, {"epochCount": "2"}, PRICES)
    tokens, usd = problems_of_cost(cost, Ceilings(tokens=50_000_000, usd=50))
    assert "60,000,000 tokens" in tokens
    assert "fine_tuning.max_training_tokens allows 50,000,000" in tokens
    assert "120.00 USD" in usd
    assert "fine_tuning.max_training_cost_usd allows 50.00" in usd


def test_exactly_the_ceiling_is_allowed() -> None:
    assert problems_of_cost(cost_of(25_000_000, {"epochCount": "1"}, PRICES), Ceilings(tokens=25_000_000, usd=50)) == []


def test_an_unknown_price_is_no_zero_and_the_tokens_still_count() -> None:
    cost = cost_of(600, {"epochCount": "2"}, TrainingPrices())
    assert cost.usd is None
    assert len(problems_of_cost(cost, Ceilings(tokens=1_000))) == 1
    assert problems_of_cost(cost, Ceilings(tokens=1_200)) == []


def test_a_ceiling_of_cost_refuses_what_has_no_price_until_somebody_accepts_it() -> None:
    cost = cost_of(600, {"epochCount": "2"}, TrainingPrices())
    (problem,) = problems_of_cost(cost, Ceilings(tokens=1_200, usd=50))
    assert problem.startswith("no price is known for training, so fine_tuning.max_training_cost_usd, 50 US dollars,")
    assert "`arbiter cost --refresh`" in problem
    assert "--accept-unknown-cost" in problem
    assert problems_of_cost(cost, Ceilings(tokens=1_200, usd=50, accepts_unknown=True)) == []


def test_a_price_that_is_a_lower_bound_makes_a_cost_that_is_one() -> None:
    prices = TrainingPrices(per_1k=0.001, lower_bound=True)
    assert cost_of(600, {}, prices).lower_bound
    assert cost_of(600, {}, PRICES).lower_bound is None


def test_no_ceiling_of_cost_refuses_nothing() -> None:
    assert problems_of_cost(cost_of(10**9, {"epochCount": "1"}, PRICES), Ceilings(tokens=10**9)) == []
