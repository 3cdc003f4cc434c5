"""With the setting on, Bedrock's own jobs judge a run as well, as their roles may, and none of them ends it."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from arbiter.aws.objects import Objects
from arbiter.evaluation.native.records import NativeRecords
from cli.core.execution import Execution
from cli.evaluation.executions import find_execution
from cli.evaluation.run import EvaluateResult, evaluate
from tests.local.asking import until
from tests.local.deployed import Deployed, deployed_with
from tests.local.faults import faults_of
from tests.local.reach import (
    ANSWERING_BY_PROFILES,
    EMBEDDING_TRIED,
    RERANKED_ANSWERS,
    RERANKER_TRIED,
    foundation_models,
    grants,
    overreach,
    unconditional,
    uses,
)

pytestmark = pytest.mark.local

PATIENCE = 60
ARMS = [{"name": "base", "mode": "base"}, {"name": "shots", "mode": "base", "prompting": "few_shot"}]
CASES = [{"question": f"How far is number {number}?", "reference": "I do not know."} for number in range(4)]


@pytest.fixture(scope="module")
def native(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """All stacks with the setting on, beside batch inference, which these runs are too small for."""
    both = {"native_jobs": True, "batch_minimum": 100}
    with deployed_with(root, tmp_path_factory.mktemp("native"), evaluation=both) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("cases") / "cases.jsonl"
    file.write_text("\n".join(map(json.dumps, CASES)))
    return file


def records(native: Deployed, run: str) -> list[dict[str, Any]]:
    return list(NativeRecords(bucket(native), run).all())


def judged(result: EvaluateResult) -> dict[tuple[str, str], Any]:
    return {(row["judge"], row["arm"]): row for row in result.summary["native"]}


def denied(native: Deployed) -> list[dict[str, Any]]:
    decisions = map(json.loads, native.aws.authorizations.read_text().splitlines())
    return [one for one in decisions if "Native" in one["role"] and one["decision"] != "allow"]


def test_every_judge_judges_every_arm_once_more_as_a_job_of_bedrocks(native: Deployed, cases: Path) -> None:
    result = evaluate(native.deployment, cases, arms=ARMS, run="native")
    found = records(native, "native")

    assert judged(result).keys() == {(j, a) for j in result.summary["judges"] for a in ("base", "shots")}
    assert len(found) == 4
    for record in found:
        assert (record["status"], record["failure"]) == ("Completed", None), record
        assert [one["case_id"] for one in record["scores"]] == [f"case-{number:04}" for number in range(1, 5)]
        assert all(0 <= one["score"] <= 10 and one["reason"] for one in record["scores"])
        row = judged(result)[record["judge"], record["arm"]]
        assert row["n"] == len(CASES)
        assert row["mean"] == pytest.approx(sum(one["score"] for one in record["scores"]) / len(CASES))
    assert denied(native) == []


def test_a_job_that_fails_is_told_and_the_run_ends_well(native: Deployed, cases: Path) -> None:
    with faults_of(native.aws) as faults:
        faults.end_job("Failed", "the judge is not there", kind="evaluation")
        result = evaluate(native.deployment, cases, modes=["base"], run="failing")

    rows = list(judged(result).values())
    assert sorted(row["status"] for row in rows) == ["Completed", "Failed"]
    (failed,) = [row for row in rows if row["failure"]]
    assert failed["failure"] == "failed: the judge is not there"
    assert (failed["n"], failed["mean"]) == (0, None)
    assert result.complete


def test_a_run_that_declines_is_judged_by_us_alone(native: Deployed, cases: Path) -> None:
    result = evaluate(native.deployment, cases, modes=["base"], run="declined", native_jobs=False)
    assert "native" not in result.summary
    assert records(native, "declined") == []
    assert result.estimate
    assert result.estimate.native_verdicts == 0


def test_the_jobs_of_a_run_that_is_stopped_are_stopped_and_its_next_start_judges(native: Deployed, cases: Path) -> None:
    with faults_of(native.aws) as faults:
        faults.hold("evaluation", "arbiter-stopped-")
        execution = begun(native, cases, "stopped")
        until(lambda: jobs(native, "stopped") == ["InProgress"] * 4, "the jobs are started", seconds=PATIENCE)
        native.deployment.client("stepfunctions").stop_execution(executionArn=execution.arn)
        until(lambda: jobs(native, "stopped") == ["Stopping"] * 4, "they are to be stopped", seconds=PATIENCE)
    until(lambda: jobs(native, "stopped") == ["Stopped"] * 4, "they are stopped", seconds=PATIENCE)
    until(lambda: all(one["failure"] for one in records(native, "stopped")), "it is told", seconds=PATIENCE)

    result = evaluate(native.deployment, cases, arms=ARMS, run="stopped")
    assert [row["n"] for row in judged(result).values()] == [len(CASES)] * 4
    assert denied(native) == []


def test_a_judge_that_is_refused_and_jobs_that_outlast_their_day_are_told_and_done_when_asked_for(
    native: Deployed, cases: Path
) -> None:
    refused = {"body": "meta.llama3"}
    with faults_of(native.aws) as faults:
        faults.fail("bedrock:CreateEvaluationJob", "ValidationException", "The evaluator is invalid.", match=refused)
        faults.hold("evaluation", "arbiter-late-")
        begun(native, cases, "late")
        until(lambda: jobs(native, "late") == ["InProgress"] * 2, "the other judge's are started", seconds=PATIENCE)
        make_older(native, "late")
        result = evaluate(native.deployment, cases, run="late")

    told = {judge.split(".")[1]: row["failure"] for (judge, _), row in judged(result).items()}
    assert told == {
        "anthropic": "timed_out: the job took more than 24 hours",
        "meta": "ValidationException: The evaluator is invalid.",
    }
    assert result.complete
    until(lambda: jobs(native, "late") == ["Stopped"] * 2, "the jobs are stopped", seconds=PATIENCE)
    again = evaluate(native.deployment, cases, run="late", native_jobs=True)
    assert [row["n"] for row in judged(again).values()] == [len(CASES)] * 4


def jobs(native: Deployed, run: str) -> list[str]:
    """The states of a run's jobs."""
    listed = native.deployment.client("bedrock").list_evaluation_jobs(nameContains=f"arbiter-{run}")
    return [job["status"] for job in listed["jobSummaries"]]


def begun(native: Deployed, cases: Path, run: str) -> Execution:
    """A run that was started, and is not waited for."""
    order, key = {"run": run, "arms": ARMS}, f"evaluations/{run}/given.jsonl"
    bucket(native).write(key, cases.read_bytes(), content_type="application/jsonl")
    execution, _ = find_execution(native.deployment, order)
    execution.start({**order, "cases_key": key})
    return execution


def bucket(native: Deployed) -> Objects:
    return Objects(native.deployment.client("s3"), native.deployment.output("ResultsBucketName"))


def make_older(native: Deployed, run: str) -> None:
    """Let the jobs of a run have been started the day before yesterday."""
    kept = NativeRecords(bucket(native), run)
    until(lambda: len(list(kept.all())) == 4, "the records are there", seconds=PATIENCE)
    for record in list(kept.open()):
        started = datetime.fromisoformat(record["started_at"]) - timedelta(days=2)
        kept.keep({**record, "started_at": started.isoformat()})


def test_no_role_may_reach_what_it_never_reached(root: Path, native: Deployed) -> None:
    granted, used = grants(native.deployment), uses(native.aws.authorizations)
    assert overreach(granted, used, foundation_models(root)) == {
        ANSWERING_BY_PROFILES,
        EMBEDDING_TRIED,
        RERANKED_ANSWERS,
        RERANKER_TRIED,
    }
    assert unconditional(granted, used) == set()
