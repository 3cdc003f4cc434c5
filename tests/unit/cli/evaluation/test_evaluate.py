"""An evaluation starts once with checked cases and a confirmed estimate, and ends with its summary."""

import io
import json
from datetime import UTC, datetime, timedelta
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody
from typer.testing import CliRunner

from arbiter.evaluation.run.arms import MODES
from arbiter.evaluation.run.plan import digest
from cli.app import app
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.evaluation import command
from cli.evaluation.run import Estimate, evaluate
from tests.unit.cli.evaluation.evaluated import ARN, MACHINE, PLAN, PLANNED, result_of, summary
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MAP_RUN = MACHINE.replace(":stateMachine:", ":mapRun:") + "/Answers:1"
ME = "arn:aws:iam::000000000000:user/me"
WRITTEN = {"ResponseMetadata": {"HTTPHeaders": {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}}}
CASE = b'{"id": "case-0001", "question": "a?"}\n'
GIVEN = f"evaluations/run-1/given-{digest(CASE)[:16]}.jsonl"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"question": "a?"}\n')
    return path


def body(value: object) -> StreamingBody:
    content = json.dumps(value).encode()
    return StreamingBody(io.BytesIO(content), len(content))


def ended(arn: str = ARN, status: str = "SUCCEEDED", **known: Any) -> dict[str, Any]:
    return {"executionArn": arn, "stateMachineArn": MACHINE, "status": status, "startDate": NOW, **known}


def planned(deployment: StubbedDeployment, event: dict[str, Any]) -> None:
    """The cases are sent, and the planning function asked what they may cost."""
    sent = {"Bucket": "results", "Key": GIVEN, "Body": CASE}
    sent |= {"ContentType": "application/jsonl", "Metadata": {}}
    deployment.stub("s3").add_response("put_object", WRITTEN, sent)
    payload = json.dumps({**event, "estimate_only": True}).encode()
    deployment.stub("lambda").add_response(
        "invoke", {"Payload": body(PLANNED)}, {"FunctionName": OUTPUTS["PlanFunctionArn"], "Payload": payload}
    )


def followed(deployment: StubbedDeployment, arn: str = ARN, state: str = "Plan") -> None:
    """The execution is over at the first look, and one of its maps has begun."""
    states = deployment.stub("stepfunctions")
    run = {"executionArn": arn, "mapRunArn": MAP_RUN, "stateMachineArn": MACHINE, "startDate": NOW}
    states.add_response("describe_execution", ended(arn))
    entered = {"timestamp": NOW, "type": "ParallelStateEntered", "id": 1, "stateEnteredEventDetails": {"name": state}}
    states.add_response("get_execution_history", {"events": [entered]})
    states.add_response("list_map_runs", {"mapRuns": [run]})
    none = dict.fromkeys(("pending", "running", "failed", "timedOut", "aborted", "resultsWritten"), 0)
    counts = {**none, "succeeded": 2, "total": 3}
    described = {"mapRunArn": MAP_RUN, "executionArn": arn, "status": "SUCCEEDED", "startDate": NOW}
    described |= {"maxConcurrency": 5, "toleratedFailurePercentage": 100.0, "toleratedFailureCount": 0}
    states.add_response("describe_map_run", {**described, "itemCounts": counts, "executionCounts": counts})
    states.add_response("list_map_runs", {"mapRuns": [run]})
    states.add_response("list_executions", {"executions": []})
    deployment.stub("s3").add_response("get_object", {"Body": body(summary())})


def begun(deployment: StubbedDeployment, cases: bytes = CASE) -> None:
    """The run's plan says which cases it began with."""
    deployment.stub("s3").add_response("get_object", {"Body": body({**PLAN, "cases_digest": digest(cases)})})


def test_a_run_is_estimated_confirmed_started_and_followed(file: Path) -> None:
    deployment, told, stages = StubbedDeployment(), list[Estimate](), list[tuple[str, int, int | None]]()
    states = deployment.stub("stepfunctions")
    states.add_client_error("describe_execution", "ExecutionDoesNotExist")
    order = {"run": "run-1", "arms": [{"name": "base", "mode": "base"}], "repeat": 2}
    order |= {"cases_key": GIVEN}
    planned(deployment, order)
    deployment.stub("sts").add_response("get_caller_identity", {"Arn": ME})
    started = {"stateMachineArn": MACHINE, "name": "run-1"}
    given = json.dumps({**order, "started_by": ME}, sort_keys=True)
    states.add_response("start_execution", {"executionArn": ARN, "startDate": NOW}, {**started, "input": given})
    followed(deployment, state="Judge2JobWait")

    result = evaluate(
        deployment,
        file,
        modes=["base", "base"],
        repeat=2,
        run="run-1",
        confirm=lambda estimate: told.append(estimate) is None,
        progress=lambda stage, done=0, total=None: stages.append((stage, done, total)),
    )
    assert stages[-2:] == [("Answering", 2, 3), ("Waiting for the judges' jobs, at most 24 hours", 0, None)]
    assert told[0].unknown_prices == ("meta.two",)
    assert (result.estimate, result.complete, result.problem) == (told[0], False, None)
    deployment.session.assert_all_called()


def test_nothing_is_started_without_consent(file: Path) -> None:
    deployment = StubbedDeployment()
    deployment.stub("stepfunctions").add_client_error("describe_execution", "ExecutionDoesNotExist")
    planned(deployment, {"run": "run-1", "cases_key": GIVEN})
    with pytest.raises(CliError, match="Nothing was asked"):
        evaluate(deployment, file, run="run-1", confirm=lambda estimate: False)
    deployment.session.assert_all_called()


def test_a_run_over_the_ceiling_is_refused_in_the_deployments_words(file: Path) -> None:
    deployment = StubbedDeployment()
    deployment.stub("stepfunctions").add_client_error("describe_execution", "ExecutionDoesNotExist")
    deployment.stub("s3").add_response("put_object", WRITTEN)
    failure = {"errorType": "EvaluationRejected", "errorMessage": "the run may cost 99.00 US dollars"}
    deployment.stub("lambda").add_response("invoke", {"Payload": body(failure), "FunctionError": "Unhandled"})
    with pytest.raises(CliError, match=r"may cost 99\.00") as caught:
        evaluate(deployment, file, run="run-1")
    assert caught.value.code == "evaluation_rejected"


def test_a_run_at_work_is_followed_and_not_started_again(file: Path) -> None:
    deployment = StubbedDeployment()
    deployment.stub("stepfunctions").add_response("describe_execution", ended(status="RUNNING"))
    begun(deployment)
    followed(deployment)
    assert evaluate(deployment, file, run="run-1").estimate is None
    deployment.session.assert_all_called()


def test_a_complete_run_is_shown_and_nothing_is_asked(file: Path) -> None:
    deployment = StubbedDeployment()
    states = deployment.stub("stepfunctions")
    states.add_response("describe_execution", ended())
    states.add_response("describe_execution", ended(output='{"complete": true}'))
    begun(deployment)
    followed(deployment)
    evaluate(deployment, file, run="run-1")
    deployment.session.assert_all_called()


def test_a_complete_run_that_more_is_asked_of_is_started_again(file: Path) -> None:
    deployment = StubbedDeployment()
    states = deployment.stub("stepfunctions")
    states.add_response("describe_execution", ended())
    states.add_response("describe_execution", ended(output='{"complete": true}'))
    states.add_response("describe_execution", ended(input='{"run": "run-1", "repeat": 1}'))
    states.add_client_error("describe_execution", "ExecutionDoesNotExist")
    planned(deployment, {"run": "run-1", "repeat": 3, "cases_key": GIVEN})
    deployment.stub("s3").add_client_error("get_object", "NoSuchKey")
    with pytest.raises(CliError, match="not confirmed"):
        evaluate(deployment, file, repeat=3, run="run-1", confirm=lambda estimate: False)
    deployment.session.assert_all_called()


def test_a_run_at_work_is_not_followed_for_other_options(file: Path) -> None:
    deployment = StubbedDeployment()
    states = deployment.stub("stepfunctions")
    states.add_response("describe_execution", ended(status="RUNNING"))
    states.add_response("describe_execution", ended(status="RUNNING", input='{"run": "run-1"}'))
    with pytest.raises(CliError, match="at work with other techniques"):
        evaluate(deployment, file, modes=["base"], run="run-1")


def test_a_run_is_not_shown_as_the_result_of_another_file(file: Path) -> None:
    deployment = StubbedDeployment()
    deployment.stub("stepfunctions").add_response("describe_execution", ended(status="RUNNING"))
    begun(deployment, b'{"id": "case-0001", "question": "other?"}\n')
    with pytest.raises(CliError, match="began with other questions"):
        evaluate(deployment, file, run="run-1")


def test_a_run_that_ended_incomplete_is_started_again_under_another_name(file: Path) -> None:
    deployment, second = StubbedDeployment(), f"{ARN}_2"
    states = deployment.stub("stepfunctions")
    states.add_response("describe_execution", ended())
    states.add_response("describe_execution", ended(output='{"complete": false}'))
    states.add_client_error("describe_execution", "ExecutionDoesNotExist")
    order = {"run": "run-1", "cases_key": GIVEN}
    planned(deployment, order)
    plan = {**PLAN, "started_at": NOW.isoformat(), "knowledge_bases": {"default": "KB12345678"}}
    storage = deployment.stub("s3")
    storage.add_response("get_object", {"Body": body(plan)}, {"Bucket": "results", "Key": "evaluations/run-1/run.json"})
    listed = [
        {"Key": key, "Size": 1, "ETag": "x", "LastModified": NOW + timedelta(hours=hours)}
        for key, hours in (("a.md", -1), ("b.md", 1))
    ]
    storage.add_response("list_objects_v2", {"Contents": listed}, {"Bucket": "documents", "Prefix": ""})
    deployment.stub("sts").add_response("get_caller_identity", {"Arn": ME})
    given = json.dumps({**order, "started_by": ME}, sort_keys=True)
    started = {"stateMachineArn": MACHINE, "name": "run-1_2", "input": given}
    states.add_response("start_execution", {"executionArn": second, "startDate": NOW}, started)
    followed(deployment, second)
    result = evaluate(deployment, file, run="run-1")
    assert (result.execution, result.estimate is not None) == (second, True)
    doubts = result.estimate.doubts if result.estimate else ()
    assert any(doubt.startswith("brought in since the run began: b.md; ") for doubt in doubts)
    deployment.session.assert_all_called()


@pytest.mark.parametrize(
    ("content", "modes", "run", "reason"),
    [
        ("nonsense", MODES, "run-1", "cannot be used"),
        ('{"id": "1", "question": "a?"}', ["base", "RAG"], "run-1", "--modes names RAG"),
        ('{"id": "1", "question": "a?"}', MODES, "Run 1", "no good name"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    file: Path, content: str, modes: Any, run: str, reason: str
) -> None:
    file.write_text(content)
    with pytest.raises(CliError, match=reason):
        evaluate(StubbedDeployment(), file, modes=modes, run=run)


def test_a_failed_run_says_why(file: Path) -> None:
    deployment = StubbedDeployment()
    states = deployment.stub("stepfunctions")
    states.add_response("describe_execution", ended(status="RUNNING"))
    begun(deployment)
    states.add_response("describe_execution", ended(status="FAILED", error="SummaryFailed", cause="no records"))
    states.add_response("get_execution_history", {"events": []})
    states.add_response("list_map_runs", {"mapRuns": []})
    states.add_response("list_map_runs", {"mapRuns": []})
    with pytest.raises(CliError, match="The evaluation run run-1 failed: SummaryFailed: no records"):
        evaluate(deployment, file, run="run-1")


def test_a_page_that_cannot_be_written_hides_no_result(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    def full(*_: Any, **options: Any) -> None:
        raise OSError(ENOSPC, "No space left on device", str(options["out"]))

    monkeypatch.setattr(Deployment, "find", lambda environment=None, root=None: StubbedDeployment())
    monkeypatch.setattr(command, "evaluate", lambda *_, **__: result_of(summary()))
    monkeypatch.setattr(command, "report", full)
    page = str(file.with_name("page.html"))
    result = CliRunner(env={"COLUMNS": "160"}).invoke(app, ["evaluate", str(file), "--run", "run-1", "--out", page])
    assert result.exit_code == 1
    assert "0 of 1" in result.stdout
    assert f"could not be written: {page}: No space left on device. The summary is s3://results" in result.stderr
    assert "`arbiter report run-1 --out FILE` writes it" in result.stderr
