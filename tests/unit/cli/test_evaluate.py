"""An evaluation run starts once with checked cases, and ends with its summary."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody
from rich.console import Console

from arbiter.evaluation.summary import MODES, summarise
from cli.errors import CliError
from cli.evaluate import evaluate
from cli.views import show_evaluation
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MACHINE = OUTPUTS["EvaluationStateMachineArn"]
ARN = MACHINE.replace(":stateMachine:", ":execution:") + ":run-1"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": "1", "question": "a?"}\n')
    return path


def test_the_summary_is_returned_and_shown(file: Path) -> None:
    deployment = StubbedDeployment()
    s3, states = deployment.stub("s3"), deployment.stub("stepfunctions")
    states.add_client_error("describe_execution", "ExecutionDoesNotExist")
    s3.add_response("put_object", {"ResponseMetadata": {"HTTPHeaders": {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}}})
    payload = {"cases_key": "evaluations/run-1/cases.jsonl", "modes": ["base"], "run": "run-1"}
    expected = {"stateMachineArn": MACHINE, "name": "run-1", "input": json.dumps(payload)}
    states.add_response("start_execution", {"executionArn": ARN, "startDate": NOW}, expected)
    ended = {"executionArn": ARN, "stateMachineArn": MACHINE, "status": "SUCCEEDED", "startDate": NOW}
    states.add_response("describe_execution", ended)
    states.add_response("get_execution_history", {"events": []})
    s3.add_response("list_objects_v2", {"Contents": []})
    summary = json.dumps(summarise("run-1", [], ["base"], 1).dump()).encode()
    s3.add_response("get_object", {"Body": StreamingBody(io.BytesIO(summary), len(summary))})

    result = evaluate(deployment, file, modes=["base", "base"], run="run-1")
    assert result.summary["modes"]["base"]["missing"] == 1
    assert not result.complete
    text = io.StringIO()
    show_evaluation(Console(file=text, width=120), result)
    assert "0 of 1" in text.getvalue()
    assert "1 missing" in text.getvalue()
    deployment.session.assert_all_called()


@pytest.mark.parametrize(
    ("content", "modes", "run", "reason"),
    [
        ("nonsense", MODES, "run-1", "cannot be used"),
        ('{"id": "1", "question": "a?"}', ["base", "RAG"], "run-1", "RAG: there is no such mode"),
        ('{"id": "1", "question": "a?"}', [], "run-1", "No mode is named"),
        ('{"id": "1", "question": "a?"}', MODES, "Run 1", "no good name"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    file: Path, content: str, modes: Any, run: str, reason: str
) -> None:
    file.write_text(content)
    with pytest.raises(CliError, match=reason):
        evaluate(StubbedDeployment(), file, modes=modes, run=run)


def test_a_failure_inside_the_map_is_the_reason(file: Path) -> None:
    deployment = StubbedDeployment()
    s3, states = deployment.stub("s3"), deployment.stub("stepfunctions")

    def ended(arn: str, error: str, cause: str) -> dict[str, Any]:
        known = {"executionArn": arn, "stateMachineArn": MACHINE, "status": "FAILED", "startDate": NOW}
        return {**known, "error": error, "cause": cause}

    states.add_response("describe_execution", ended(ARN, "AnswersFailed", "tolerated failures exceeded"))
    states.add_response("describe_execution", ended(ARN, "AnswersFailed", "tolerated failures exceeded"))
    states.add_response("get_execution_history", {"events": []})
    s3.add_response("list_objects_v2", {"Contents": []})
    map_run = {"executionArn": ARN, "mapRunArn": "arn:map", "stateMachineArn": MACHINE, "startDate": NOW}
    states.add_response("list_map_runs", {"mapRuns": [map_run]})
    child = {"executionArn": "arn:child", "stateMachineArn": MACHINE, "name": "c", "status": "FAILED", "startDate": NOW}
    states.add_response(
        "list_executions", {"executions": [child]}, {"mapRunArn": "arn:map", "statusFilter": "FAILED", "maxResults": 1}
    )
    states.add_response("describe_execution", ended("arn:child", "RecordingFailed", "access denied"))
    with pytest.raises(CliError, match="The evaluation run run-1 failed: RecordingFailed: access denied"):
        evaluate(deployment, file, run="run-1")
