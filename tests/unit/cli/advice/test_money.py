"""Break-even volumes are those of a calculation by hand, and move the right way with every price."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from arbiter.costs.amount import Amount
from arbiter.costs.technique import TechniqueCost, Use
from cli.advice.money.bills import Tokens, Volumes, bill_of, bills
from cli.advice.money.break_even import break_even, break_evens
from cli.advice.money.sensitivity import swings
from cli.advice.record.record import record_of
from cli.advice.rules.options import Status
from tests.unit.cli.advice.known import FIGURES, KNOWN, decided

VOLUMES = Volumes(requests=10_000, input_tokens=300, output_tokens=150, corpus_tokens=1_000_000, syncs=4, examples=500)
PRICE = st.floats(1e-8, 1e-3)


def test_each_bill_is_the_sum_of_its_parts_by_hand() -> None:
    costs = bills(VOLUMES, FIGURES)
    use = VOLUMES.use
    run, itself, kept = 2e-6, 7.0, 1_000_000 * 1e-9
    assert costs["base"].month(use).usd == pytest.approx(itself + 10_000 * (300e-6 + 150 * 4e-6 + run))
    asked = 300e-7 + 1_000_000 * 1e-13
    read, synced = 1_800e-6 + 600e-6, 4 * 1_000_000 * 1e-7
    assert costs["rag"].month(use).usd == pytest.approx(itself + kept + 10_000 * (read + run + asked) + synced)
    training = 500 * 450 * 2 * 1e-6 / 6
    assert costs["fine_tuned"].month(use).usd == pytest.approx(itself + 10_000 * (900e-6 + run) + training + 1.95)
    assert costs["combined"].fixed(use).usd == pytest.approx(itself + kept + training + 1.95 + synced)
    assert costs["hosted"].month(use).usd == pytest.approx(itself + 20 * 730 + training + 1.95 + 10_000 * run)
    assert costs["orchestrated_rag"].request.usd == pytest.approx(4 * (2_400e-6 + run) + asked)
    taught = 500 * 150 * 1e-5 / 6
    assert costs["distilled"].fixed(use).usd == pytest.approx(itself + training + taught + 1.95)


def test_the_bill_of_a_model_of_ones_own_names_what_nobody_can_know() -> None:
    costs = bills(VOLUMES, FIGURES)
    for name in ("own_model", "own_model_rag", "orchestrated_own_model"):
        assert costs[name].month(VOLUMES.use).unknown == ("training and hosting of a model of your own",)
    found = decided(no_model_meets_it=True, examples=20_000, expertise="strong", compute="large", deadline_weeks=40)
    assert found.technique == "own_model_rag"
    assert found.month.known is None
    assert not [one for one in record_of("Own", found.scenario, KNOWN).break_evens if "own" in one.above + one.below]


def test_orchestration_without_documents_is_not_billed_for_them() -> None:
    found = decided(requirements=("reasoning",), prompting="falls_short", corpus="none")
    assert (found.technique, found.layers) == ("orchestrated_base", {"orchestration"})
    assert found.month.usd == pytest.approx(7 + 10_000 * 4 * (300e-6 + 150 * 4e-6 + 2e-6))


def test_a_distilled_model_is_billed_where_it_is_recommended() -> None:
    able = {"expertise": "strong", "compute": "large", "deadline_weeks": 40, "examples": 3_000}
    found = decided(requirements=("cost",), requests_a_month=2_000_000, **able)
    assert "distillation" in found.advice.methods_of("custom_model")
    assert found.technique == "distilled"
    dear = decided(requirements=("cost",), requests_a_month=2_000_000, cost_limit_usd=100, **able)
    assert dear.advice.approaches["custom_model"].status is Status.RULED_OUT


def test_tokens_of_a_run_replace_those_that_were_assumed() -> None:
    measured = replace(VOLUMES, measured={"fine_tuned": Tokens(100, 50)})
    assert bills(measured, FIGURES)["fine_tuned"].request.usd == pytest.approx(100e-6 + 50 * 4e-6 + 2e-6)
    assert bills(measured, FIGURES)["rag"] == bills(VOLUMES, FIGURES)["rag"]


def test_a_break_even_volume_is_that_of_a_calculation_by_hand_to_the_cent() -> None:
    still = replace(VOLUMES, syncs=0)
    costs = bills(still, FIGURES)
    found = break_even("rag", "fine_tuned", costs, still.use)
    assert found is not None
    # Fixed: 0.075 for training and 1.95 for storage a month, less 0.001 for the documents; a request saves 1,500
    # tokens, the embedding of its 300, and the vectors that a search reads.
    assert found.requests == pytest.approx((0.075 + 1.95 - 0.001) / (1_500e-6 + 300e-7 + 1e-7))
    assert (found.above, found.below) == ("fine_tuned", "rag")
    there = replace(still, requests=found.requests).use
    assert costs["rag"].month(there).usd == pytest.approx(costs["fine_tuned"].month(there).usd, abs=0.01)


@given(*[st.floats(0, 1e4)] * 2, *[st.floats(1e-7, 1)] * 2)
def test_both_techniques_cost_the_same_at_the_break_even_volume(a: float, b: float, each: float, other: float) -> None:
    costs = {
        "a": TechniqueCost(idle_month=Amount(a), request=Amount(each)),
        "b": TechniqueCost(idle_month=Amount(b), request=Amount(other)),
    }
    found = break_even("a", "b", costs, Use())
    assume(found is not None and found.requests > 0)
    assert found is not None
    use = Use(requests=found.requests)
    assert costs["a"].month(use).usd == pytest.approx(costs["b"].month(use).usd, abs=0.01, rel=1e-9)
    above = Use(requests=found.requests * 2 + 1)
    assert costs[found.above].month(above).usd <= costs[found.below].month(above).usd + 1e-6


@given(PRICE, st.floats(1.1, 5))
def test_a_dearer_training_raises_the_volume_from_which_tuning_pays(price: float, factor: float) -> None:
    before, after = (
        break_even("rag", "fine_tuned", bills(VOLUMES, FIGURES._replace(training=Amount(one))), VOLUMES.use)
        for one in (price, price * factor)
    )
    assume(before is not None and after is not None)
    assert before is not None
    assert after is not None
    assert before.above == "fine_tuned"
    assert after.requests >= before.requests


@given(PRICE, st.floats(1.1, 5))
def test_dearer_input_tokens_lower_the_volume_from_which_tuning_pays(price: float, factor: float) -> None:
    """Passages are input: what retrieval adds to each request gets dearer, and tuning is paid back earlier."""
    before, after = (
        break_even(
            "rag",
            "fine_tuned",
            bills(VOLUMES, FIGURES._replace(input=Amount(one), tuned_input=Amount(price))),
            VOLUMES.use,
        )
        for one in (price, price * factor)
    )
    assume(before is not None and after is not None)
    assert before is not None
    assert after is not None
    assert after.requests <= before.requests


@given(st.floats(0.1, 100), st.floats(1.1, 5))
def test_a_dearer_hour_raises_the_volume_from_which_hosting_by_the_hour_pays(price: float, factor: float) -> None:
    before, after = (
        break_even("hosted", "fine_tuned", bills(VOLUMES, FIGURES._replace(hosting_hour=Amount(one))), VOLUMES.use)
        for one in (price, price * factor)
    )
    assert before is not None
    assert after is not None
    assert after.requests > before.requests


def test_lines_that_never_cross_have_no_break_even_volume() -> None:
    same = {"a": TechniqueCost(request=Amount(1.0)), "b": TechniqueCost(request=Amount(1.0), idle_month=Amount(5.0))}
    assert break_even("a", "b", same, Use()) is None


def test_an_unknown_price_makes_the_volume_a_bound_that_names_it() -> None:
    costs = bills(VOLUMES, FIGURES._replace(embedding=Amount.of_unknown("embedding")))
    found = break_even("rag", "fine_tuned", costs, VOLUMES.use)
    assert found is not None
    assert (found.lower_bound, found.unknown) == (True, ("embedding",))


def test_break_evens_are_in_order_and_hold_each_pair_once() -> None:
    found = list(break_evens(bills(VOLUMES, FIGURES), VOLUMES.use))
    assert [one.requests for one in found] == sorted(one.requests for one in found)
    assert len({frozenset((one.above, one.below)) for one in found}) == len(found)


def test_the_widest_swing_comes_first_and_an_input_without_effect_is_none() -> None:
    found = swings("fine_tuned", VOLUMES, FIGURES)
    assert found[0].name == "requests"
    assert "passage_tokens" not in {one.name for one in found}
    assert [one.width for one in found] == sorted((one.width for one in found), reverse=True)


def test_a_longer_life_of_the_tuned_model_makes_a_month_cheaper() -> None:
    [life] = [one for one in swings("fine_tuned", VOLUMES, FIGURES) if one.name == "life_months"]
    assert life.halved > life.doubled


@pytest.mark.parametrize(
    ("approaches", "technique"),
    [
        ((), "base"),
        (("retrieval",), "rag"),
        (("fine_tuning",), "fine_tuned"),
        (("retrieval", "fine_tuning"), "combined"),
        (("custom_model", "fine_tuning"), "distilled"),
        (("orchestration",), "orchestrated_base"),
        (("orchestration", "fine_tuning"), "orchestrated_fine_tuned"),
        (("orchestration", "fine_tuning", "retrieval"), "orchestrated_combined"),
    ],
)
def test_approaches_together_have_one_bill(approaches: tuple[str, ...], technique: str) -> None:
    assert bill_of(frozenset(approaches)) == technique
