"""A run is planned as a whole or refused with every reason; what it began with cannot change under it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from arbiter.evaluation.run.batches import read_batch
from arbiter.evaluation.run.order import EvaluationRejected
from tests.unit.arbiter.evaluation.engine_fakes import JUDGES, Bucket
from tests.unit.arbiter.evaluation.planning.planner_fakes import CASES, OWN, PRICES, TUNED, World, settings


@pytest.mark.parametrize("estimate_only", [True, False])
def test_a_run_whose_models_cannot_be_called_is_refused_before_it_is_written(estimate_only: bool) -> None:
    world = World(closed=(JUDGES[0], "cohere.three"))
    with pytest.raises(EvaluationRejected, match=f"{JUDGES[0]} is closed.\\ncohere.three is closed."):
        world.plan(estimate_only=estimate_only)
    assert "evaluations/r/run.json" not in world.results.contents


def test_every_model_that_answers_or_judges_is_tried_and_no_tuned_one() -> None:
    world = World()
    world.plan(arms=[{"name": "a", "mode": "rag", "model": "amazon.nova-lite-v1:0"}, {"name": "b", "mode": "combined"}])
    assert world.tried == [["amazon.nova-lite-v1:0", *JUDGES, "cohere.three"]]


EMBEDDING, RERANKER = "amazon.titan-embed-text-v2:0", "cohere.rerank-v3-5:0"
RERANKED = {"name": "reranked", "mode": "rag", "retrieval": {"rerank": True}}
ELSEWHERE = {"name": "else", "mode": "rag", "knowledge_base": "other"}


@pytest.mark.parametrize(
    ("arms", "tried"),
    [
        ([{"name": "a", "mode": "base"}], []),
        ([{"name": "a", "mode": "rag"}], [EMBEDDING]),
        ([{"name": "a", "mode": "combined"}, {"name": "b", "mode": "base"}], [EMBEDDING]),
        ([RERANKED], [EMBEDDING, RERANKER]),
        ([{"name": "a", "mode": "rag", "retrieval": {"rerank": False}}], [EMBEDDING]),
        ([ELSEWHERE], []),
        ([{**ELSEWHERE, "retrieval": {"rerank": True}}], [RERANKER]),
    ],
)
def test_what_embeds_and_reranks_is_tried_where_an_arm_searches_by_it(
    arms: list[dict[str, Any]], tried: list[str]
) -> None:
    others = {"other": {"id": "OTHER00001", "managed": False, "prices": PRICES["search"]}}
    world = World(
        settings=settings(
            embedding_model=EMBEDDING,
            rerank_model=RERANKER,
            knowledge_bases=others,
            prices={**PRICES, "search": {**PRICES["search"], "rerank_per_1k": 2.0}},
        )
    )
    world.plan(arms=arms, estimate_only=True, accept_unknown_cost=True)
    assert [model for model in world.tried[0] if model in (EMBEDDING, RERANKER)] == tried


def test_a_reranker_that_is_not_open_refuses_the_run() -> None:
    priced = {**PRICES, "search": {**PRICES["search"], "rerank_per_1k": 2.0}}
    world = World(settings=settings(rerank_model=RERANKER, prices=priced), closed=(RERANKER,))
    with pytest.raises(EvaluationRejected, match=f"^{RERANKER} is closed.$"):
        world.plan(arms=[RERANKED])


def test_auto_is_answered_for_by_arms_of_which_base_and_rag_are_never_missing() -> None:
    world, all_modes = World(), ["base", "rag", "fine_tuned", "combined"]
    plain, auto = world.plan(estimate_only=True), world.plan(auto=True, estimate_only=True)
    combined = world.plan(auto=True, arms=[{"name": "combined", "mode": "combined"}])

    assert (plain["arms"], auto["arms"], combined["arms"]) == (all_modes, all_modes, ["combined", "base", "rag"])
    assert auto["estimate"] == plain["estimate"]
    assert world.written().auto


def test_a_run_is_laid_out_for_its_maps() -> None:
    world = World()
    told = world.plan(started_by="arn:me")
    assert told["arms"] == ["base", "rag", "fine_tuned", "combined"]
    assert (told["cases"], told["estimate"]["answers"], told["estimate"]["verdicts"]) == (2, 8, 24)
    content = world.results.contents[told["cases_key"]]
    (batch,) = [json.loads(line) for line in world.results.contents[told["batches_key"]].splitlines()]
    cases = read_batch(content[batch["offset"] :][: batch["bytes"]])
    assert [case["id"] for case in cases] == ["case-0001", "b"]
    plan = world.written()
    assert (plan.judges, plan.started_by, plan.tuned) == (
        (*JUDGES, "cohere.three"),
        "arn:me",
        {"in_service": TUNED._asdict()},
    )


def test_an_estimate_alone_writes_nothing() -> None:
    world = World()
    assert world.plan(estimate_only=True)["estimate"]["usd"] > 0
    assert world.results.writes == []


@pytest.mark.parametrize("unpriced", [OWN, "search", "cohere.three"])
def test_a_ceiling_refuses_what_has_no_price_until_somebody_accepts_it(unpriced: str) -> None:
    known = {name: price for name, price in PRICES.items() if name != unpriced}
    world, judges = World(settings=settings(prices=known)), [JUDGES[0], "cohere.three"]

    with pytest.raises(
        EvaluationRejected, match=rf"no price is known for {unpriced}, so evaluation\.max_cost_usd, 5 US"
    ):
        world.plan(judges=judges)
    with pytest.raises(EvaluationRejected, match=r"so max_cost_usd, 1 US dollars, cannot be kept"):
        world.plan(judges=judges, max_cost_usd=1.0)
    assert world.results.writes == []
    assert world.plan(judges=judges, accept_unknown_cost=True)["estimate"]["unknown_prices"] == [unpriced]

    without = {**settings().limits, "max_cost_usd": None}
    assert World(settings=settings(prices=known, limits=without)).plan(judges=judges)["estimate"]["usd"] is None


def test_planning_again_changes_nothing_but_which_start_it_is() -> None:
    world = World()
    first = world.plan(arms=[{"name": "x", "mode": "rag"}], judges=list(JUDGES), repeat=2, pairwise=True)
    before, began = dict(world.results.contents), world.written()
    assert world.plan() == first
    assert (began.start, world.written().start) == ("start-0", "start-1")
    written = json.dumps(replace(world.written(), start=began.start).dump(), indent=2).encode()
    assert {**world.results.contents, "evaluations/r/run.json": written} == before


def test_the_arms_of_a_run_may_grow() -> None:
    world = World()
    world.plan(arms=[{"name": "base", "mode": "base"}])
    world.plan(arms=[{"name": "base", "mode": "base"}, {"name": "rag", "mode": "rag"}])
    assert [arm.name for arm in world.written().arms] == ["base", "rag"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda world: world.results.contents.update({"evaluations/r/given.jsonl": CASES * 1 + b'{"question": "x?"}'}),
         "the questions are not those"),
        (lambda world: setattr(world, "settings", replace(world.settings, base_model="amazon.other-v1:0")),
         "the base model was"),
        (lambda world: world.pointers.update({"in-service": "none"}), "another tuned model is in_service"),
    ],
)  # fmt: skip
def test_a_run_that_began_otherwise_is_refused(change: Any, reason: str) -> None:
    world = World()
    world.plan()
    change(world)
    with pytest.raises(EvaluationRejected, match=f"the run r began otherwise: {reason}.*another name"):
        world.plan()


def test_an_arm_cannot_come_back_as_another_one() -> None:
    world = World()
    world.plan(arms=[{"name": "x", "mode": "rag"}])
    world.plan(arms=[{"name": "y", "mode": "base"}])
    with pytest.raises(EvaluationRejected, match="the technique x was"):
        world.plan(arms=[{"name": "x", "mode": "base"}])
    world.plan(arms=[{"name": "x", "mode": "rag"}])
    assert [arm.name for arm in world.written().former] == ["y"]


def test_an_arm_cannot_change_under_its_name() -> None:
    world = World()
    world.plan(arms=[{"name": "x", "mode": "rag"}])
    with pytest.raises(EvaluationRejected, match="the technique x was"):
        world.plan(arms=[{"name": "x", "mode": "base"}])


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"run": "No Name"}, "run: is 'No Name'"),
        ({"cases_key": "datasets/x"}, "cases_key: is 'datasets/x'"),
        ({"cases_key": "evaluations/../x"}, "cases_key: is"),
        (
            {"cases_key": "evaluations/none.jsonl"},
            "There is no s3://results/evaluations/none.jsonl.*Upload the questions",
        ),
        ({"judges": [JUDGES[0]]}, "judges: has 1 items"),
        ({"judges": [JUDGES[0], JUDGES[0]]}, "judges: names fewer than two, or one twice"),
        ({"judges": [JUDGES[0], "amazon.nova-pro-v1:0"]}, "judges: names 'amazon.nova-pro-v1:0'"),
        ({"arms": [{"name": "x", "mode": "base", "model": "y"}]}, r"arms\[0\].model: is 'y'"),
        ({"repeat": 0}, "repeat: is 0"),
        ({"modes": ["base"]}, "modes: is not a known field"),
        ({"max_cost_usd": 0.001}, r"the run may cost 0\.\d\d US dollars, and at most 0.001 are allowed"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_before_anything_is_asked(event: dict[str, Any], reason: str) -> None:
    world = World()
    with pytest.raises(EvaluationRejected, match=reason):
        world.plan(**event)
    assert world.results.writes == []


def test_bad_cases_are_refused_line_by_line() -> None:
    world = World(results=Bucket({"evaluations/r/given.jsonl": b'{"id": "x"}\nnonsense\n'}))
    with pytest.raises(EvaluationRejected, match="line 1 has no question; line 2 is not JSON"):
        world.plan()


def test_cases_that_the_tuned_model_was_trained_on_are_told() -> None:
    turns = [("user", "how far is it"), ("assistant", "Far.")]
    sample = {"messages": [{"role": role, "content": [{"text": text}]} for role, text in turns]}
    world = World(training=Bucket({"datasets/t1/train.jsonl": json.dumps(sample).encode()}))
    doubt, _ = world.plan()["doubts"]
    assert doubt.startswith("case-0001: the training set of run t1 asks the same")
    assert not world.plan(run="q", arms=[{"name": "base", "mode": "base"}])["doubts"]


def test_without_a_reference_answers_from_passages_are_judged_by_more_and_that_is_told() -> None:
    (doubt,) = World().plan()["doubts"]
    assert doubt.startswith("case-0001: no reference, so judges measure answers from documents by the passages")
    for mode in ("base", "rag"):
        assert not World().plan(arms=[{"name": mode, "mode": mode}])["doubts"]


def test_a_candidate_is_named_once_for_the_whole_run() -> None:
    world = World()
    world.pointers["candidate"] = TUNED._replace(run="t2").dump()
    world.plan(arms=[{"name": "c", "mode": "fine_tuned", "tuned": "candidate"}, {"name": "s", "mode": "fine_tuned"}])
    tuned = world.written().tuned
    assert (tuned["candidate"]["run"], tuned["in_service"]["run"]) == ("t2", "t1")


def test_without_tuning_the_modes_of_a_tuned_model_are_left_out() -> None:
    assert World(settings=settings(tuned_base_model=None)).plan()["arms"] == ["base", "rag"]


def test_native_jobs_judge_as_the_deployment_is_set_unless_the_run_declines() -> None:
    world = World(settings=settings(native_jobs=True))
    assert world.plan(estimate_only=True)["estimate"]["native_verdicts"] == 1 * 4 * 3
    assert world.plan(native_jobs=False)["estimate"]["native_verdicts"] == 0
    assert not world.written().native_jobs


def test_a_run_goes_on_with_or_without_native_jobs_as_it_began_until_it_is_told_otherwise() -> None:
    world = World(settings=settings(native_jobs=True))
    world.plan(native_jobs=False)
    world.plan()
    assert not world.written().native_jobs
    world.plan(native_jobs=True)
    assert world.written().native_jobs
    world.settings = settings()
    world.plan()
    assert not world.written().native_jobs


def test_native_jobs_are_refused_where_none_are_deployed_and_where_they_cost_too_much() -> None:
    with pytest.raises(EvaluationRejected, match=r"native_jobs: is true .*evaluation\.native_jobs is set in cdk\.json"):
        World().plan(native_jobs=True)
    cost = World().plan(estimate_only=True)["estimate"]["known_usd"]
    world = World(settings=settings(native_jobs=True))
    with pytest.raises(EvaluationRejected, match="or no native jobs, or raise max_cost_usd"):
        world.plan(max_cost_usd=cost * 1.01)
    assert world.plan(max_cost_usd=cost * 1.01, native_jobs=False)["estimate"]["native_verdicts"] == 0


def test_answers_come_from_batch_inference_as_the_deployment_is_set_or_the_run_asks_or_began() -> None:
    world = World(settings=settings(batch_answers=True))
    assert world.plan(estimate_only=True)["batch_answers"]
    assert not world.plan(batch_answers=False)["batch_answers"]
    assert not world.plan()["batch_answers"]
    assert world.plan(batch_answers=True)["batch_answers"]
    assert world.written().models_in_batch() == ["amazon.nova-micro-v1:0"]
    with pytest.raises(EvaluationRejected, match=r"batch_answers: is true .*evaluation\.batch_answers is set in cdk"):
        World().plan(batch_answers=True)


def test_no_answer_of_a_tuned_model_comes_from_batch_inference() -> None:
    world = World(settings=settings(batch_answers=True))
    assert not world.plan(arms=[{"name": "fine_tuned", "mode": "fine_tuned"}])["batch_answers"]
