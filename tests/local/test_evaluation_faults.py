"""Whatever goes wrong in an evaluation: nothing is lost, nothing counted twice, and no failure becomes a zero."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from arbiter.evaluation.run.batches import FEWEST_IN_BATCH
from cli.core.execution import Execution
from cli.evaluation.run import EvaluateResult, evaluate
from tests.local.deployed import Deployed
from tests.local.faults import faults_of

pytestmark = pytest.mark.local

CASES = 9
JUDGES = 2
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few questions, in three batches."""
    file = tmp_path_factory.mktemp("cases") / "cases.jsonl"
    lines = [{"question": f"How far is number {number}?", "reference": "Far."} for number in range(CASES)]
    file.write_text("\n".join(map(json.dumps, lines)))
    return file


def row_of(result: EvaluateResult) -> dict[str, Any]:
    (row,) = result.summary["arms"]
    return dict(row)


def verdicts(deployed: Deployed, run: str) -> list[dict[str, Any]]:
    storage, bucket = deployed.deployment.client("s3"), deployed.deployment.output("ResultsBucketName")
    listed = storage.list_objects_v2(Bucket=bucket, Prefix=f"evaluations/{run}/verdicts/").get("Contents", ())
    bodies = [storage.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in listed]
    return [verdict for body in bodies for verdict in json.loads(body)["verdicts"]]


def versions(deployed: Deployed, run: str, kind: str) -> dict[str, int]:
    """How often each record of a run was written: the bucket keeps every version."""
    storage, bucket = deployed.deployment.client("s3"), deployed.deployment.output("ResultsBucketName")
    prefix, counts = f"evaluations/{run}/{kind}/", dict[str, int]()
    for item in storage.list_object_versions(Bucket=bucket, Prefix=prefix).get("Versions", ()):
        counts[item["Key"]] = counts.get(item["Key"], 0) + 1
    return counts


def test_a_judge_that_answers_prose_fails_by_name_and_scores_nothing(deployed: Deployed, cases: Path) -> None:
    with faults_of(deployed.aws) as faults:
        faults.answer("llama", "What a fine answer: ten out of ten.")
        result = evaluate(deployed.deployment, cases, modes=["base"], run="prose")

    found = verdicts(deployed, "prose")
    assert [one["failure"]["code"] for one in found if "failure" in one] == ["unparseable"] * CASES
    assert row_of(result)["quality"] is None
    (codes,) = [codes for codes in result.summary["judges_agreement"]["failures"].values() if codes]
    assert codes == {"unparseable": CASES}
    assert not result.complete


def test_with_a_third_of_all_calls_throttled_everything_is_answered_and_judged(deployed: Deployed, cases: Path) -> None:
    with faults_of(deployed.aws) as faults:
        faults.throttle("bedrock:InvokeModel", share=0.3)
        result = evaluate(deployed.deployment, cases, modes=["base"], run="throttled")

    row, found = row_of(result), verdicts(deployed, "throttled")
    assert result.complete
    assert (row["answered"] + row["abstained"], row["failed"], row["quality"]["n"]) == (CASES, {}, CASES)
    assert len(found) == CASES * JUDGES
    assert row["throttles"] + sum(one["throttles"] for one in found) > 0


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_judging_function_that_dies_is_started_again_and_nothing_is_judged_twice(
    deployed: Deployed, cases: Path, when: str
) -> None:
    with faults_of(deployed.aws) as faults:
        faults.kill("EngineJudge", when)
        result = evaluate(deployed.deployment, cases, modes=["base"], run=f"killed-{when}")
        assert faults.counts()[0][1] == 1

    assert result.complete
    assert len(verdicts(deployed, result.run)) == CASES * JUDGES
    assert set(versions(deployed, result.run, "verdicts").values()) == {1}


def test_a_run_that_is_stopped_goes_on_where_it_was(deployed: Deployed, cases: Path) -> None:
    machine = deployed.deployment.output("EvaluationStateMachineArn")
    states, storage = deployed.deployment.client("stepfunctions"), deployed.deployment.client("s3")
    key = "evaluations/stopped/given.jsonl"
    storage.put_object(Bucket=deployed.deployment.output("ResultsBucketName"), Key=key, Body=cases.read_bytes())
    first = Execution(states, machine, "stopped")
    with faults_of(deployed.aws) as faults:
        # Some answers, and then none until somebody stops the run.
        faults.throttle("bedrock:InvokeModel", after=CASES - 2)
        first.start({"run": "stopped", "cases_key": key, "arms": [{"name": "base", "mode": "base"}]})
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not versions(deployed, "stopped", "answers") and time.monotonic() < deadline:
            time.sleep(0.05)
        states.stop_execution(executionArn=first.arn, error="Stopped", cause="by a test")

    result = evaluate(deployed.deployment, cases, run="stopped")

    assert result.execution.endswith(":stopped_2")
    assert result.complete
    assert row_of(result)["quality"]["n"] == CASES
    assert len(versions(deployed, "stopped", "answers")) == CASES
    assert len(verdicts(deployed, "stopped")) == CASES * JUDGES
    assert evaluate(deployed.deployment, cases, run="stopped").execution == result.execution


def test_a_batch_that_cannot_be_answered_ends_nothing_and_is_made_good_by_the_next_start(
    deployed: Deployed, cases: Path
) -> None:
    with faults_of(deployed.aws) as faults:
        faults.kill("EngineAnswer", times=3, match={"event": '"offset": 0'})
        result = evaluate(deployed.deployment, cases, modes=["base"], run="lost")

    assert row_of(result)["missing"] == FEWEST_IN_BATCH
    assert (result.problem or "").startswith("BatchFailed")
    again = evaluate(deployed.deployment, cases, run="lost")
    assert again.complete
    assert set(versions(deployed, "lost", "answers").values()) == {1}
