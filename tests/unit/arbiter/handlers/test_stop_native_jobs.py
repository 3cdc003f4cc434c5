"""A run that was stopped leaves no native evaluation job of its own, and touches no other's."""

import json
from typing import Any

import pytest

from arbiter.evaluation.native.bedrock import JobError
from arbiter.handlers.stop_native_jobs import Stopping
from tests.unit.arbiter.evaluation.native.fakes import begun, leave_results, records


def ended(execution: str, given: Any = None, status: str = "ABORTED") -> dict[str, Any]:
    """What EventBridge says of an execution."""
    return {"name": execution, "status": status, "input": json.dumps(given or {"run": "r", "cases_key": "x"})}


def failures(bucket: Any) -> list[dict[str, Any] | None]:
    return [record["failure"] for record in records(bucket).values()]


def test_its_jobs_are_stopped_and_told_as_stopped() -> None:
    jobs, bedrock, bucket, _ = begun()
    jobs.start("r", "first")
    assert len(Stopping(bucket, bedrock).stop(ended("first"))["stopped"]) == len(bedrock.stopped) == 4
    assert failures(bucket) == [{"code": "stopped", "message": "its run has ended: ABORTED"}] * 4


def test_a_job_that_cannot_be_stopped_leaves_no_other_running_and_is_told() -> None:
    jobs, bedrock, bucket, _ = begun()
    jobs.start("r", "first")
    bedrock.stuck = 1
    with pytest.raises(JobError):
        Stopping(bucket, bedrock).stop(ended("first"))
    assert len(bedrock.stopped) == 3
    assert failures(bucket).count(None) == 1


def test_jobs_that_a_later_start_has_taken_over_go_on() -> None:
    jobs, bedrock, bucket, _ = begun()
    jobs.start("r", "first")
    jobs.start("r", "second")
    assert Stopping(bucket, bedrock).stop(ended("first")) == {"stopped": []}
    assert jobs.follow("r", "second") == 0
    assert (len(bedrock.created), bedrock.stopped) == (4, [])


def test_a_job_that_has_just_ended_by_itself_is_read_by_the_next_start() -> None:
    jobs, bedrock, bucket, _ = begun()
    jobs.start("r", "first")
    for request in bedrock.created:
        leave_results(bucket, request, {"a": 1.0, "b": 0.6})
    bedrock.stoppable = False
    assert Stopping(bucket, bedrock).stop(ended("first")) == {"stopped": []}
    jobs.start("r", "second")
    jobs.follow("r", "second")
    assert failures(bucket) == [None] * 4
    assert len(bedrock.created) == 4


def test_jobs_that_are_started_meanwhile_are_stopped_by_who_starts_them() -> None:
    jobs, bedrock, bucket, _ = begun()
    Stopping(bucket, bedrock).stop(ended("first"))
    assert jobs.start("r", "first") == 0
    assert len(bedrock.stopped) == len(bedrock.created) == 2
    assert jobs.start("r", "second") == 4


@pytest.mark.parametrize("given", ["nonsense", {"cases_key": "x"}, {"run": "../r"}, {"run": 1}, []])
def test_an_execution_that_names_no_run_had_no_jobs(given: Any) -> None:
    _, bedrock, bucket, _ = begun()
    before = dict(bucket.contents)
    detail = {**ended("first"), "input": json.dumps(given)}
    assert Stopping(bucket, bedrock).stop(detail) == {"stopped": []}
    assert Stopping(bucket, bedrock).stop({"name": "first", "status": "FAILED"}) == {"stopped": []}
    assert bucket.contents == before
