"""Arms that search another knowledge base: known by name, priced by its own store, and the same when a run goes on."""

from dataclasses import replace
from typing import Any

import pytest

from arbiter.evaluation.run.order import EvaluationRejected
from arbiter.settings.evaluating import AnswerCaseSettings
from tests.unit.arbiter.evaluation.planning.planner_fakes import World, settings

AWS = {"id": "UVWXYZ0123", "managed": True, "prices": {"embedding_per_1k": 0.0, "queries_per_1m": 1_000.0}}
ARMS = [{"name": "rag", "mode": "rag"}, {"name": "rag.aws", "mode": "rag", "knowledge_base": "aws"}]


def world(**changes: Any) -> World:
    return World(settings=settings(knowledge_bases={"aws": {**AWS, **changes}}))


def test_two_stores_are_two_arms_and_whose_documents_they_hold_is_a_doubt() -> None:
    planner = world()
    told = planner.plan(arms=ARMS)
    plan = planner.written()

    assert [(arm.name, arm.knowledge_base) for arm in plan.arms] == [("rag", None), ("rag.aws", "aws")]
    assert plan.knowledge_bases == {"default": "OWN0000001", "aws": "UVWXYZ0123"}
    assert "aws is the knowledge base UVWXYZ0123, and nobody checked that it holds the same documents" in told["doubts"]


def test_each_store_is_estimated_at_its_own_price() -> None:
    own, managed = ([{"name": "x", **{k: v for k, v in arm.items() if k != "name"}}] for arm in ARMS)
    dollars = [world().plan(arms=arms, estimate_only=True)["estimate"]["known_usd"] for arms in (own, managed)]
    unknown = world(prices={}).plan(arms=managed, estimate_only=True, accept_unknown_cost=True)["estimate"]

    # Two questions of nine tokens: one search of a thousandth each, or an embedding and a query of S3 Vectors.
    assert dollars[1] - dollars[0] == pytest.approx(2 * (0.001 - 2.5e-6) - 9 * 0.02 / 1000)
    assert unknown["unknown_prices"] == ["search"]


@pytest.mark.parametrize(
    ("bases", "reason"),
    [
        ({"aws": {**AWS, "id": "ABCDEFGHIJ"}}, "the knowledge base aws was UVWXYZ0123 when the run began"),
        ({}, r"the arm rag.aws: is 'aws' \(allowed: others that evaluation.knowledge_bases in cdk.json names"),
    ],
)
def test_a_run_does_not_go_on_with_another_store(bases: dict[str, Any], reason: str) -> None:
    planner = world()
    planner.plan(arms=ARMS)
    planner.settings = replace(planner.settings, knowledge_bases=bases)
    with pytest.raises(EvaluationRejected, match=reason):
        planner.plan()


def test_a_run_does_not_go_on_once_the_store_of_the_deployment_was_replaced() -> None:
    planner = world()
    planner.plan(arms=ARMS[:1])
    planner.settings = replace(planner.settings, knowledge_base_id="OWN0000002")
    with pytest.raises(EvaluationRejected, match="the knowledge base default was OWN0000001 when the run began"):
        planner.plan()


def test_an_arm_that_comes_back_searches_the_store_that_it_began_with() -> None:
    planner = world()
    planner.plan(arms=ARMS)
    planner.plan(arms=ARMS[:1])
    planner.settings = replace(planner.settings, knowledge_bases={"aws": {**AWS, "id": "ABCDEFGHIJ"}})
    with pytest.raises(EvaluationRejected, match="the knowledge base aws was UVWXYZ0123 when the run began"):
        planner.plan(arms=ARMS)


def test_what_others_made_is_searched_in_its_own_form_and_by_no_index_of_ours() -> None:
    own = AnswerCaseSettings(
        environment="dev", base_model="b", knowledge_base_id="K", tuned_model_parameter="s", results_bucket="r",
        answer_seconds=28.0, vector_index="arn:index", large_passages=True, minimum_score=0.4,
        knowledge_bases={"aws": AWS},
        prices={"b": {"input_per_1k": 1.0, "output_per_1k": 1.0}, "search": {"queries_per_1m": 2.5}},
    )  # fmt: skip
    other = own.searching("aws")

    assert own.searching(None) is own
    assert (other.knowledge_base_id, other.managed_search) == ("UVWXYZ0123", True)
    assert (other.vector_index, other.large_passages, other.minimum_score) == (None, None, 0.0)
    assert other.prices == {"b": own.prices["b"], "search": AWS["prices"]}
