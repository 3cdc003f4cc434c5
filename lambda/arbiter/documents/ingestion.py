"""The ingestion jobs of a knowledge base as its synchronisation uses them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

RUNNING = frozenset({"STARTING", "IN_PROGRESS", "STOPPING"})


@dataclass(frozen=True)
class IngestionJob:
    """An ingestion job as far as the decision needs it."""

    id: str
    status: str
    started_at: datetime

    @property
    def running(self) -> bool:
        return self.status in RUNNING


@dataclass(frozen=True)
class KnownDocument:
    """A document as the knowledge base knows it."""

    uri: str
    status: str
    reason: str
    updated_at: datetime | None = None
    """When its state changed last."""


class IngestionBusyError(RuntimeError):
    """A job that may not start now: another one runs, or one started a moment ago."""


@dataclass(frozen=True)
class JobReport:
    """An ingestion job with what it did so far."""

    job: IngestionJob
    scanned: int
    indexed: int
    deleted: int
    skipped: int
    failed: int
    reasons: tuple[str, ...]

    @property
    def handled(self) -> int:
        """Documents that the job is done with."""
        return self.indexed + self.deleted + self.skipped + self.failed


class Jobs(Protocol):
    """Starts and watches jobs."""

    def latest(self) -> IngestionJob | None: ...
    def start(self) -> IngestionJob: ...
    def report(self, job_id: str) -> JobReport: ...
