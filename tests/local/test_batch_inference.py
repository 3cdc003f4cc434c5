"""Pairs, answers and verdicts come from batch inference when set so; whatever becomes of a job, none is lost."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arbiter.costs.prices import in_batch
from cli.core.errors import CliError
from cli.core.execution import Execution
from cli.evaluation.run import EvaluateResult, evaluate
from cli.generation.outcome import GenerateResult
from cli.generation.run import generate
from cli.reporting.report import report
from cli.sync.synchronise import sync
from tests.independent.differing import differences
from tests.independent.recompute_evaluation import recompute
from tests.local.batched import MINIMUM, Batched, batched_stacks, until
from tests.local.faults import Faults, faults_of
from tests.local.reach import (
    ANSWERING_BY_PROFILES,
    FORMER_PROFILE,
    RERANKED_ANSWERS,
    RERANKER_TRIED,
    foundation_models,
    grants,
    overreach,
    unconditional,
    uses,
)

pytestmark = pytest.mark.local

NOVA = "amazon.nova-micro-v1:0"
HAIKU, LLAMA = "us.anthropic.claude-haiku-4-5-20251001-v1:0", "us.meta.llama3-3-70b-instruct-v1:0"
PAIRS, CASES, REPEAT = 200, 25, 4
ORDER = {"arms": [{"name": "base", "mode": "base"}], "repeat": REPEAT}
STATES = {"generation": "GenerationStateMachineArn", "evaluation": "EvaluationStateMachineArn"}


@pytest.fixture(scope="module")
def batched(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batched]:
    with batched_stacks(root, tmp_path_factory.mktemp("batched")) as stacks:
        yield stacks


@pytest.fixture
def faults(batched: Batched) -> Iterator[Faults]:
    with faults_of(batched.aws) as ordered:
        yield ordered


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Questions whose verdicts are enough for one job a judge."""
    file = tmp_path_factory.mktemp("cases") / "cases.jsonl"
    lines = [{"question": f"How far is number {number}?", "reference": "Far."} for number in range(CASES)]
    file.write_text("\n".join(map(json.dumps, lines)))
    return file


def judged(batched: Batched, cases: Path, run: str, repeat: int = REPEAT) -> EvaluateResult:
    return evaluate(batched.deployment, cases, modes=["base"], repeat=repeat, run=run)


def verdicts(batched: Batched, run: str) -> list[dict[str, Any]]:
    records = batched.objects(f"evaluations/{run}/verdicts/").values()
    return [verdict for record in records for verdict in json.loads(record)["verdicts"]]


def share_of_price(verdict: dict[str, Any], batched: Batched, run: str) -> float:
    """What part of the price on demand a verdict cost."""
    price = json.loads(batched.objects(f"evaluations/{run}/run.json")[""])["prices"][verdict["judge"]]
    usage = verdict["usage"]
    full = usage["input_tokens"] * price["input_per_1k"] + usage["output_tokens"] * price["output_per_1k"]
    return float(verdict["cost_usd"] / full * 1000)


def interrupted(batched: Batched, faults: Faults, pipeline: str, order: dict[str, Any], jobs: int) -> None:
    """Start a run, and end its execution while its jobs are at work: the jobs are ended, too."""
    before, states = batched.jobs(), batched.client("stepfunctions")
    faults.hold("batch")
    execution = Execution(states, batched.deployment.output(STATES[pipeline]), f"{order['run']}")
    execution.start(order)
    until(lambda: (batched.jobs() - before).total() == jobs)
    states.stop_execution(executionArn=execution.arn, error="Enough", cause="by a person")
    until(lambda: {status for _, status in batched.jobs() - before} <= {"Stopping", "Stopped"})
    faults.clear()


def test_verdicts_of_jobs_are_like_others_at_the_price_of_batch_inference(batched: Batched, cases: Path) -> None:
    few = judged(batched, cases, "few", repeat=1)
    assert (few.complete, batched.jobs().total()) == (True, 0)
    result = judged(batched, cases, "many")

    found = verdicts(batched, "many")
    assert result.complete
    assert batched.jobs() == {(HAIKU, "Completed"): 1, (LLAMA, "Completed"): 1}
    assert len(found) == 2 * CASES * REPEAT
    assert {tuple(verdict) for verdict in found} == {tuple(verdict) for verdict in verdicts(batched, "few")}
    for run, share in (("few", 1.0), ("many", 0.5)):
        assert {round(share_of_price(one, batched, run), 9) for one in verdicts(batched, run)[:4]} == {share}
    files = batched.objects("evaluations/many/")
    assert list(differences(result.summary, recompute(files))) == []


def test_a_judge_whose_job_failed_is_asked_again_and_no_other(batched: Batched, cases: Path, faults: Faults) -> None:
    before = batched.jobs()
    faults.end_job("Failed", "no capacity", kind="batch")
    with pytest.raises(
        CliError, match=r"BatchInferenceFailed: the batch .* is Failed: no capacity\. What .* with --run failed"
    ):
        judged(batched, cases, "failed")
    assert verdicts(batched, "failed") == []

    assert judged(batched, cases, "failed").complete
    jobs = batched.jobs() - before
    assert (jobs.total(), sum(count for (_, status), count in jobs.items() if status == "Completed")) == (3, 2)
    assert {share_of_price(one, batched, "failed") < 0.6 for one in verdicts(batched, "failed")[:8]} == {True}


def test_a_stopped_evaluation_stops_its_jobs_and_records_that_failed_are_asked_on_demand(
    batched: Batched, cases: Path, faults: Faults
) -> None:
    key, before = "evaluations/stopped/given.jsonl", batched.jobs()
    bucket = batched.deployment.output("ResultsBucketName")
    batched.client("s3").put_object(Bucket=bucket, Key=key, Body=cases.read_bytes())
    interrupted(batched, faults, "evaluation", {"run": "stopped", "cases_key": key, **ORDER}, jobs=2)
    faults.order("record", {"code": 500, "message": "lost"}, share=0.5, match={"name": "arbiter-"})
    assert judged(batched, cases, "stopped").complete

    jobs, found = batched.jobs() - before, verdicts(batched, "stopped")
    assert {status: jobs[HAIKU, status] for status in ("Stopped", "Completed")} == {"Stopped": 1, "Completed": 1}
    assert len(found) == 2 * CASES * REPEAT
    shares = {round(share_of_price(one, batched, "stopped"), 1) for one in found[:24]}
    assert shares == {0.5, 1.0}
    assert batched.denied() == []


def pairs_of(batched: Batched, folder: Path, run: str) -> GenerateResult:
    return generate(
        batched.deployment, purpose="training", pairs=PAIRS, out=folder / "pairs.jsonl", run=run,
        confirm=lambda estimate: True,
    )  # fmt: skip


def test_pairs_are_verified_in_a_job_whatever_becomes_of_it(
    batched: Batched, root: Path, tmp_path: Path, faults: Faults
) -> None:
    assert sync(batched.deployment, root / "examples" / "documents").complete
    before, order = batched.jobs(), {"run": "pairs", "purpose": "training", "pairs": PAIRS}
    interrupted(batched, faults, "generation", order, jobs=1)
    faults.end_job("Failed", "no capacity", kind="batch")
    with pytest.raises(CliError, match=r"is Failed: no capacity\. What was generated is kept"):
        pairs_of(batched, tmp_path, "pairs")
    faults.order("record", {"code": 500, "message": "lost"}, share=0.1)
    result = pairs_of(batched, tmp_path, "pairs")

    used = json.loads(batched.objects("generation/pairs/report.json")[""])["used"]
    assert result.pairs > 0.8 * PAIRS
    assert batched.jobs() - before == {(HAIKU, "Stopped"): 1, (HAIKU, "Failed"): 1, (HAIKU, "Completed"): 1}
    assert used[in_batch(HAIKU)]["input_tokens"] > used[HAIKU]["input_tokens"] > 0
    assert sum("recordId" in line for line in _asked(batched, "pairs")) >= MINIMUM
    assert batched.denied() == []


def _asked(batched: Batched, run: str) -> list[str]:
    files = batched.objects(f"generation/{run}/batch-inference/")
    return [line for key, body in files.items() if key.endswith("records.jsonl") for line in body.decode().splitlines()]


def answers(batched: Batched, run: str, arm: str) -> dict[str, dict[str, Any]]:
    found = batched.objects(f"evaluations/{run}/answers/")
    return {key.partition("/")[0]: json.loads(body) for key, body in found.items() if key.endswith(f"/{arm}.json")}


def test_answers_of_a_job_are_those_on_demand_at_its_price_and_without_a_latency(
    batched: Batched, root: Path, tmp_path: Path
) -> None:
    assert sync(batched.deployment, root / "examples" / "documents").complete
    before, file, some = batched.jobs(), tmp_path / "cases.jsonl", tmp_path / "some.jsonl"
    lines = [json.dumps({"question": f"How heavy is tent number {number}?"}) for number in range(MINIMUM // 2)]
    file.write_text("\n".join(lines))
    some.write_text("\n".join(lines[:2]))
    few = evaluate(batched.deployment, some, modes=["base", "rag"], run="few-answers")
    assert (few.complete, (batched.jobs() - before).total()) == (True, 0)
    result = evaluate(batched.deployment, file, modes=["base", "rag"], run="answers")

    assert (result.complete, (batched.jobs() - before)[NOVA, "Completed"]) == (True, 1)
    told = [(arm["in_batch"], arm["latency_ms"]["total"]) for arm in result.summary["arms"]]
    assert told == [(MINIMUM // 2, None)] * 2
    for arm in ("base", "rag"):
        found = answers(batched, "answers", arm)
        assert len(found) == MINIMUM // 2
        for case, other in answers(batched, "few-answers", arm).items():
            assert_of_a_job(found[case], other)
    assert list(differences(result.summary, recompute(batched.objects("evaluations/answers/")))) == []
    page = report(batched.deployment, "answers", out=tmp_path / "page.html").path.read_text()
    assert "answered in a batch job: no latency (base 50 of 50, rag 50 of 50)." in page
    assert batched.denied() == []


def assert_of_a_job(record: dict[str, Any], other: dict[str, Any]) -> None:
    """A record has the shape and the content of one on demand."""
    assert (record["asked"], record.keys()) == ("batch", other.keys() | {"asked"})
    mine, theirs = record["response"], other["response"]
    assert mine.keys() == theirs.keys()
    for name in ("answer", "citations", "model", "usage", "stop_reason"):
        assert mine[name] == theirs[name]
    searched = 2 * mine["cost_usd"] - theirs["cost_usd"]
    # Jobs halve the price of tokens alone: what a search costs is paid whole.
    assert (searched > 1e-7) == (record["arm"] == "rag")
    assert searched < 1e-5
    latency = mine["latency_ms"]
    assert (latency["generate"], latency["total"], latency.keys()) == (None, None, theirs["latency_ms"].keys())
    assert (latency["retrieve"] > 1) == (record["arm"] == "rag")


def test_no_role_may_reach_what_it_never_reached(root: Path, batched: Batched) -> None:
    granted, used = grants(batched.deployment), uses(batched.aws.authorizations)
    # The documents are too few for a job of drafts.
    drafts = "bedrock:CreateModelInvocationJob on bedrock:foundation-model/amazon.nova-lite-v1:0"
    told = overreach(granted, used, foundation_models(root)) - {FORMER_PROFILE}
    assert told == {
        f"Generation-PairsPipelineRole50F1826B: {drafts}",
        ANSWERING_BY_PROFILES,
        RERANKED_ANSWERS,
        RERANKER_TRIED,
    }
    assert unconditional(granted, used) == set()
