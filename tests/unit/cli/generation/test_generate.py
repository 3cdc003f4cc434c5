"""Pairs are generated after their price was confirmed, once, and never written over another run's."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from cli.core.errors import CliError
from cli.generation.outcome import Estimate, GenerateResult
from cli.generation.run import generate
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MACHINE = OUTPUTS["GenerationStateMachineArn"]
PLANNED = {
    "pairs": 10, "asked": 13, "documents": 4, "left_out": {"a.pdf": ".pdf is not read here"}, "other_side": 1,
    "tokens": 5_000, "usd": 0.25, "unknown_prices": [], "ceiling": {"tokens": 9_000, "usd": None},
}  # fmt: skip
REPORT = {
    "run": "run-1", "purpose": "training", "target": "fine_tuned", "wanted": 10, "pairs": 9, "by_kind": {"fact": 9},
    "dropped": {"unsupported": 2}, "documents": 4, "documents_used": 3, "left_out": {}, "share_spent": 0,
    "without_passage": 0, "without_distractors": 0, "used": {"batch:m": {}}, "tokens": 4_000,
    "cost_usd": 0.2, "estimate": PLANNED,
}  # fmt: skip


def body(content: bytes) -> StreamingBody:
    return StreamingBody(io.BytesIO(content), len(content))


def plan(deployment: StubbedDeployment, payload: Any = None, **response: Any) -> None:
    content = json.dumps(payload or {"estimate": PLANNED}).encode()
    deployment.stub("lambda").add_response("invoke", {"StatusCode": 200, "Payload": body(content), **response})


def found(deployment: StubbedDeployment, name: str, status: str | None, **details: str) -> None:
    """What Step Functions says of an execution; `None` when it does not exist."""
    states = deployment.stub("stepfunctions")
    arn = f"{MACHINE.replace(':stateMachine:', ':execution:')}:{name}"
    if status is None:
        states.add_client_error("describe_execution", "ExecutionDoesNotExist", expected_params={"executionArn": arn})
        return
    known = {"executionArn": arn, "stateMachineArn": MACHINE, "status": status, "startDate": NOW, **details}
    states.add_response("describe_execution", known, {"executionArn": arn})


def follow(deployment: StubbedDeployment, name: str, status: str = "SUCCEEDED", **details: str) -> None:
    """An execution that has ended when it is looked at, and its documents counted."""
    found(deployment, name, status, **details)
    deployment.stub("stepfunctions").add_response("get_execution_history", history("Plan", "Generate"))
    deployment.stub("s3").add_response("list_objects_v2", {"Contents": []})


def history(*states: str) -> dict[str, Any]:
    entered = [
        {"timestamp": NOW, "type": "TaskStateEntered", "id": i, "stateEnteredEventDetails": {"name": state}}
        for i, state in enumerate(states, 1)
    ]
    return {"events": list(reversed(entered))}


def files(deployment: StubbedDeployment, run: str = "run-1") -> None:
    for content in (json.dumps({**REPORT, "run": run}).encode(), b"sources\n", b"pairs\n"):
        deployment.stub("s3").add_response("get_object", {"Body": body(content)})


def started(deployment: StubbedDeployment, name: str) -> None:
    response = {"executionArn": f"{MACHINE}:{name}", "startDate": NOW}
    deployment.stub("stepfunctions").add_response("start_execution", response)


def run(deployment: StubbedDeployment, out: Path, **options: Any) -> GenerateResult:
    known: dict[str, Any] = {"purpose": "training", "pairs": 10, "run": "run-1", "confirm": lambda estimate: True}
    return generate(deployment, out=out, **known | options)


def test_the_price_comes_first_then_the_pairs_and_their_sources(tmp_path: Path) -> None:
    deployment, shown = StubbedDeployment(), []
    plan(deployment)
    found(deployment, "run-1", None)
    started(deployment, "run-1")
    follow(deployment, "run-1")
    files(deployment)

    def confirm(estimate: Estimate) -> bool:
        shown.append(estimate)
        return True

    result = run(deployment, tmp_path / "pairs.jsonl", confirm=confirm)

    assert (shown[0].tokens, shown[0].usd) == (5_000, 0.25)
    assert (result.pairs, result.complete, result.dropped) == (9, False, {"unsupported": 2})
    assert {path.name: path.read_bytes()[:5] for path in tmp_path.iterdir()} == {
        "pairs.jsonl": b"pairs",
        "pairs.sources.jsonl": b"sourc",
        "pairs.report.json": b'{"run',
    }
    deployment.session.assert_all_called()


def test_nothing_starts_without_consent(tmp_path: Path) -> None:
    deployment = StubbedDeployment()
    plan(deployment)
    found(deployment, "run-1", None)

    with pytest.raises(CliError) as refused:
        run(deployment, tmp_path / "pairs.jsonl", confirm=lambda estimate: False)
    assert refused.value.code == "not_confirmed"
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_refused_is_not_said_to_have_begun(tmp_path: Path) -> None:
    deployment, begun = StubbedDeployment(), list[bool]()
    plan(deployment)
    found(deployment, "run-1", None)
    deployment.stub("stepfunctions").add_client_error("start_execution", "AccessDeniedException")

    with pytest.raises(ClientError):
        run(deployment, tmp_path / "pairs.jsonl", on_begin=lambda: begun.append(True))
    assert not begun


def test_a_start_that_is_interrupted_may_have_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment, begun = StubbedDeployment(), list[bool]()
    plan(deployment)
    found(deployment, "run-1", None)

    def interrupted(**_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(deployment.client("stepfunctions"), "start_execution", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(deployment, tmp_path / "pairs.jsonl", on_begin=lambda: begun.append(True))
    assert begun == [True]


def test_the_wait_for_jobs_is_shown_before_the_documents(tmp_path: Path) -> None:
    deployment, told = StubbedDeployment(), list[str]()
    plan(deployment)
    found(deployment, "run-1", "SUCCEEDED")
    found(deployment, "run-1", "SUCCEEDED")
    states = ("Plan", "Ask_generator", "Ask_verifier", "verifierMerge", "verifierJob", "verifierJobWait", "Generate")
    deployment.stub("stepfunctions").add_response("get_execution_history", history(*states))
    deployment.stub("s3").add_response("list_objects_v2", {"Contents": []})
    files(deployment)
    run(deployment, tmp_path / "pairs.jsonl", progress=lambda stage, done=0, total=None: told.append(stage))

    waiting = "Waiting for the verifier's job, at most 24 hours"
    preparing = ["Preparing the generator's job", "Preparing the verifier's job"]
    assert told == ["Estimating", *preparing, waiting, waiting, "Documents"]


@pytest.mark.parametrize("status", ["RUNNING", "SUCCEEDED"])
def test_a_run_that_is_at_work_or_done_is_not_paid_again(tmp_path: Path, status: str) -> None:
    deployment = StubbedDeployment()
    plan(deployment)
    found(deployment, "run-1", status)
    follow(deployment, "run-1")
    files(deployment)

    assert run(deployment, tmp_path / "pairs.jsonl", confirm=lambda estimate: False).pairs == 9


def test_a_run_that_failed_goes_on_under_the_next_name(tmp_path: Path) -> None:
    deployment = StubbedDeployment()
    plan(deployment)
    found(deployment, "run-1", "FAILED")
    found(deployment, "run-1-attempt-2", "ABORTED")
    found(deployment, "run-1-attempt-3", None)
    started(deployment, "run-1-attempt-3")
    follow(deployment, "run-1-attempt-3")
    files(deployment)

    assert run(deployment, tmp_path / "made" / "pairs.jsonl").execution.endswith(":run-1-attempt-3")


def test_a_failure_says_why_and_how_to_go_on(tmp_path: Path) -> None:
    deployment = StubbedDeployment()
    plan(deployment)
    found(deployment, "run-1", None)
    started(deployment, "run-1")
    follow(deployment, "run-1", "FAILED", error="CollectionFailed", cause="out of memory")

    with pytest.raises(CliError, match=r"CollectionFailed: out of memory.*--run run-1 goes on with it"):
        run(deployment, tmp_path / "pairs.jsonl")


def test_what_the_plan_refuses_is_told_in_its_own_words(tmp_path: Path) -> None:
    deployment = StubbedDeployment()
    refusal = {"errorType": "GenerationRejected", "errorMessage": "about 9 tokens are needed and 5 allowed"}
    plan(deployment, refusal, FunctionError="Unhandled")

    with pytest.raises(CliError, match="9 tokens are needed and 5 allowed") as refused:
        run(deployment, tmp_path / "pairs.jsonl")
    assert refused.value.code == "generation_rejected"


def test_another_runs_file_is_never_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "pairs.jsonl"
    out.write_text("mine")
    with pytest.raises(CliError, match="exists: name another file"):
        run(StubbedDeployment(), out)
    (tmp_path / "pairs.report.json").write_text('{"run": "run-0"}')
    with pytest.raises(CliError, match="holds the pairs of run run-0"):
        run(StubbedDeployment(), out)
    assert out.read_text() == "mine"


def test_a_runs_own_file_is_fetched_again(tmp_path: Path) -> None:
    deployment, out = StubbedDeployment(), tmp_path / "pairs.jsonl"
    out.write_text("old")
    (tmp_path / "pairs.report.json").write_text('{"run": "run-1"}')
    plan(deployment)
    found(deployment, "run-1", "SUCCEEDED")
    follow(deployment, "run-1")
    files(deployment)

    run(deployment, out)
    assert out.read_bytes() == b"pairs\n"


def test_a_disk_that_fills_up_loses_nothing_that_was_paid_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    deployment, out = StubbedDeployment(), tmp_path / "pairs.jsonl"
    plan(deployment)
    found(deployment, "run-1", "SUCCEEDED")
    follow(deployment, "run-1")
    files(deployment)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CliError, match=r"No space left on device.* with --run run-1 goes on"):
        run(deployment, out)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"pairs": 0}, "pairs 0: use 1 to 20,000"),
        ({"purpose": "evaluation", "target": "combined"}, "evaluation cases are questions alone"),
        ({"kinds": ["joke"]}, "kinds joke: use fact"),
        ({"run": "Run 1"}, "run 'Run 1'"),
    ],
)
def test_a_request_that_cannot_be_filled_is_refused_before_anything_is_sent(
    tmp_path: Path, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(CliError, match=reason):
        run(StubbedDeployment(), tmp_path / "pairs.jsonl", **options)


def test_a_folder_in_place_of_a_file_is_refused_before_anything_is_paid(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="cannot be written: Is a directory"):
        run(StubbedDeployment(), tmp_path)
