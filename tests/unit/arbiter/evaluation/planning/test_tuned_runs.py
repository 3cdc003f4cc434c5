"""Models of training runs are evaluated where they are hosted; each that is not is named with the reason."""

import json
from typing import Any

import pytest

from arbiter.evaluation.run.order import EvaluationRejected
from arbiter.tuned_models.training.record import record_key
from tests.unit.arbiter.evaluation.engine_fakes import JUDGES
from tests.unit.arbiter.evaluation.planning.planner_fakes import LITE, PRICE, PRICES, Hosted, World, settings, trained


def tuned_arms(*runs: str) -> list[dict[str, Any]]:
    plain = [{"name": "base", "mode": "base", "model": LITE}]
    return [*plain, *({"name": f"combined.{run}", "mode": "combined", "tuned": run} for run in runs)]


def test_models_out_of_service_are_found_where_they_are_hosted_and_kept_with_the_run() -> None:
    hosts = Hosted({"arbiter-dev-slot-1": "model-of-other", "arbiter-dev-slot-2": "model-of-b", "own": "model-of-a"})
    world = World(hosts=hosts)
    # Where the run of b was hosted first another model stands by now.
    world.results.contents |= trained("a", hosting="arn:own") | trained("b", hosting="arn:arbiter-dev-slot-1")
    told = world.plan(arms=tuned_arms("a", "b"))
    assert told["arms"] == ["base", "combined.a", "combined.b"]
    found = world.written().tuned
    assert {run: model["model"] for run, model in found.items() if model} == {
        "a": "arn:own", "b": "arn:arbiter-dev-slot-2"
    }  # fmt: skip
    assert [world.written().base_of(arm) for arm in world.written().arms] == [LITE] * 3


def test_an_estimate_counts_every_arm_at_the_price_of_its_own_model() -> None:
    dear = {name: 10 * usd for name, usd in PRICE.items()}
    prices = {**PRICES, f"custom:{LITE}:300k": dear}
    cheap, world = (
        World(settings=settings(prices=known), hosts=Hosted({"own": "model-of-a"})) for known in (PRICES, prices)
    )
    cheap.results.contents |= trained("a", hosting="arn:own")
    world.results.contents |= trained("a", hosting="arn:own")
    one, two = (world.plan(arms=tuned_arms("a")[:n], judges=list(JUDGES), estimate_only=True) for n in (1, 2))
    assert (one["estimate"]["answers"], two["estimate"]["answers"]) == (2, 4)
    assert two["estimate"]["unknown_prices"] == []
    assert two["estimate"]["usd"] > one["estimate"]["usd"]
    usual = cheap.plan(arms=tuned_arms("a"), judges=list(JUDGES), estimate_only=True)
    assert two["estimate"]["usd"] > usual["estimate"]["usd"]


def test_every_run_that_cannot_be_evaluated_is_named_with_the_reason() -> None:
    world = World(hosts=Hosted({"own": "model-of-other"}))
    failed = json.loads(trained("failed")[record_key("failed")]) | {"custom_model": None, "status": "failed"}
    world.results.contents |= trained("moved", hosting="arn:own") | trained("gone") | {
        record_key("failed"): json.dumps(failed).encode(), record_key("odd"): b"{}"
    }  # fmt: skip
    with pytest.raises(EvaluationRejected) as refused:
        world.plan(arms=tuned_arms("never", "failed", "gone", "moved", "odd"))
    for reason in (
        "there is no training run never",
        "the training run failed has no model: it is failed",
        "the model of the training run gone cannot be called: it was never hosted",
        "run moved cannot be called: its hosting, arn:own, serves another model by now, model-of-other",
        "the record of the training run odd cannot be read",
    ):
        assert reason in str(refused.value)
    assert "evaluations/r/run.json" not in world.results.contents
