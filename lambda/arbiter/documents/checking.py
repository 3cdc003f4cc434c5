"""The look at the documents that starts by itself: those that are missing, failed or stale become a metric."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from arbiter import log
from arbiter.documents.ingestion import IngestionJob, KnownDocument
from arbiter.documents.standing import Dated, problems_of

ON_ITS_WAY = timedelta(hours=1)
"""A document that changed since is no problem yet, unless its ingestion failed."""
NAMED = 100
"""Documents that a log line names: CloudWatch takes 256 KB."""
METRIC = "DocumentsOutOfStep"


class Documents(Protocol):
    """Lists objects."""

    def uri(self, key: str) -> str: ...
    def listing(self) -> Iterable[Dated]: ...


class Known(Protocol):
    """Lists what the knowledge base knows."""

    def latest(self) -> IngestionJob | None: ...
    def documents(self) -> Iterator[KnownDocument]: ...


@dataclass(frozen=True, kw_only=True)
class DocumentsCheck:
    """Compares a bucket with the knowledge base that reads it."""

    environment: str
    documents: Documents
    known: Known
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def run(self) -> Mapping[str, Any]:
        """Count the documents that are out of step, and name them in the log; not while a job brings them in step."""
        job = self.known.latest()
        if job and job.running:
            log.write("documents not checked", reason="an ingestion job runs", job=job.id)
            return {"checked": False}
        known = {document.uri: document for document in self.known.documents()}
        stored = list(self.documents.listing())
        moving = {self.documents.uri(item.key) for item in stored if self.now() - item.modified_at < ON_ITS_WAY}
        problems = [
            problem
            for problem in problems_of(stored, known, self.documents.uri)
            if problem.status == "FAILED" or problem.document not in moving
        ]
        log.write(
            "documents checked",
            level="ERROR" if problems else "INFO",
            known=len(known),
            problems=[f"{problem.status} {problem.document}" for problem in problems[:NAMED]],
            **log.metrics(self.environment, self.now(), {METRIC: len(problems)}),
        )
        return {"checked": True, "problems": len(problems)}
