"""Changes become jobs one at a time, none is lost, and every job is watched to its end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from arbiter.documents.ingestion import IngestionBusyError, IngestionJob, JobReport
from arbiter.documents.sync import SyncWorker

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@dataclass
class Jobs:
    """A data source with one job."""

    job: IngestionJob | None = None
    busy: bool = False
    failed: int = 0
    started: int = 0

    def latest(self) -> IngestionJob | None:
        return self.job

    def start(self) -> IngestionJob:
        if self.busy:
            raise IngestionBusyError("another job runs")
        self.started += 1
        self.job = IngestionJob("NEW", "STARTING", NOW)
        return self.job

    def report(self, job_id: str) -> JobReport:
        assert self.job is not None
        return JobReport(self.job, 5, 4, 0, 0, self.failed, ())


@dataclass
class Queue:
    """What was sent."""

    sent: list[tuple[dict[str, Any], int]] = field(default_factory=list)

    def send(self, message: Mapping[str, Any], delay_seconds: int) -> None:
        self.sent.append((dict(message), delay_seconds))


def handle(jobs: Jobs, *bodies: object) -> list[tuple[dict[str, Any], int]]:
    queue = Queue()
    sent = str(int(NOW.timestamp() * 1000))
    records = [
        {"body": b if isinstance(b, str) else json.dumps(b), "messageId": "m", "attributes": {"SentTimestamp": sent}}
        for b in bodies
    ]
    SyncWorker(jobs=jobs, queue=queue, environment="dev", now=lambda: NOW).handle(records)
    return queue.sent


def event(seconds_ago: float) -> dict[str, Any]:
    time = (NOW - timedelta(seconds=seconds_ago)).isoformat().replace("+00:00", "Z")
    return {"source": "aws.s3", "detail-type": "Object Created", "time": time, "detail": {}}


def job(status: str, seconds_ago: float) -> IngestionJob:
    return IngestionJob("OLD", status, NOW - timedelta(seconds=seconds_ago))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_thousand_events_start_one_job_and_watch_it() -> None:
    jobs = Jobs()
    assert handle(jobs, *[event(i / 100) for i in range(1000)]) == [({"follow": "NEW"}, 15)]
    assert jobs.started == 1


def test_events_during_a_job_wait_as_one_message_with_the_newest_change() -> None:
    sent = handle(Jobs(job("IN_PROGRESS", 60)), event(5), event(1), {"changed_at": event(9)["time"]})
    assert sent == [({"changed_at": (NOW - timedelta(seconds=1)).isoformat()}, 10)]


def test_a_covered_change_asks_for_nothing() -> None:
    jobs = Jobs(job("COMPLETE", 5))
    assert handle(jobs, event(20)) == []
    assert jobs.started == 0


def test_a_job_whose_start_was_not_noted_is_watched_when_the_change_comes_again() -> None:
    class Broken(Queue):
        def send(self, message: Mapping[str, Any], delay_seconds: int) -> None:
            raise TimeoutError

    jobs, queue = Jobs(), Queue()
    record = {"body": json.dumps(event(5)), "messageId": "m", "attributes": {"ApproximateReceiveCount": "1"}}
    with pytest.raises(TimeoutError):
        SyncWorker(jobs=jobs, queue=Broken(), environment="dev", now=lambda: NOW).handle([record])
    record["attributes"] = {"ApproximateReceiveCount": "2"}
    SyncWorker(jobs=jobs, queue=queue, environment="dev", now=lambda: NOW).handle([record])
    assert (jobs.started, queue.sent) == (1, [({"follow": "NEW"}, 15)])


def test_a_job_that_may_not_start_is_tried_again() -> None:
    assert handle(Jobs(busy=True), event(1))[0][1] == 10


@pytest.mark.parametrize(
    "body", ["not json", "[]", "{}", '{"time": 5}', '{"time": "yesterday"}', '{"time": "2026-01-01"}']
)
def test_a_message_that_cannot_be_read_counts_as_a_change(body: str, capsys: pytest.CaptureFixture[str]) -> None:
    jobs = Jobs()
    handle(jobs, body)
    assert jobs.started == 1
    assert lines(capsys)[0]["level"] == "WARNING"


def test_a_running_job_is_watched_further() -> None:
    assert handle(Jobs(job("IN_PROGRESS", 60)), {"follow": "OLD"}) == [({"follow": "OLD"}, 15)]


@pytest.mark.parametrize(
    ("status", "failed", "level", "jobs_failed"),
    [("COMPLETE", 0, "INFO", 0), ("COMPLETE", 3, "ERROR", 0), ("FAILED", 0, "ERROR", 1), ("STOPPED", 0, "ERROR", 1)],
)
def test_the_end_of_a_job_is_a_metric(
    status: str, failed: int, level: str, jobs_failed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert handle(Jobs(job(status, 60), failed=failed), {"follow": "OLD"}) == []
    (line,) = lines(capsys)
    assert (line["level"], line["JobsFailed"], line["DocumentsFailed"]) == (level, jobs_failed, failed)
    (definition,) = line["_aws"]["CloudWatchMetrics"]
    assert definition["Namespace"] == "Arbiter"
    assert definition["Dimensions"] == [["Environment"]]
    assert {metric["Name"] for metric in definition["Metrics"]} == {"JobsFailed", "DocumentsFailed"}


def test_a_job_that_cannot_be_looked_up_keeps_no_change_waiting() -> None:
    class Forgetful(Jobs):
        def report(self, job_id: str) -> JobReport:
            raise LookupError(job_id)

    jobs = Forgetful()
    with pytest.raises(LookupError):
        handle(jobs, {"follow": "OLD"}, {"changed_at": NOW.isoformat()})
    assert jobs.started == 1


@pytest.mark.parametrize(("status", "started"), [("COMPLETE", 1), ("FAILED", 0), ("IN_PROGRESS", 0)])
def test_the_profile_is_made_anew_once_a_job_is_complete(status: str, started: int) -> None:
    events: list[Mapping[str, Any]] = []
    later = type("Later", (), {"start": lambda self, event: events.append(event)})()
    record = {"body": json.dumps({"follow": "OLD"}), "messageId": "m", "attributes": {}}
    worker = SyncWorker(jobs=Jobs(job(status, 60)), queue=Queue(), environment="dev", profile=later, now=lambda: NOW)
    worker.handle([record])

    assert events == [{"job": "OLD"}] * started
