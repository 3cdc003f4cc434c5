"""A training run is checked here, started once, followed to its end, and its failure named."""

import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY

from arbiter.settings.tuning import GateSettings
from arbiter.training_data.check import Rules
from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.service.promotion import Pointer
from cli.core.errors import CliError
from cli.core.progress import silent
from cli.training.run import Order, Training, train
from tests.unit.arbiter.tuned_models.stores import running
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment, kept

COST = {"tokens": 96, "usd": 0.0002, "per_1k": 0.002, "as_of": "2026-11-21"}
PREPARE = "arn:aws:lambda:us-east-1:000000000000:function:prepare"
GATE = "arn:aws:lambda:us-east-1:000000000000:function:gate"
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


def priced(answer: Mapping[str, Any] = COST, **others: str) -> StubbedDeployment:
    """A deployment whose pipeline is asked first what the training costs."""
    deployment = StubbedDeployment()
    pipeline(deployment)
    answered(deployment, answer, **others)
    return deployment


def pipeline(deployment: StubbedDeployment) -> None:
    functions = {"Prepare": PREPARE, "Gate": GATE}
    definition = {"States": {state: {"Arguments": {"FunctionName": arn}} for state, arn in functions.items()}}
    deployment.stub("stepfunctions").add_response(
        "describe_state_machine",
        {
            "stateMachineArn": MACHINE, "name": "training", "roleArn": "r", "type": "STANDARD", "creationDate": NOW,
            "definition": json.dumps(definition),
        },
        {"stateMachineArn": MACHINE},
    )  # fmt: skip


def answered(deployment: StubbedDeployment, payload: Any, **others: Any) -> None:
    body = json.dumps(payload).encode()
    deployment.stub("lambda").add_response(
        "invoke",
        {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(body), len(body)), **others},
        {"FunctionName": PREPARE, "Payload": ANY},
    )


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
    if "gate" not in request:
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


def finish(deployment: StubbedDeployment, **description: str) -> None:
    states = deployment.stub("stepfunctions")
    states.add_response("describe_execution", described(**description))
    states.add_response("get_execution_history", history("Prepare", "Train", "Nominate"))
    kept(deployment, running(reused=True))  # what is looked at while it runs: no job of its own


def pointers(deployment: StubbedDeployment, in_service: TunedModel | None = None) -> None:
    for name, text in (("candidate", MODEL.dump()), ("in-service", Pointer(in_service).dump())):
        deployment.stub("ssm").add_response("get_parameter", {"Parameter": {"Value": text}}, {"Name": name})


def test_a_run_ends_with_its_model_nominated_and_says_what_to_type(file: Path) -> None:
    deployment, seen = priced(), []
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
    assert "Training on about 96 tokens: about 0.00 USD" in seen
    assert result.estimate.per_1k == 0.002
    assert result.dump()["record"]["status"] == "nominated"
    deployment.session.assert_all_called()


LIMITS = GateSettings(results_bucket="results", margin=0.0, minimum_cases=3, max_failure_rate=0.02)


def demanding(limits: GateSettings | None = LIMITS) -> StubbedDeployment:
    """A deployment that is asked what the training costs, then by which limits its gate decides; `None`: denied."""
    deployment = priced()
    functions = deployment.stub("lambda")
    deployment.stub("stepfunctions").add_client_error("describe_execution", "ExecutionDoesNotExist")
    pipeline(deployment)
    if limits is None:
        functions.add_client_error("get_function_configuration", "AccessDeniedException")
    else:
        variables = {"Environment": {"Variables": limits.to_environment()}}
        functions.add_response("get_function_configuration", variables, {"FunctionName": GATE})
    return deployment


def asked(folder: Path, count: int) -> Path:
    questions = folder / "questions.jsonl"
    questions.write_text("".join(f'{{"question": "Where {i}?"}}\n' for i in range(count)))
    return questions


def test_questions_of_a_gate_are_sent_and_named(file: Path, tmp_path: Path) -> None:
    deployment = demanding()
    start(deployment, {}, gate={"cases_key": "evaluations/run-1-gate/questions.jsonl"})
    finish(deployment, status="SUCCEEDED", output=OUTPUT)
    kept(deployment, running(status="nominated", gate={"publish": True, "published": True}))
    pointers(deployment, MODEL)
    result = train(deployment, file, run="run-1", gate=asked(tmp_path, 3))
    assert (result.in_service, result.held_back, result.next_command) == (True, False, None)
    assert result.gate == {"publish": True, "published": True}
    deployment.session.assert_all_called()


def test_a_model_that_the_gate_held_back_is_not_said_to_be_promoted(file: Path, tmp_path: Path) -> None:
    deployment = demanding()
    start(deployment, {}, gate={"cases_key": "evaluations/run-1-gate/questions.jsonl"})
    finish(deployment, status="SUCCEEDED", output=OUTPUT)
    kept(deployment, running(status="nominated", gate={"publish": False, "published": False}))
    pointers(deployment)
    result = train(deployment, file, run="run-1", gate=asked(tmp_path, 3))
    assert (result.in_service, result.held_back, result.next_command) == (False, True, None)


@pytest.mark.parametrize(("limits", "demanded"), [(LIMITS, 3), (None, 30)])
def test_too_few_questions_for_the_gate_are_said_before_anything_is_sent(
    file: Path, tmp_path: Path, limits: GateSettings | None, demanded: int
) -> None:
    deployment, doubts = demanding(limits), list[str]()
    order = Order(run="run-1", file=file, hyperparameters={}, force=False, gate=asked(tmp_path, 2))
    training = Training(deployment, order, silent, accepts=lambda doubt: bool(doubts.append(doubt)))
    with pytest.raises(CliError, match="Nothing was trained") as refused:
        training.result(Rules(), promote=False)
    assert refused.value.code == "not_confirmed"
    assert f"has 2 questions and the gate demands {demanded}" in doubts[0]
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
    deployment = priced()
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
