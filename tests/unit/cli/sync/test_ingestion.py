"""A job that saw the newest change is followed to its end, and every document that it left out is named."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from arbiter.documents.ingestion import IngestionBusyError, IngestionJob, JobReport, KnownDocument
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.sync.ingestion import AUTOMATIC_SECONDS, Follower, Ingested

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


class Source:
    """A data source: jobs take two looks, and leave the documents in given states."""

    def __init__(self, states: list[dict[str, str]], job: IngestionJob | None = None, *, end: str = "COMPLETE") -> None:
        self._states = iter(states)
        self.known: dict[str, str] = {}
        self.job = job
        self.busy = 0
        self.looks = 0
        self.started = 0
        self._end = end

    def latest(self) -> IngestionJob | None:
        return self.job

    def start(self) -> IngestionJob:
        if self.busy:
            self.busy -= 1
            raise IngestionBusyError("busy")
        self.started += 1
        self.looks = 0
        self.job = IngestionJob(f"JOB{self.started}", "STARTING", NOW)
        return self.job

    def report(self, job_id: str) -> JobReport:
        assert self.job
        self.looks += 1
        if self.looks >= 2 and self.job.running:
            self.job = replace(self.job, status=self._end)
        return JobReport(self.job, 2, self.looks, 0, 0, 0, ("the bucket is gone",) if self._end == "FAILED" else ())

    def documents(self) -> Iterator[KnownDocument]:
        self.known = next(self._states, self.known)
        return iter([KnownDocument(uri, status, "") for uri, status in self.known.items()])


INDEXED = {"s3://b/a.md": "INDEXED", "s3://b/b.md": "INDEXED"}
URIS = list(INDEXED)


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.slept)


def ingest(source: Source, seconds_ago: float = 5, clock: Clock | None = None, progress: Progress = silent) -> Ingested:
    clock = clock or Clock()
    follower = Follower(source, progress, sleep=clock.sleep, now=clock.now)  # type: ignore[arg-type]
    return follower.ingest(NOW - timedelta(seconds=seconds_ago), 2, URIS)


def test_a_job_is_started_and_followed_to_its_end() -> None:
    source = Source([INDEXED])
    assert ingest(source) == Ingested("JOB1", automatic=False, problems=())
    assert source.looks == 2


def test_the_upload_is_given_time_to_start_the_job_itself() -> None:
    class Late(Source):
        def latest(self) -> IngestionJob | None:
            if clock.slept >= 12:
                self.job = self.job or IngestionJob("OWN", "STARTING", clock.now())
            return self.job

    clock, source = Clock(), Late([INDEXED])
    assert ingest(source, 0, clock) == Ingested("OWN", automatic=True, problems=())
    assert source.started == 0


@pytest.mark.parametrize("before", [None, IngestionJob("BEFORE", "COMPLETE", NOW - timedelta(hours=1))])
def test_a_job_that_starts_in_the_second_of_the_change_is_recognised(before: IngestionJob | None) -> None:
    """S3 rounds the time of a change down, and a quiet sync function starts its job within that second."""
    clock, source = Clock(), Source([INDEXED], before)
    follower = Follower(source, silent, sleep=clock.sleep, now=clock.now)  # type: ignore[arg-type]
    earlier = follower.newest()
    source.job = IngestionJob("OWN", "STARTING", NOW + timedelta(milliseconds=400))
    assert follower.ingest(NOW, 2, URIS, earlier=earlier) == Ingested("OWN", automatic=True, problems=())
    assert (source.started, clock.slept < 5) == (0, True)


def test_a_job_that_was_quicker_than_the_look_for_it_is_followed_by_another_at_once() -> None:
    """It is the newest when it is looked for, and started in the second of the change: it may not have seen it."""
    clock, source = Clock(), Source([INDEXED], IngestionJob("OWN", "COMPLETE", NOW + timedelta(milliseconds=400)))
    follower = Follower(source, silent, sleep=clock.sleep, now=clock.now)  # type: ignore[arg-type]
    ingested = follower.ingest(NOW, 2, URIS, earlier=follower.newest())
    assert ingested == Ingested("JOB1", automatic=True, problems=())
    assert clock.slept < AUTOMATIC_SECONDS / 2


@pytest.mark.parametrize("status", ["FAILED", "STOPPED", "STOPPING"])
def test_a_later_job_that_ends_badly_has_seen_nothing(status: str) -> None:
    clock, source = Clock(), Source([INDEXED], IngestionJob("LATER", status, NOW))
    follower = Follower(source, silent, sleep=clock.sleep, now=clock.now)  # type: ignore[arg-type]
    later = [IngestionJob("LATER", status, NOW)] * 3 + [IngestionJob("NEXT", "STARTING", NOW + timedelta(minutes=1))]
    source.latest = lambda: later.pop(0) if later[1:] else source.job  # type: ignore[method-assign]
    source.job = later[-1]
    assert follower.ingest(NOW, 2, URIS, earlier="EARLIER").job == "NEXT"


def test_a_long_job_before_it_leaves_the_upload_its_time() -> None:
    earlier = IngestionJob("LONG", "IN_PROGRESS", NOW - timedelta(seconds=1))

    class Long(Source):
        def latest(self) -> IngestionJob | None:
            if clock.slept < 100:
                return earlier
            if clock.slept < 110:
                return replace(earlier, status="COMPLETE")
            self.job = self.job or IngestionJob("OWN", "STARTING", clock.now())
            return self.job

        def report(self, job_id: str) -> JobReport:
            return JobReport(earlier, 2, 1, 0, 0, 0, ()) if job_id == "LONG" else super().report(job_id)

    clock, source, told = Clock(), Long([INDEXED]), list[int]()
    assert ingest(source, 0, clock, lambda _, done=0, total=None: told.append(done)) == Ingested(
        "OWN", automatic=True, problems=()
    )
    assert told == [0, *[1] * (len(told) - 4), 2, 3, 3]  # What the earlier job has done counts, and is counted once.


def test_an_upload_that_starts_nothing_is_not_waited_for_without_end() -> None:
    clock, source = Clock(), Source([INDEXED])
    assert not ingest(source, 0, clock).automatic
    assert AUTOMATIC_SECONDS <= clock.slept < AUTOMATIC_SECONDS + 10


def test_a_job_that_covers_the_change_is_not_repeated() -> None:
    source = Source([INDEXED], IngestionJob("OLD", "COMPLETE", NOW - timedelta(seconds=1)))
    assert ingest(source, 60) == Ingested("OLD", automatic=True, problems=())
    assert source.started == 0


def test_a_busy_knowledge_base_is_waited_for() -> None:
    source = Source([INDEXED])
    source.busy = 3
    assert ingest(source).job == "JOB1"


@pytest.mark.parametrize(
    "status",
    ["FAILED", "PARTIALLY_INDEXED", "IGNORED", "NOT_FOUND", "METADATA_PARTIALLY_INDEXED", "METADATA_UPDATE_FAILED",
     "DELETING", "DELETE_IN_PROGRESS", "INVENTED"],
)  # fmt: skip
def test_a_document_in_any_other_state_is_named(status: str) -> None:
    problems = ingest(Source([{**INDEXED, "s3://b/b.md": status}])).problems
    assert [(p.document, p.status, p.reason) for p in problems] == [("s3://b/b.md", status, "Bedrock gives no reason")]


def test_a_document_that_the_knowledge_base_does_not_know_is_missing() -> None:
    problems = ingest(Source([{"s3://b/a.md": "INDEXED"}])).problems
    assert [(p.document, p.status) for p in problems] == [("s3://b/b.md", "MISSING")]


def test_documents_on_their_way_are_waited_for() -> None:
    source = Source([{**INDEXED, "s3://b/b.md": "PENDING"}, {**INDEXED, "s3://b/b.md": "IN_PROGRESS"}, INDEXED])
    assert ingest(source).problems == ()


def test_documents_that_stay_on_their_way_are_named() -> None:
    problems = ingest(Source([{**INDEXED, "s3://b/b.md": "PENDING"}])).problems
    assert problems[0].status == "PENDING"


def test_what_an_earlier_job_left_out_gets_one_more_chance() -> None:
    old = IngestionJob("OLD", "COMPLETE", NOW - timedelta(seconds=30))
    source = Source([{"s3://b/a.md": "INDEXED", "s3://b/b.md": "FAILED"}, INDEXED], old)
    told: list[tuple[int, int | None]] = []
    # The second job looks at the one document alone; the bar counts it among all of them.
    source.report = lambda job_id: JobReport(IngestionJob(job_id, "COMPLETE", NOW), 1, 1, 0, 0, 0, ())  # type: ignore[method-assign]
    ingested = ingest(source, 60, progress=lambda _, done=0, total=None: told.append((done, total)))
    assert ingested == Ingested("JOB1", automatic=True, problems=())
    assert told[-1] == (2, 2)
    assert {total for _, total in told} == {2}


@pytest.mark.parametrize("end", ["FAILED", "STOPPED"])
def test_a_job_that_ends_badly_is_a_failure_with_its_reason(end: str) -> None:
    with pytest.raises(CliError, match=f"JOB1 ended as {end}: .*(the bucket is gone|no reason)"):
        ingest(Source([INDEXED], end=end))


def test_a_job_that_stands_still_is_given_up() -> None:
    source = Source([INDEXED], end="IN_PROGRESS")
    frozen: Callable[[str], JobReport] = lambda job_id: JobReport(source.job, 5, 1, 0, 0, 0, ())  # type: ignore[arg-type] # noqa: E731
    source.report = frozen  # type: ignore[method-assign]
    with pytest.raises(CliError, match=r"has not moved for 30 minutes \(1 of 5 documents\)"):
        ingest(source)
