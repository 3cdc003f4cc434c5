"""The end of a run says what happened, in Bedrock's words when it was Bedrock."""

import json

import pytest

from arbiter.tuned_models.training.conclusion import Ending
from arbiter.tuned_models.training.record import Failure, Job

REFUSED = json.dumps({"errorMessage": "line 3 is bad", "errorType": "TrainingDataRejected", "stackTrace": ["x"]})


def test_a_run_without_a_failure_nominated_its_model() -> None:
    assert Ending.of_pipeline(None, {}) == Ending(status="nominated", gate={})


def test_the_pipelines_failure_is_unwrapped() -> None:
    ending = Ending.of_pipeline({"name": "TrainingDataRejected", "cause": REFUSED}, None)
    assert ending == Ending(status="failed", failure=Failure(name="TrainingDataRejected", cause="line 3 is bad"))


@pytest.mark.parametrize(
    ("detail", "status", "name", "cause"),
    [
        ({"status": "ABORTED"}, "aborted", "Aborted", "stopped by somebody"),
        ({"status": "ABORTED", "error": "Mine", "cause": "enough"}, "aborted", "Mine", "enough"),
        ({"status": "TIMED_OUT"}, "timed_out", "TimedOut", "longer than it may"),
        ({"status": "FAILED", "error": "GateFailed", "cause": REFUSED}, "failed", "GateFailed", "line 3 is bad"),
        ({}, "failed", "Failed", "no reason is recorded"),
    ],
)
def test_an_event_says_how_an_execution_ended(detail: dict[str, str], status: str, name: str, cause: str) -> None:
    ending = Ending.of_event(detail)
    assert ending.failure
    assert (ending.status, ending.failure.name) == (status, name)
    assert cause in ending.failure.cause


def job(status: str, failure: str | None = None) -> Job:
    return Job(name="j", arn="a", status=status, failure=failure)


FAILED = Ending.of_pipeline({"name": "TrainingJobFailed", "cause": "States.TaskFailed"}, None)


@pytest.mark.parametrize(
    ("known", "status", "cause"),
    [
        (job("Failed", "bad data"), "failed", "bad data"),
        (job("Stopped"), "stopped", "the customization job j was stopped before its end"),
        (
            job("Stopped", "by an operator"),
            "stopped",
            "the customization job j was stopped before its end: by an operator",
        ),
        (job("Failed"), "failed", "States.TaskFailed"),
        (None, "failed", "States.TaskFailed"),
    ],
)
def test_bedrocks_own_reason_is_told(known: Job | None, status: str, cause: str) -> None:
    ending = FAILED.explained_by(known)
    assert ending.failure
    assert (ending.status, ending.failure.cause) == (status, cause)


def test_a_failure_of_something_else_keeps_its_reason() -> None:
    ending = Ending.of_pipeline({"name": "DeploymentFailed", "cause": "no capacity"}, None)
    assert ending.explained_by(job("Stopped")) == ending


def test_a_cause_is_no_longer_than_a_state_machine_takes() -> None:
    ending = Ending.of_pipeline({"name": "X", "cause": "x" * 40_000}, None).clipped()
    assert ending
    assert len(ending.cause) == 8_000
