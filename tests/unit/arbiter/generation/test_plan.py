"""A plan says what a run will take before it is paid for, and refuses what is too much."""

from dataclasses import replace
from typing import Any

import pytest

from arbiter.costs.prices import Prices
from arbiter.generation.estimate import Ceiling
from arbiter.generation.order import GenerationRejected, Order
from arbiter.generation.plan import Planning
from arbiter.generation.prompts import KINDS
from arbiter.generation.sources.allotment import TURN, allot, kinds_of
from arbiter.training_data.split import held_out
from tests.unit.arbiter.generation.fakes import GENERATOR, PRICES, VERIFIER

PLANNING = Planning(
    generator=GENERATOR,
    verifier=VERIFIER,
    prices=Prices(PRICES),
    held_out_percentage=20,
    passage_tokens=300,
    results=5,
    ceiling=Ceiling(tokens=5_000_000, usd=10.0),
)
SIZES = {f"guides/{number}.md": 2_000 + 100 * number for number in range(40)}
ORDER = Order(run="run-1", purpose="training", pairs=100)


def test_training_and_evaluation_are_made_from_different_documents() -> None:
    training, _ = PLANNING.plan(ORDER, SIZES)
    evaluation, _ = PLANNING.plan(replace(ORDER, purpose="evaluation", pairs=30), SIZES)

    assert training
    assert evaluation
    assert not {share.document for share in training} & {share.document for share in evaluation}
    assert all(held_out(share.document, 20) for share in evaluation)


def test_two_documents_serve_both_purposes_whatever_they_are_called() -> None:
    for number in range(20):
        sizes = {f"a{number}.md": 900, f"b{number}.md": 900, "scan.pdf": 900}
        training, _ = PLANNING.plan(ORDER, sizes)
        evaluation, _ = PLANNING.plan(replace(ORDER, purpose="evaluation"), sizes)

        assert (len(training), len(evaluation)) == (1, 1)
        assert training[0].document != evaluation[0].document
        drawn = {held_out(name, 20) for name in sizes if name != "scan.pdf"}
        assert training[0].swapped in (None if len(drawn) == 2 else training[0].document, evaluation[0].document)


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ({"only.md": 900}, "the only document with text is kept for the other purpose: training and evaluation never"),
        ({"scan.pdf": 9}, "there is none with text (1 cannot be read); upload documents first"),
        ({}, "there is none with text; upload documents first"),
    ],
)
def test_one_document_or_none_is_refused_in_a_sentence(sizes: dict[str, int], reason: str) -> None:
    purpose = "training" if held_out("only.md", 20) else "evaluation"
    (problem,) = PLANNING.plan(replace(ORDER, purpose=purpose), sizes)[1].problems()

    assert reason in problem


def test_what_cannot_be_read_is_named_and_what_is_no_document_is_not() -> None:
    shares, estimate = PLANNING.plan(ORDER, {**SIZES, "a.pdf": 100, "guides/1.md.metadata.json": 50, "folder/": 0})

    assert list(estimate.left_out) == ["a.pdf"]
    assert {share.document for share in shares} <= set(SIZES)
    assert estimate.documents + estimate.other_side == len(SIZES)


def test_the_cost_is_that_of_both_models() -> None:
    _, estimate = PLANNING.plan(ORDER, SIZES)
    asks, checks = estimate.generator, estimate.verifier

    assert estimate.asked == 130
    assert estimate.tokens == sum([*asks.values(), *checks.values()])
    by_hand = (
        0.06 * asks["input_tokens"]
        + 0.24 * asks["output_tokens"]
        + checks["input_tokens"]
        + 5 * checks["output_tokens"]
    )
    assert estimate.usd == pytest.approx(by_hand / 1e6, abs=1e-6)
    assert estimate.problems() == []


def test_twice_as_many_pairs_cost_about_twice_as_much() -> None:
    once, twice = (PLANNING.plan(replace(ORDER, pairs=pairs), SIZES)[1].tokens for pairs in (100, 200))
    assert 1.7 < twice / once < 2.1


def test_an_unknown_price_is_named_and_the_tokens_stay_limited() -> None:
    unpriced = replace(PLANNING, prices=Prices({GENERATOR: PRICES[GENERATOR]}))
    shares, estimate = unpriced.plan(ORDER, SIZES)

    assert (estimate.usd, estimate.unknown_prices) == (None, [VERIFIER])
    assert estimate.problems(accepts_unknown=True) == []
    (problem,) = estimate.problems()
    assert problem.startswith(f"no price is known for {VERIFIER}, so generation.max_cost_usd, 10 US dollars, cannot")
    assert {share.usd for share in shares} == {None}
    assert sum(share.tokens for share in shares) <= 5_000_000


def test_what_is_known_of_a_cost_keeps_its_ceiling_whatever_is_accepted_of_the_rest() -> None:
    narrow = replace(PLANNING, prices=Prices({VERIFIER: PRICES[VERIFIER]}), ceiling=Ceiling(tokens=10**9, usd=0.01))
    _, estimate = narrow.plan(ORDER, SIZES)
    (problem,) = estimate.problems(accepts_unknown=True)
    assert problem.startswith(f"more than {estimate.known_usd:.2f} US dollars are needed and 0.01 allowed")


@pytest.mark.parametrize(
    ("change", "order", "reason"),
    [
        ({"ceiling": Ceiling(tokens=10_000, usd=None)}, ORDER, "tokens are needed and 10,000 allowed"),
        ({"ceiling": Ceiling(tokens=10**9, usd=0.01)}, ORDER, "US dollars are needed and 0.01 allowed"),
        ({}, replace(ORDER, max_tokens=9_999), "and 9,999 allowed"),
        ({"held_out_percentage": 0}, replace(ORDER, purpose="evaluation"), "generation.held_out_percentage is set"),
    ],
)
def test_too_much_is_refused_before_anything_is_generated(change: dict[str, Any], order: Order, reason: str) -> None:
    _, estimate = replace(PLANNING, **change).plan(order, SIZES)
    (problem,) = estimate.problems()
    assert reason in problem


def test_a_run_may_ask_for_less_than_the_deployment_allows_but_not_for_more() -> None:
    ceilings = [PLANNING.plan(replace(ORDER, max_tokens=most), SIZES)[1].ceiling["tokens"] for most in (10**6, 10**9)]
    assert ceilings == [10**6, 5_000_000]


def test_the_shares_of_all_documents_keep_the_ceilings() -> None:
    shares, estimate = PLANNING.plan(ORDER, SIZES)

    assert sum(share.tokens for share in shares) <= estimate.ceiling["tokens"]
    assert sum(share.usd or 0 for share in shares) == pytest.approx(10.0, rel=1e-3)
    assert all(share.tokens * estimate.asked > share.pairs * estimate.tokens * 0.5 for share in shares)


def test_pairs_follow_the_size_of_documents_up_to_what_they_yield() -> None:
    assert allot({"a": 6_000, "b": 3_000, "c": 0}, 9) == {"a": 6, "b": 3}
    assert allot({"a": 480, "b": 240}, 100) == {"a": 2, "b": 1}


def test_short_documents_do_not_all_give_the_same_kind() -> None:
    first = {kinds_of(tuple(KINDS), f"{number}.md", 1)[0] for number in range(60)}
    assert first == set(KINDS) == set(TURN)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"run": "Run 1"}, "run 'Run 1'"),
        ({"purpose": "fun"}, "purpose 'fun': use training or evaluation"),
        ({"pairs": 0}, "pairs 0: use 1 to 20,000"),
        ({"pairs": "many"}, "pairs 0: use 1 to 20,000"),
        ({"pairs": True}, "pairs 0"),
        ({"target": "both"}, "target 'both': use fine_tuned or combined"),
        ({"purpose": "evaluation", "target": "combined"}, "evaluation cases are questions alone"),
        ({"kinds": ["fact", "joke"]}, "kinds joke: use fact, procedure"),
        ({"max_tokens": -1}, "max_tokens -1"),
    ],
)
def test_an_order_that_cannot_be_filled_is_refused(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(GenerationRejected) as refused:
        Order.parse({"run": "run-1", "purpose": "training", "pairs": 10, **change})
    assert problem in str(refused.value)


def test_all_that_is_wrong_with_an_order_is_said_at_once() -> None:
    with pytest.raises(GenerationRejected) as refused:
        Order.parse({})
    assert all(name in str(refused.value) for name in ("run", "purpose", "pairs"))


def test_an_order_is_read_from_what_it_was_written_as() -> None:
    assert Order.parse(ORDER.dump()) == ORDER
