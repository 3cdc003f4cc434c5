"""A training run is checked here, started once, followed to its end, and its failure named."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody

from arbiter.training_data.check import Rules
from cli.core.errors import CliError
from cli.training.run import train
from tests.unit.arbiter.tuned_models.stores import running
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment, kept
from tests.unit.cli.training.pipelines import (
    ARN,
    MODEL,
    NOW,
    OUTPUT,
    began,
    described,
    finish,
    history,
    pointers,
    priced,
    start,
)


def test_a_run_ends_with_its_model_nominated_and_says_what_to_type(file: Path) -> None:
    deployment, seen = priced(), []
    start(deployment, {"epochCount": "3"})
    finish(deployment, status="SUCCEEDED", output=OUTPUT)
    kept(deployment, running(status="nominated", gate={}))
    pointers(deployment)

    def progress(stage: str, done: int = 0, total: int | None = None) -> None:
        seen.append(stage)

    result = train(deployment, file, run="run-1", hyperparameters={"epochCount": "3"}, progress=progress)
    assert (result.model, result.samples, result.run, result.execution) == ("arn:deployment/1", 8, "run-1", ARN)
    assert not result.in_service
    assert result.dump()["held_back"] is False
    assert result.next_command == "arbiter model promote run-1 --env dev"
    assert seen[-3:] == ["Pipeline: Prepare", "Pipeline: Train", "Pipeline: Nominate"]
    assert "Training on about 96 tokens: about $0.000200" in seen
    assert result.estimate.per_1k == 0.002
    assert result.dump()["record"]["status"] == "nominated"
    deployment.session.assert_all_called()


def test_a_person_may_promote_without_a_gate(file: Path) -> None:
    deployment = priced()
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
    deployment, seen = priced(), list[str]()
    began(deployment)
    finish(deployment, status="SUCCEEDED", output=OUTPUT)
    kept(deployment, running(status="nominated"))
    pointers(deployment)
    assert train(deployment, file, run="run-1", progress=lambda stage, *_: seen.append(stage)).run == "run-1"
    assert not [stage for stage in seen if "tokens" in stage], "its settings, and so its cost, may have been others"
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
    deployment = priced()
    start(deployment, {})
    finish(deployment, **ending)
    with pytest.raises(CliError) as failed:
        train(deployment, file, run="run-1")
    assert str(failed.value) == f"The training run run-1 failed: {name}: {reason}"
    assert failed.value.details == {"name": name, "cause": reason, "execution": ARN}


def test_losses_are_told_as_soon_as_bedrock_writes_them(file: Path) -> None:
    deployment, seen = priced(), []
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


def test_a_run_that_waits_for_another_says_for_which(file: Path) -> None:
    deployment, stages = priced(), []
    start(deployment, {})
    states = deployment.stub("stepfunctions")
    states.add_response("describe_execution", described("SUCCEEDED", output=OUTPUT))
    states.add_response("get_execution_history", history("Place"))
    kept(deployment, running(waits_for="run run-0 is being hosted"))
    kept(deployment, running(status="nominated"))
    pointers(deployment)
    train(deployment, file, run="run-1", progress=lambda stage, *_: stages.append(stage))
    assert stages[-2:] == ["Pipeline: Place", "Waiting: run run-0 is being hosted"]


def test_what_cannot_be_watched_does_not_end_the_run(file: Path) -> None:
    deployment = priced()
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


def test_the_pipeline_of_another_version_says_what_to_deploy(file: Path) -> None:
    error = {"errorType": "TrainingDataRejected", "errorMessage": "run None is no name"}
    deployment = priced(error, FunctionError="Unhandled")
    with pytest.raises(CliError, match=r"the training costs: run None is no name\. Deploy this version: `make deploy`"):
        train(deployment, file, run="run-1")
