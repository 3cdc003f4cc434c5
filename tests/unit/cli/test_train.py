"""A training run is checked here, started once, followed to its end, and its failure named."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from arbiter.training.check import Rules
from arbiter.training.run import is_name
from arbiter.tuned_model import TunedModel
from cli.errors import CliError
from cli.execution import innermost, new_run
from cli.train import check_file, train
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment

MACHINE = OUTPUTS["TrainingStateMachineArn"]
ARN = MACHINE.replace(":stateMachine:", ":execution:") + ":run-1"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


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


def start(deployment: StubbedDeployment, hyperparameters: dict[str, str]) -> None:
    deployment.stub("s3").add_response(
        "put_object", {"ResponseMetadata": {"HTTPHeaders": {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}}}
    )
    states = deployment.stub("stepfunctions")
    states.add_client_error("describe_execution", "ExecutionDoesNotExist")
    payload = {"hyperparameters": hyperparameters, "run": "run-1", "training_key": "datasets/run-1/raw.jsonl"}
    states.add_response(
        "start_execution",
        {"executionArn": ARN, "startDate": NOW},
        {"stateMachineArn": MACHINE, "name": "run-1", "input": json.dumps(payload)},
    )


def finish(deployment: StubbedDeployment, **description: str) -> None:
    states = deployment.stub("stepfunctions")
    states.add_response("describe_execution", described(**description))
    states.add_response("get_execution_history", history("Prepare", "Train", "Publish"))


def in_service(deployment: StubbedDeployment, run: str) -> None:
    model = TunedModel("arn:deployment/1", "arn:model/1", "amazon.nova-micro-v1:0:128k", run)
    deployment.stub("ssm").add_response(
        "get_parameter", {"Parameter": {"Value": model.dump()}}, {"Name": OUTPUTS["InServiceParameter"]}
    )


def test_a_run_ends_with_the_model_in_service(file: Path) -> None:
    deployment, seen = StubbedDeployment(), []
    start(deployment, {"epochCount": "3"})
    finish(deployment, status="SUCCEEDED", output='{"samples": 8}')
    in_service(deployment, "run-1")

    def progress(stage: str, done: int = 0, total: int | None = None) -> None:
        seen.append(stage)

    result = train(deployment, file, run="run-1", hyperparameters={"epochCount": "3"}, progress=progress)
    assert (result.model, result.samples, result.run, result.execution) == ("arn:deployment/1", 8, "run-1", ARN)
    assert seen[-3:] == ["Pipeline: Prepare", "Pipeline: Train", "Pipeline: Publish"]
    deployment.session.assert_all_called()


def test_a_run_that_exists_is_followed_and_not_started_again(file: Path) -> None:
    deployment = StubbedDeployment()
    deployment.stub("stepfunctions").add_response("describe_execution", described("RUNNING"))
    finish(deployment, status="SUCCEEDED", output='{"samples": 8}')
    in_service(deployment, "run-1")
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


def test_a_model_of_another_run_in_service_is_said(file: Path) -> None:
    deployment = StubbedDeployment()
    start(deployment, {})
    finish(deployment, status="SUCCEEDED", output='{"samples": 8}')
    in_service(deployment, "run-2")
    with pytest.raises(CliError, match="points to the model of run run-2: another run was published meanwhile"):
        train(deployment, file, run="run-1")


def test_a_bad_file_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"question": "User: x", "answer": ""}\n' * 100)
    with pytest.raises(CliError) as refused:
        train(StubbedDeployment(), path)
    assert "200 problems (50 are listed)" in str(refused.value)
    assert refused.value.details["problems"][0]["line"] == 1
    assert refused.value.details["unlisted"] == 150


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="is not a file"):
        check_file(tmp_path, Rules())


def test_a_bad_name_of_a_run_is_refused(file: Path) -> None:
    with pytest.raises(CliError, match="no good name: use 1 to 40 of a-z"):
        train(StubbedDeployment(), file, run="My Run")


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
