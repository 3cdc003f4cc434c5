"""The function that turns changes of the documents into ingestion jobs, one at a time."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from arbiter.aws.ingestion import Ingestion
from arbiter.aws.queue import Queue
from arbiter.documents.changes import RUNNING_POLL_SECONDS, Covered, Start, decide
from arbiter.documents.ingestion import IngestionBusyError, IngestionJob, JobReport
from arbiter.log import entry, metrics
from arbiter.settings.answering import SyncSettings

FOLLOW_SECONDS = 15


class Jobs(Protocol):
    """Where ingestion jobs are started and watched."""

    def latest(self) -> IngestionJob | None: ...
    def start(self) -> IngestionJob: ...
    def report(self, job_id: str) -> JobReport: ...


class Messages(Protocol):
    """The function's own queue."""

    def send(self, message: Mapping[str, Any], delay_seconds: int) -> None: ...


def handler(event: Mapping[str, Any], context: object) -> None:
    """One batch of messages: events of S3, and what the function left for itself."""
    _worker().handle(event["Records"])


@cache
def _worker() -> "SyncWorker":
    settings = SyncSettings.from_environment(os.environ)
    return SyncWorker(
        jobs=Ingestion.connect(settings.knowledge_base_id, settings.data_source_id),
        queue=Queue.connect(settings.queue_url),
        environment=settings.environment,
    )


@dataclass
class Batch:
    """What a batch of messages asks for."""

    changed_at: datetime | None = None
    """When the newest change happened."""
    follow: set[str] = field(default_factory=set)
    """Jobs to watch to their end."""

    @classmethod
    def of(cls, records: Iterable[Mapping[str, Any]]) -> "Batch":
        batch = cls()
        for record in records:
            batch._add(record)
        return batch

    def _add(self, record: Mapping[str, Any]) -> None:
        message = _message(record["body"])
        if isinstance(job_id := message.get("follow"), str):
            self.follow.add(job_id)
            return
        changed_at = _moment(message.get("changed_at") or message.get("time"))
        if changed_at is None:
            # A message that cannot be read must not lose a change: it is taken as one, made when it was sent.
            print(entry("message not understood, taken as a change", level="WARNING", id=record.get("messageId")))
            changed_at = datetime.fromtimestamp(int(record["attributes"]["SentTimestamp"]) / 1000, UTC)
        self.changed_at = max(self.changed_at or changed_at, changed_at)


def _message(body: str) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


@dataclass(kw_only=True)
class SyncWorker:
    """Makes sure that every change is seen by an ingestion job, and that every job it starts is watched to its end."""

    jobs: Jobs
    queue: Messages
    environment: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def handle(self, records: Iterable[Mapping[str, Any]]) -> None:
        batch = Batch.of(records)
        # Changes first: a job that cannot be looked up (of a data source since replaced) must not keep them waiting.
        if batch.changed_at:
            self._cover(batch.changed_at)
        for job_id in sorted(batch.follow):
            self._follow(job_id)

    def _cover(self, changed_at: datetime) -> None:
        decision = decide(changed_at, self.jobs.latest(), self.now())
        if isinstance(decision, Covered):
            print(entry("change covered", changed_at=changed_at, job=decision.job.id))
        elif isinstance(decision, Start):
            self._start(changed_at)
        else:
            self._wait(changed_at, decision.seconds)

    def _start(self, changed_at: datetime) -> None:
        try:
            job = self.jobs.start()
        except IngestionBusyError as error:
            print(entry("ingestion busy", reason=str(error)))
            self._wait(changed_at, RUNNING_POLL_SECONDS)
            return
        print(entry("ingestion job started", changed_at=changed_at, job=job.id))
        self.queue.send({"follow": job.id}, FOLLOW_SECONDS)

    def _wait(self, changed_at: datetime, seconds: int) -> None:
        # One message stands for the whole batch, and a new one for each wait: the receive count that leads to the
        # dead-letter queue counts failures alone.
        self.queue.send({"changed_at": changed_at.isoformat()}, seconds)
        print(entry("change waits", changed_at=changed_at, seconds=seconds))

    def _follow(self, job_id: str) -> None:
        report = self.jobs.report(job_id)
        if report.job.running:
            self.queue.send({"follow": job_id}, FOLLOW_SECONDS)
            return
        failed = report.job.status != "COMPLETE"
        counts: dict[str, float] = {"JobsFailed": int(failed), "DocumentsFailed": report.failed}
        print(
            entry(
                "ingestion job ended",
                level="ERROR" if failed or report.failed else "INFO",
                job=job_id,
                status=report.job.status,
                scanned=report.scanned,
                indexed=report.indexed,
                deleted=report.deleted,
                reasons=report.reasons,
                **metrics(self.environment, self.now(), counts),
            )
        )
