"""Ingestion followed to its end: a job that sees the newest change, and the state of every document after it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from arbiter.aws.ingestion import Ingestion
from arbiter.documents.changes import USELESS, Covered, Start, decide
from arbiter.documents.ingestion import IngestionBusyError, IngestionJob, JobReport
from arbiter.documents.standing import DocumentProblem, problem_of
from cli.core.errors import CliError
from cli.core.execution import pauses
from cli.core.progress import Progress

UNSETTLED = frozenset({"PENDING", "STARTING", "IN_PROGRESS"})
SETTLE_SECONDS = 60
STALL_SECONDS = 1800
# An upload starts a sync by itself: event, queue (collecting for 5 s), function. After this long it is not waited for.
AUTOMATIC_SECONDS = 30
# The sync function takes a change as up to a second later than S3 says: a job that starts after that covers it.
REST_BEFORE_START_SECONDS = 1.0
STAGE = "Ingesting documents"


@dataclass(frozen=True)
class Ingested:
    """How the newest change came into the knowledge base."""

    job: str
    automatic: bool
    """Whether the upload started the job, as it should, or the command had to."""
    problems: tuple[DocumentProblem, ...]


@dataclass
class Follower:
    """Waits for ingestion jobs of one data source."""

    ingestion: Ingestion
    progress: Progress
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def newest(self) -> str:
        """Id of the newest job, for `ingest` to tell a later one by; empty before the first."""
        latest = self.ingestion.latest()
        return latest.id if latest else ""

    def ingest(
        self, changed_at: datetime, expected: int, uris: Sequence[str], *, earlier: str | None = None
    ) -> Ingested:
        """See to it that a job which saw the newest change has ended.

        Args:
            changed_at: When the newest change reached the bucket, in S3's whole seconds.
            expected: Documents that the job is to handle, for the progress.
            uris: Documents that are to be indexed in the end.
            earlier: The newest job once the last change was made; a job that follows it has seen every change.

        Raises:
            CliError: the job failed or stands still.
        """
        self.progress(STAGE, 0, expected or None)
        before: dict[str, int] = {}
        job, started = self._covering(changed_at, earlier, lambda running: self._tell_of(running, before, expected))
        self._follow(job, expected, sum(before.values()))
        problems = self._problems(uris)
        if problems and not started:
            # The job that covers the change may have met a passing failure; what it left out gets one more chance.
            job = self._start_at_last()
            total = max(expected, len(problems))
            self._follow(job, total, total - len(problems))
            problems = self._problems(uris)
        return Ingested(job.id, automatic=not started, problems=tuple(problems))

    def _covering(
        self, changed_at: datetime, earlier: str | None, on_earlier: Callable[[IngestionJob], None]
    ) -> tuple[IngestionJob, bool]:
        """A job that sees the change, and whether it was started here; `on_earlier` takes one that runs meanwhile."""
        possible_since, looks = changed_at, pauses()
        while True:
            latest = self.ingestion.latest()
            if earlier is not None and latest and latest.id != earlier and latest.status not in USELESS:
                # Its start follows the change by what was seen here, however S3 rounds the time of the change.
                return latest, False
            decision = decide(changed_at, latest, self.now())
            if isinstance(decision, Covered):
                return decision.job, False
            if not isinstance(decision, Start):
                # A job that runs holds the sync function up as well: its time begins when that job has ended.
                possible_since = self.now()
                if latest and latest.running:
                    on_earlier(latest)
            else:
                # A job of the change's own second was started by it, and nobody can tell whether it sees the change.
                own = latest is not None and latest.status not in USELESS and latest.started_at >= changed_at
                waited = (self.now() - possible_since).total_seconds() > AUTOMATIC_SECONDS
                if (own or waited) and (job := self._start()):
                    return job, not own
            self.sleep(next(looks))

    def _tell_of(self, job: IngestionJob, handled: dict[str, int], expected: int) -> None:
        """Show how far a job is that began before the last change: it ingests what was sent until then."""
        handled[job.id] = self.ingestion.report(job.id).handled
        self.progress(STAGE, min(sum(handled.values()), expected), expected or None)

    def _start_at_last(self) -> IngestionJob:
        looks = pauses()
        while not (job := self._start()):
            self.sleep(next(looks))
        return job

    def _start(self) -> IngestionJob | None:
        self.sleep(REST_BEFORE_START_SECONDS)
        try:
            return self.ingestion.start()
        except IngestionBusyError:
            return None

    def _follow(self, job: IngestionJob, expected: int, before: int = 0) -> None:
        """Follow a job to its end; `before` documents were handled by jobs that ran until it began."""
        seen, still = None, 0.0
        for pause in pauses():
            report = self.ingestion.report(job.id)
            handled = before + report.handled
            self.progress(STAGE, handled, max(report.scanned, expected, handled) or None)
            if not report.job.running:
                _require_complete(report)
                self.progress(STAGE, max(handled, expected), max(handled, expected, 1))
                return
            still = still + pause if report == seen else 0.0
            seen = report
            if still > STALL_SECONDS:
                raise CliError(
                    f"The ingestion job {job.id} has not moved for {STALL_SECONDS // 60} minutes "
                    f"({report.handled:,} of {report.scanned:,} documents). Stop it in the Bedrock console; sync again."
                )
            self.sleep(pause)

    def _problems(self, uris: Sequence[str]) -> list[DocumentProblem]:
        """Every document that is not wholly indexed, after waiting a while for those still on their way."""
        waited = 0.0
        for pause in pauses():
            known = {document.uri: document for document in self.ingestion.documents()}
            unsettled = [uri for uri in uris if uri in known and known[uri].status in UNSETTLED]
            if not unsettled or waited > SETTLE_SECONDS:
                break
            waited += pause
            self.sleep(pause)
        return [problem for uri in uris if (problem := problem_of(uri, known.get(uri)))]


def _require_complete(report: JobReport) -> None:
    if report.job.status == "COMPLETE":
        return
    reasons = " ".join(report.reasons) or "Bedrock gives no reason."
    raise CliError(
        f"The ingestion job {report.job.id} ended as {report.job.status}: {reasons}",
        code="ingestion_failed",
        details={"job": report.job.id, "status": report.job.status, "reasons": list(report.reasons)},
    )
