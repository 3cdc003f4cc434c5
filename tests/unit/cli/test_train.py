"""A training run is checked here, started once, followed to its end, and its failure named."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody

from arbiter.training.check import Rules
from arbiter.training.run import is_name
from arbiter.tuned_model import TunedModel
from arbiter.tuning.promotion import Pointer
from arbiter.tuning.record import TrainingRecord
from cli.errors import CliError
from cli.execution import innermost, new_run
from cli.train import train
from cli.train_estimate import estimate
from cli.train_records import find_run, list_runs
from tests.unit.arbiter.tuning.stores import running
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment

MACHINE = OUTPUTS["TrainingStateMachineArn"]
ARN = MACHINE.replace(":stateMachine:", ":execution:") + ":run-1"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
MODEL = TunedModel("arn:deployment/1", "arn:model/1", "amazon.nova-micro-v1:0:128k", "run-1")
OUTPUT = json.dumps({"samples": 8, **MODEL._asdict(), "reused": False, "gate": {}})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps({"question": f"Q{i}?", "answer": "A."}) + "\n" for i in range(8)))
    return path


def described(status: str, **others: str) -> dict[str, Any]:
    return {"executionArn": ARN, "stateMachineArn": MACHINE, "status": status, "startDate": NOW, **others}


def history(*states: str) -> dict[str, Any]:
    entered = [
        {"timestamp": NOW, "type": "TaskStateEntered", "id": i, "stateEnteredEventDetails": {"name": state}}
        for i, state in enumerate(states, 1)
    ]
    return {"events": list(reversed(entered))}


def start(deployment: StubbedDeployment, hyperparameters: dict[str, str], **request: Any) -> None:
    stored = {"ResponseMetadata": {"HTTPHeaders": {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}}}
    for _ in range(1 + ("gate" in request)):
        deployment.stub("s3").add_response("put_object", stored)
    deployment.stub("sts").add_response("get_caller_identity", {"Arn": "arn:aws:iam::0:user/me"})
    states = deployment.stub("stepfunctions")
    states.add_client_error("describe_execution", "ExecutionDoesNotExist")
    payload = {
        "force": False,
        "hyperparameters": hyperparameters,
        "run": "run-1",
        "started_by": "arn:aws:iam::0:user/me",
        "training_key": "datasets/run-1/raw.jsonl",
        **request,
    }
    states.add_response(
        "start_execution",
        {"executionArn": ARN, "startDate": NOW},
        {"stateMachineArn": MACHINE, "name": "run-1", "input": json.dumps(payload, sort_keys=True)},
    )


def kept(deployment: StubbedDeployment, record: TrainingRecord) -> None:
    """The record in the results bucket, to be read once."""
    body = record.dumps().encode()
    deployment.stub("s3").add_response(
        "get_object",
        {"Body": StreamingBody(io.BytesIO(body), len(body))},
        {"Bucket": "results", "Key": f"training/{record.run}/record.json"},
    )


def finish(deployment: StubbedDeployment, **description: str) -> None:
    states = deployment.stub("stepfunctions")
    states.add_response("describe_execution", described(**description))
    states.add_response("get_execution_history", history("Prepare", "Train", "Nominate"))
    kept(deployment, running(reused=True))  # what is looked at while it runs: no job of its own


def pointers(deployment: StubbedDeployment, in_service: TunedModel | None = None) -> None:
    for name, text in (("candidate", MODEL.dump()), ("in-service", Pointer(in_service).dump())):
        deployment.stub("ssm").add_response("get_parameter", {"Parameter": {"Value": text}}, {"Name": name})


def test_a_run_ends_with_its_model_nominated_and_says_what_to_type(file: Path) -> None:
    deployment, seen = StubbedDeployment(), []
    start(deployment, {"epochCount": "3"})
    finish(deployment, status="SUCCEEDED", output=OUTPUT)
    kept(deployment, running(status="nominated"))
    pointers(deployment)

    def progress(stage: str, done: int = 0, total: int | None = None) -> None:
        seen.append(stage)

    result = train(deployment, file, run="run-1", hyperparameters={"epochCount": "3"}, progress=progress)
    assert (result.model, result.samples, result.run, result.execution) == ("arn:deployment/1", 8, "run-1", ARN)
    assert not result.in_service
    assert result.next_command == "arbiter model promote run-1 --env dev"
    assert seen[-3:] == ["Pipeline: Prepare", "Pipeline: Train", "Pipeline: Nominate"]
    assert any(stage.startswith("Training on about") for stage in seen[:3]), seen
    assert result.dump()["record"]["status"] == "nominated"
    deployment.session.assert_all_called()


def test_questions_of_a_gate_are_sent_and_named(file: Path, tmp_path: Path) -> None:
    deployment = StubbedDeployment()
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"question": "Where?"}\n')
    start(deployment, {}, gate={"cases_key": "evaluations/run-1-gate/questions.jsonl"})
    finish(deployment, status="SUCCEEDED", output=OUTPUT)
    kept(deployment, running(status="nominated", gate={"publish": True, "published": True}))
    pointers(deployment, MODEL)
    result = train(deployment, file, run="run-1", gate=questions)
    assert (result.in_service, result.next_command) == (True, None)
    assert result.gate == {"publish": True, "published": True}
    deployment.session.assert_all_called()


def test_a_person_may_promote_without_a_gate(file: Path) -> None:
    deployment = StubbedDeployment()
    start(deployment, {})
    finish(deployment, status="SUCCEEDED", output=OUTPUT)
    deployment.stub("sts").add_response("get_caller_identity", {"Arn": "arn:aws:iam::0:user/me"})
    moved = json.dumps({"in_service": MODEL._asdict(), "previous": None, "changed": True}).encode()
    deployment.stub("lambda").add_response(
        "invoke",
        {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(moved), len(moved))},
        {
            "FunctionName": OUTPUTS["PublishFunctionArn"],
            "Payload": json.dumps({"action": "promote", "run": "run-1", "by": "arn:aws:iam::0:user/me"}).encode(),
        },
    )
    kept(deployment, running(status="nominated"))
    pointers(deployment, MODEL)
    assert train(deployment, file, run="run-1", promote=True).in_service
    deployment.session.assert_all_called()


def test_a_run_that_exists_is_followed_and_not_started_again(file: Path) -> None:
    deployment = StubbedDeployment()
    deployment.stub("stepfunctions").add_response("describe_execution", described("RUNNING"))
    finish(deployment, status="SUCCEEDED", output=OUTPUT)
    kept(deployment, running(status="nominated"))
    pointers(deployment)
    assert train(deployment, file, run="run-1").run == "run-1"
    deployment.session.assert_all_called()


@pytest.mark.parametrize(
    ("ending", "name", "reason"),
    [
        (
            {"status": "FAILED", "error": "TrainingJobFailed", "cause": '{"FailureMessage": "no access to data"}'},
            "TrainingJobFailed",
            "no access to data",
        ),
        (
            {
                "status": "FAILED",
                "error": "TrainingDataRejected",
                "cause": '{"errorMessage": "line 3 is bad", "errorType": "TrainingDataRejected", "stackTrace": ["x"]}',
            },
            "TrainingDataRejected",
            "line 3 is bad",
        ),
        ({"status": "TIMED_OUT"}, "TIMED_OUT", "no reason is recorded"),
        ({"status": "ABORTED", "cause": "stopped by hand"}, "ABORTED", "stopped by hand"),
    ],
)
def test_a_failure_is_named_with_the_innermost_reason(
    file: Path, ending: dict[str, str], name: str, reason: str
) -> None:
    deployment = StubbedDeployment()
    start(deployment, {})
    finish(deployment, **ending)
    with pytest.raises(CliError) as failed:
        train(deployment, file, run="run-1")
    assert str(failed.value) == f"The training run run-1 failed: {name}: {reason}"
    assert failed.value.details == {"name": name, "cause": reason, "execution": ARN}


def test_losses_are_told_as_soon_as_bedrock_writes_them(file: Path) -> None:
    deployment, seen = StubbedDeployment(), []
    start(deployment, {})
    states = deployment.stub("stepfunctions")
    states.add_response("describe_execution", described("SUCCEEDED", output=OUTPUT))
    states.add_response("get_execution_history", history("Train"))
    kept(deployment, running())
    deployment.stub("bedrock").add_response("get_model_customization_job", job(status="InProgress"))
    key, table = (
        "customization/run-1/step_wise_training_metrics.csv",
        b"step_number,epoch_number,training_loss\n7,0,1.5\n",
    )
    listed = {"Key": key, "Size": 1, "ETag": '"e"', "LastModified": NOW}
    deployment.stub("s3").add_response("list_objects_v2", {"Contents": [listed]})
    deployment.stub("s3").add_response("get_object", {"Body": StreamingBody(io.BytesIO(table), len(table))})
    kept(deployment, running(status="nominated"))
    pointers(deployment)

    def progress(stage: str, done: int = 0, total: int | None = None) -> None:
        seen.append((stage, done))

    train(deployment, file, run="run-1", progress=progress)
    assert ("Job: InProgress (training)", 0) in seen
    assert ("Training steps (loss 1.500)", 7) in seen
    deployment.session.assert_all_called()


def job(*, status: str) -> dict[str, Any]:
    return {
        "jobArn": "a",
        "jobName": "arbiter-run-1-01234567",
        "outputModelName": "m",
        "roleArn": "r",
        "status": status,
        "statusDetails": {"trainingDetails": {"status": "InProgress"}},
        "creationTime": NOW,
        "baseModelArn": "b",
        "hyperParameters": {},
        "trainingDataConfig": {"s3Uri": "s3://t/x"},
        "validationDataConfig": {"validators": []},
        "outputDataConfig": {"s3Uri": "s3://t/x"},
    }


def test_what_cannot_be_watched_does_not_end_the_run(file: Path) -> None:
    deployment = StubbedDeployment()
    start(deployment, {})
    states = deployment.stub("stepfunctions")
    states.add_response("describe_execution", described("SUCCEEDED", output=OUTPUT))
    states.add_response("get_execution_history", history("Train"))
    deployment.stub("s3").add_client_error("get_object", "AccessDenied")
    kept(deployment, running(status="nominated"))
    pointers(deployment)
    assert train(deployment, file, run="run-1").run == "run-1"


def test_a_bad_file_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"question": "User: x", "answer": ""}\n' * 100)
    with pytest.raises(CliError) as refused:
        train(StubbedDeployment(), path)
    assert "200 problems (40 are listed)" in str(refused.value)
    assert refused.value.details["problems"][0]["line"] == 1
    assert refused.value.details["unlisted"] == 160


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="is not a file"):
        train(StubbedDeployment(), tmp_path, rules=Rules())


def test_a_bad_name_of_a_run_is_refused(file: Path) -> None:
    with pytest.raises(CliError, match="no good name: use 1 to 40 of a-z"):
        train(StubbedDeployment(), file, run="My Run")
    with pytest.raises(CliError, match="with --gate use at most 35"):
        train(StubbedDeployment(), file, run="a" * 36, gate=file)


def test_new_runs_have_good_names_and_never_the_same() -> None:
    runs = {new_run() for _ in range(100)}
    assert all(map(is_name, runs))
    assert len(runs) > 90


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        ("", ""),
        ("plain", "plain"),
        ('{"Cause": "{\\"errorMessage\\": \\"deep\\"}"}', "deep"),
        ('{"other": 1}', '{"other": 1}'),
        ("[1]", "[1]"),
    ],
)
def test_the_innermost_reason_is_found(cause: str, reason: str) -> None:
    assert innermost(cause) == reason


def test_the_cost_is_reckoned_from_settings_and_prices(tmp_path: Path) -> None:
    prices = {
        "as_of": "2026-11-21",
        "region": "us-east-1",
        "currency": "USD",
        "models": {
            "custom:amazon.nova-micro-v1:0:128k": {"training_per_1k": {"usd": 0.002, "source": "a test's own price"}}
        },
    }
    context = {"environments": {"dev": {"fine_tuning": {"epochs": 3}}}, "prices": prices}
    (tmp_path / "cdk.json").write_text(json.dumps({"context": context}))
    cost = estimate(StubbedDeployment(), 1_000, {}, tmp_path)
    assert (cost.tokens, cost.usd, cost.as_of) == (3_000, 0.006, "2026-11-21")
    assert estimate(StubbedDeployment(), 1_000, {"epochCount": "1"}, tmp_path).tokens == 1_000
    assert estimate(StubbedDeployment(), 1_000, {}, tmp_path / "nowhere").usd is None


def test_the_record_of_a_run_is_found_or_missed_in_words() -> None:
    deployment = StubbedDeployment()
    kept(deployment, running())
    assert find_run(deployment, "run-1") == running()
    deployment.stub("s3").add_client_error("get_object", "NoSuchKey")
    with pytest.raises(CliError, match="no training run run-2 in dev; `arbiter train list` names all"):
        find_run(deployment, "run-2")
    with pytest.raises(CliError, match="no good name"):
        find_run(deployment, "../x")


def test_runs_are_listed_the_newest_first_and_what_is_none_is_named() -> None:
    deployment = StubbedDeployment()
    runs = [running("a", started_at="2026-11-20"), running("b", started_at="2026-11-21")]
    keys = [f"training/{name}/record.json" for name in ("a", "b", "c")]
    listed = [{"Key": key, "Size": 1, "ETag": '"e"', "LastModified": NOW} for key in keys]
    deployment.stub("s3").add_response("list_objects_v2", {"Contents": listed})
    bodies = [*(run.dumps().encode() for run in runs), b"{}"]
    for body in bodies:
        deployment.stub("s3").add_response("get_object", {"Body": StreamingBody(io.BytesIO(body), len(body))})
    found = list_runs(deployment)
    assert [run.run for run in found.runs] == ["b", "a"]
    assert len(found.unreadable) == 1
    assert json.loads(json.dumps(found.dump()))["runs"][0]["run"] == "b"
