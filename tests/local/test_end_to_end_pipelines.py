"""The pipelines fail by name with the reason and stop what they started; the buckets are private."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.core.execution import Execution, Outcome, new_run
from tests.local.account import Account, allow
from tests.local.asking import until
from tests.local.deployed import Deployed
from tests.local.faults import faults_of

pytestmark = pytest.mark.local

BUCKETS = ("DocumentsBucketName", "TrainingBucketName", "ResultsBucketName")
STOP_SECONDS = 15
PAIRS = [json.dumps({"question": f"Where is hut {n}?", "answer": f"Hut {n} stands by lake {n}."}) for n in range(10)]


@dataclass(frozen=True)
class Pipelines:
    """What a person does who starts an execution without the command line."""

    deployed: Deployed

    def client(self, service: str) -> Any:
        return self.deployed.deployment.client(service)

    def bucket(self, output: str) -> str:
        return self.deployed.deployment.output(output)

    def execution(self, output: str, run: str) -> Execution:
        return Execution(self.client("stepfunctions"), self.deployed.deployment.output(output), run)

    def begin_training(self, run: str, lines: list[str], **hyperparameters: str) -> Execution:
        """Put a file into the bucket and start the pipeline on it."""
        key = f"datasets/{run}/raw.jsonl"
        body = "\n".join(lines).encode()
        self.client("s3").put_object(Bucket=self.bucket("TrainingBucketName"), Key=key, Body=body)
        execution = self.execution("TrainingStateMachineArn", run)
        execution.start({"run": run, "training_key": key, "hyperparameters": hyperparameters})
        return execution

    def train(self, lines: list[str], **hyperparameters: str) -> Outcome:
        return self.begin_training(new_run(), lines, **hyperparameters).follow()

    def job_of(self, run: str) -> dict[str, Any] | None:
        """The customization job of a run, as Bedrock lists it."""
        jobs = self.client("bedrock").list_model_customization_jobs()["modelCustomizationJobSummaries"]
        return next((job for job in jobs if run in job["jobName"]), None)


@pytest.fixture(scope="module")
def pipelines(deployed: Deployed) -> Pipelines:
    return Pipelines(deployed)


def test_a_bad_training_file_is_rejected_with_its_line(pipelines: Pipelines) -> None:
    outcome = pipelines.train([*PAIRS[:2], '{"question": "Where is hut 2?"}', *PAIRS[3:], "no json"])

    assert (outcome.status, outcome.error) == ("FAILED", "TrainingDataRejected")
    assert "line 3 " in outcome.cause
    assert "line 11 " in outcome.cause


def test_hyperparameters_that_bedrock_would_refuse_are_refused_before_a_job_exists(pipelines: Pipelines) -> None:
    outcome = pipelines.train(PAIRS, epochCount="9", batchSize="1")

    assert (outcome.status, outcome.error) == ("FAILED", "HyperparametersRejected")
    assert "epochCount: '9' is not allowed; write a whole number from 1 to 5" in outcome.cause
    assert "batchSize is fixed and not sent" in outcome.cause


def test_a_job_that_bedrock_refuses_fails_the_run_with_its_reason(pipelines: Pipelines) -> None:
    with faults_of(pipelines.deployed.aws) as faults:
        faults.fail("bedrock:CreateModelCustomizationJob", "ValidationException", "the base model is not offered")
        outcome = pipelines.train(PAIRS)

    assert (outcome.status, outcome.error) == ("FAILED", "TrainingJobFailed")
    assert "the base model is not offered" in outcome.cause


def test_a_job_that_fails_on_its_way_fails_the_run_with_its_reason(pipelines: Pipelines) -> None:
    run, storage, bucket = new_run(), pipelines.client("s3"), pipelines.bucket("TrainingBucketName")
    policy = json.loads(storage.get_bucket_policy(Bucket=bucket)["Policy"])
    prepared = f"arn:aws:s3:::{bucket}/datasets/{run}/train.jsonl"
    hidden = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": prepared}
    changed = {**policy, "Statement": [*policy["Statement"], hidden]}
    storage.put_bucket_policy(Bucket=bucket, Policy=json.dumps(changed))
    outcome = pipelines.begin_training(run, PAIRS).follow()
    storage.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    job = pipelines.job_of(run)
    assert job
    assert job["status"] == "Failed"
    assert (outcome.status, outcome.error) == ("FAILED", "TrainingJobFailed")
    failure = pipelines.client("bedrock").get_model_customization_job(jobIdentifier=job["jobArn"])["failureMessage"]
    assert "s3:GetObject" in failure
    assert failure in outcome.failure("The run").args[0]


def test_stopping_an_execution_stops_its_job(pipelines: Pipelines) -> None:
    run = new_run()

    def status() -> str:
        return str((pipelines.job_of(run) or {}).get("status"))

    with faults_of(pipelines.deployed.aws) as faults:
        faults.hold("job")
        execution = pipelines.begin_training(run, PAIRS)
        until(lambda: pipelines.job_of(run) is not None, "the job is started", seconds=STOP_SECONDS, pause=0.1)
        pipelines.client("stepfunctions").stop_execution(executionArn=execution.arn)
        until(lambda: status() != "InProgress", "the job is told to stop", seconds=STOP_SECONDS)
    until(lambda: status() not in ("InProgress", "Stopping"), "the job has ended", seconds=STOP_SECONDS)
    assert status() == "Stopped"
    assert execution.follow().status == "ABORTED"
    in_service = pipelines.bucket("InServiceParameter")
    assert pipelines.client("ssm").get_parameter(Name=in_service)["Parameter"]["Value"] == "none"


def test_an_evaluation_without_its_cases_fails_by_name(pipelines: Pipelines) -> None:
    execution = pipelines.execution("EvaluationStateMachineArn", run := new_run())
    execution.start({"run": run, "cases_key": f"evaluations/{run}/given.jsonl"})
    outcome = execution.follow()

    assert (outcome.status, outcome.error) == ("FAILED", "EvaluationRejected")
    assert f"evaluations/{run}/given.jsonl" in outcome.cause


@pytest.mark.parametrize("output", BUCKETS)
def test_a_bucket_is_used_over_tls_or_not_at_all(output: str, pipelines: Pipelines) -> None:
    account, bucket = Account(pipelines.deployed.aws), pipelines.bucket(output)
    client = account.client_as(account.role(allow("s3:*")), "s3")
    client.put_object(Bucket=bucket, Key="private/note.txt", Body=b"note")
    assert client.get_object(Bucket=bucket, Key="private/note.txt")["Body"].read() == b"note"

    def in_plain(params: dict[str, dict[str, str]], **_: object) -> None:
        params["headers"]["x-forwarded-proto"] = "http"

    client.meta.events.register("before-call.s3", in_plain)
    with pytest.raises(ClientError, match="explicit deny"):
        client.get_object(Bucket=bucket, Key="private/note.txt")
    with pytest.raises(ClientError, match="explicit deny"):
        client.put_object(Bucket=bucket, Key="private/other.txt", Body=b"other")
    with pytest.raises(ClientError, match="explicit deny"):
        client.list_objects_v2(Bucket=bucket)
