"""`auto` answers in a mode that holds the request's limits, and says what they ruled out."""

from typing import Any

import pytest

from arbiter.answering.asked.history import Turn
from arbiter.answering.expected import expected_of
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Limits, Request, Retrieval
from arbiter.answering.retrieval import BOUNDS
from arbiter.errors import CostLimitExceeded, DeadlineExceeded
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import (
    ASKS_FOR_ALL,
    BASE,
    PRICES,
    FakeModel,
    FakeRetriever,
    World,
    settings,
)

MEASURED = {"base": {"milliseconds": 900.0, "output_tokens": 40}, "rag": {"milliseconds": 2100.0, "output_tokens": 60}}


def limited(**limits: Any) -> Any:
    return World().answer(question=ASKS_FOR_ALL, limits=Limits(**limits))


@pytest.mark.parametrize(
    ("limits", "mode"),
    [
        ({}, Mode.COMBINED),
        ({"max_cost_usd": 1.0, "max_latency_ms": 60_000}, Mode.COMBINED),
        ({"max_cost_usd": 0.01}, Mode.FINE_TUNED),
        ({"max_cost_usd": 0.0009}, Mode.BASE),
        ({"max_latency_ms": 500}, Mode.FINE_TUNED),
        ({"max_latency_ms": 150}, Mode.BASE),
    ],
)
def test_the_limits_leave_the_mode_that_the_scores_call_for_most(limits: dict[str, Any], mode: Mode) -> None:
    answer = limited(**limits)

    assert (answer.mode, answer.decision.mode, answer.degraded) == (mode, mode, [])
    assert (Mode.COMBINED in answer.decision.ruled_out) == (mode != Mode.COMBINED)


@pytest.mark.parametrize("limit", [0.000325, 0.0004, 0.0005, 0.0009])
def test_auto_answers_wherever_base_would_fit(limit: float) -> None:
    question = {"question": "How long does the warranty last?", "limits": Limits(max_cost_usd=limit)}
    World().answer(mode=Mode.BASE, **question)

    assert World().answer(**question).mode == Mode.BASE


def test_a_decision_says_what_the_limits_ruled_out_and_why() -> None:
    decision = limited(max_cost_usd=0.01).decision.to_object()

    assert list(decision) == ["grounded", "specialised", "policy", "ruled_out"]
    assert list(decision["ruled_out"]) == ["combined"]
    assert decision["ruled_out"]["combined"].endswith("US dollars, and limits.max_cost_usd is 0.01")
    assert decision["grounded"]["value"] is False
    assert decision["grounded"]["because"].endswith("; the limits of the request allow no other")
    assert "limits" not in decision["specialised"]["because"]


@pytest.mark.parametrize(
    ("limits", "error", "sentence"),
    [
        ({"max_cost_usd": 1e-6}, CostLimitExceeded, "even base, the cheapest, may cost 0.000"),
        ({"max_latency_ms": 60}, DeadlineExceeded, "even base, the cheapest, takes about 100 ms"),
    ],
)
def test_no_mode_that_fits_is_an_error_that_names_the_cheapest(
    limits: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence) as raised:
        limited(**limits)
    assert getattr(raised.value, "retryable", None) is False


def test_a_model_without_a_price_cannot_hold_a_cost() -> None:
    world = World(settings=settings(prices={BASE: PRICES[BASE], "search": PRICES["search"]}))
    answer = world.answer(question=ASKS_FOR_ALL, limits=Limits(max_cost_usd=1.0))

    assert answer.mode == Mode.RAG
    assert "no known price" in answer.decision.ruled_out[Mode.COMBINED]


def test_passages_that_cost_more_than_expected_are_left_out_visibly() -> None:
    long = [Passage(letter * 1_000, f"s3://docs/{letter}.md", 0.8) for letter in "abcd"]
    world = World(settings=settings(passage_tokens=40), retriever=FakeRetriever(passages=long))
    answer = world.answer(question="How long does the warranty last?", limits=Limits(max_cost_usd=0.003))
    explicit = World().answer(mode=Mode.COMBINED, degrade=True, limits=Limits(max_cost_usd=0.0008))

    assert (answer.decision.mode, answer.mode, answer.passages) == (Mode.RAG, Mode.RAG, long[:2])
    assert answer.degraded == ["cost_limit_exceeded: answered as rag, from 2 of 4 passages"]
    assert (explicit.mode, explicit.degraded) == (Mode.BASE, ["cost_limit_exceeded: answered as base"])


def test_what_a_run_measured_counts_more_than_the_estimate() -> None:
    request = Request("How long does the warranty last?", limits=Limits(max_latency_ms=1000))
    estimated, measured = expected_of(request, settings(), {}), expected_of(request, settings(), MEASURED)

    assert estimated[Mode.RAG].usual.holds(request.limits)
    assert not measured[Mode.RAG].usual.holds(request.limits)
    assert measured[Mode.BASE].usual.milliseconds == 900.0
    assert measured[Mode.COMBINED] == estimated[Mode.COMBINED]
    assert (measured[Mode.BASE].usual.cost_usd or 0) < (estimated[Mode.BASE].usual.cost_usd or 0)


def test_more_passages_cost_more_and_a_short_answer_less() -> None:
    few, many = (
        expected_of(Request("How early?", retrieval=Retrieval(results=results)), settings(), {})[Mode.RAG]
        for results in (1, 20)
    )
    short = expected_of(Request("How early?", limits=Limits(max_output_tokens=9)), settings(), {})[Mode.RAG]
    usual = expected_of(Request("How early?"), settings(), {})[Mode.RAG]

    assert (few.usual.cost_usd or 0) < (many.usual.cost_usd or 0)
    assert (short.usual.cost_usd or 0) < (usual.usual.cost_usd or 0)
    assert short.least == usual.least


def test_replies_before_the_answer_count_against_both_limits() -> None:
    def expected(mode: Mode, **retrieval: Any) -> Any:
        history = (Turn("user", "Do you rent tents?"), Turn("assistant", "Yes."))
        return expected_of(Request("How early?", history=history, retrieval=Retrieval(**retrieval)), settings(), {})[
            mode
        ]

    basic, parts, judged = (expected(Mode.RAG, strategy=strategy) for strategy in BOUNDS)
    assert basic.least.cost_usd < parts.least.cost_usd < parts.usual.cost_usd < judged.usual.cost_usd
    assert basic.usual.milliseconds < parts.usual.milliseconds
    assert basic.usual.cost_usd < expected(Mode.RAG, rewrite=True).usual.cost_usd
    assert expected(Mode.BASE) == expected(Mode.BASE, strategy="adaptive"), "nothing is searched for"


def test_what_is_expected_of_a_strategy_is_never_less_than_it_takes() -> None:
    for strategy in BOUNDS:
        asked = Request(
            "How early may I book a tent?", mode=Mode.RAG, retrieval=Retrieval(strategy=strategy, results=2)
        )
        taken = World(model=FakeModel(text="What does a tent cost?")).answer(**asked._asdict())

        assert taken.cost_usd <= expected_of(asked, settings(), {})[Mode.RAG].usual.cost_usd
