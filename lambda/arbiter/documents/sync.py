"""The worker that turns changes of the documents into ingestion jobs, one at a time."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from arbiter import log
from arbiter.documents.changes import RUNNING_POLL_SECONDS, Covered, Start, decide
from arbiter.documents.ingestion import IngestionBusyError, Jobs

FOLLOW_SECONDS = 15


class Messages(Protocol):
    """The function's own queue."""

    def send(self, message: Mapping[str, Any], delay_seconds: int) -> None: ...


class Later(Protocol):
    """A function that is started and not waited for."""

    def start(self, event: Mapping[str, Any]) -> None: ...


@dataclass
class Batch:
    """The newest change and the jobs that a batch of messages names."""

    changed_at: datetime | None = None
    """When the newest change happened."""
    follow: set[str] = field(default_factory=set)
    """Jobs to watch to their end."""
    again: bool = False
    """Whether a change comes once more: an attempt to see to it ended early, nobody knows where."""

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
            log.write("message not understood, taken as a change", level="WARNING", id=record.get("messageId"))
            changed_at = datetime.fromtimestamp(int(record["attributes"]["SentTimestamp"]) / 1000, UTC)
        self.changed_at = max(self.changed_at or changed_at, changed_at)
        self.again |= int(record["attributes"].get("ApproximateReceiveCount", 1)) > 1


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
    profile: Later | None = None
    """Makes the profile of the knowledge base anew."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def handle(self, records: Iterable[Mapping[str, Any]]) -> None:
        """See to a batch of SQS records: events of S3, and messages of this worker to itself."""
        batch = Batch.of(records)
        # Changes first: a job that cannot be looked up (of a data source since replaced) must not keep them waiting.
        if batch.changed_at:
            self._cover(batch.changed_at, again=batch.again)
        for job_id in sorted(batch.follow):
            self._follow(job_id)

    def _cover(self, changed_at: datetime, *, again: bool) -> None:
        latest = self.jobs.latest()
        if again and latest and latest.started_at >= changed_at:
            # Perhaps an attempt started it, and ended before it was noted to be watched.
            self.queue.send({"follow": latest.id}, FOLLOW_SECONDS)
        decision = decide(changed_at, latest, self.now())
        if isinstance(decision, Covered):
            log.write("change covered", changed_at=changed_at, job=decision.job.id)
        elif isinstance(decision, Start):
            self._start(changed_at)
        else:
            self._wait(changed_at, decision.seconds)

    def _start(self, changed_at: datetime) -> None:
        try:
            job = self.jobs.start()
        except IngestionBusyError as error:
            log.write("ingestion busy", reason=str(error))
            self._wait(changed_at, RUNNING_POLL_SECONDS)
            return
        log.write("ingestion job started", changed_at=changed_at, job=job.id)
        self.queue.send({"follow": job.id}, FOLLOW_SECONDS)

    def _wait(self, changed_at: datetime, seconds: int) -> None:
        # One message stands for the whole batch, and a new one for each wait: the receive count that leads to the
        # dead-letter queue counts failures alone.
        self.queue.send({"changed_at": changed_at.isoformat()}, seconds)
        log.write("change waits", changed_at=changed_at, seconds=seconds)

    def _follow(self, job_id: str) -> None:
        report = self.jobs.report(job_id)
        if report.job.running:
            self.queue.send({"follow": job_id}, FOLLOW_SECONDS)
            return
        failed = report.job.status != "COMPLETE"
        counts: dict[str, float] = {"JobsFailed": int(failed), "DocumentsFailed": report.failed}
        log.write(
            "ingestion job ended",
            level="ERROR" if failed or report.failed else "INFO",
            job=job_id,
            status=report.job.status,
            scanned=report.scanned,
            indexed=report.indexed,
            deleted=report.deleted,
            reasons=report.reasons,
            **log.metrics(self.environment, self.now(), counts),
        )
        if self.profile and not failed:
            self.profile.start({"job": job_id})
