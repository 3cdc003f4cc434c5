"""The result of an evaluation, as a person sees it."""

from arbiter.evaluation.numbers.extraction import answer
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.summary import summarise
from cli.evaluation.run import Estimate
from cli.evaluation.view import show_estimate, show_evaluation
from tests.unit.cli.evaluation.evaluated import ESTIMATE, PLAN, PLANNED, result_of, shown, summary


def test_a_person_sees_what_a_run_may_cost_and_what_is_not_known() -> None:
    text = shown(show_estimate, Estimate.of(PLANNED))
    assert "1 question, 1 technique (base): 1 answer and 2 verdicts by 2 judges" in text
    assert "$0.2500 for what has a known price; the ceiling is $25.00" in text
    assert "No price is known for meta.two" in text
    assert "Worth a look: 1: a doubt." in text
    known = {**PLANNED, "estimate": {**ESTIMATE, "usd": 0.25, "unknown_prices": [], "ceiling_usd": None}}
    assert "$0.2500 at the prices of 2026-11-21; no ceiling is set" in shown(show_estimate, Estimate.of(known))


def test_a_person_sees_each_arm_and_what_is_missing() -> None:
    result = result_of(summary(), problem="BatchFailed: out of memory")
    text = shown(show_evaluation, result)
    assert "0 of 1" in text
    assert "1 throttled" in text
    assert "not judged" in text
    assert "Not everything was done: BatchFailed: out of memory." in text
    assert "--run run-1" in text


def test_a_person_is_told_which_answers_have_no_latency() -> None:
    record = {
        "case": {"id": "case-0001"}, "arm": "base", "throttles": 0, "asked": "batch",
        "response": {"mode": "base", "latency_ms": {"retrieve": 0.0, "generate": None, "total": None}},
    }  # fmt: skip
    found = summarise(Plan.load(PLAN), {"case-0001": ()}, [answer(record)])
    result = result_of(found)
    assert "answered in a batch job: no latency (base 1 of 1)." in shown(show_evaluation, result)
    estimate = Estimate.of({**PLANNED, "batch_answers": True})
    assert "reckoned at the price on demand" in shown(show_estimate, estimate)
