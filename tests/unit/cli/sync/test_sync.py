"""A folder is in the knowledge base, or every document that is not is named."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from arbiter.aws.objects import Objects, StoredObject
from arbiter.documents.ingestion import IngestionBusyError, IngestionJob, JobReport, KnownDocument
from arbiter.documents.standing import DocumentProblem
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.sync.documents import scan
from cli.sync.ingestion import AUTOMATIC_SECONDS, Follower, Ingested
from cli.sync.synchronise import SyncResult
from cli.sync.upload import Transfer, compare, transfer
from cli.sync.view import show_sync

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


class Bucket(Objects):
    """A bucket in memory; under a customer-managed key its ETags are no digests."""

    def __init__(self, *, encrypted: bool = False) -> None:
        super().__init__(None, "documents")
        self.contents: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.encrypted = encrypted
        self.heads = 0

    def write(self, key: str, body: Any, *, metadata: Any = None, **options: Any) -> datetime:
        self.contents[key] = (body.read(), metadata)
        return NOW

    def listing(self, prefix: str = "") -> Iterator[StoredObject]:
        for key, (content, _) in self.contents.items():
            digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
            yield StoredObject(key, len(content), "0" * 32 if self.encrypted else digest, NOW - timedelta(hours=1))

    def metadata(self, key: str) -> dict[str, str]:
        self.heads += 1
        return self.contents[key][1]

    def delete(self, keys: Any) -> datetime:
        for key in keys:
            del self.contents[key]
        return NOW


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for i in range(30):
        (tmp_path / f"{i}.md").write_text(f"text {i}")
    return tmp_path


def send(bucket: Bucket, folder: Path, *, delete: bool = False) -> Transfer:
    plan = compare(bucket, scan(folder).documents, progress=silent)
    return transfer(bucket, plan, delete=delete, on_begin=lambda: None, progress=silent)


@pytest.mark.parametrize("encrypted", [False, True])
def test_only_changed_files_are_sent(folder: Path, encrypted: bool) -> None:
    bucket = Bucket(encrypted=encrypted)
    assert (send(bucket, folder).uploaded, len(bucket.contents)) == (30, 30)
    again = send(bucket, folder)
    assert (again.uploaded, again.unchanged, again.changed_at) == (0, 30, NOW - timedelta(hours=1))
    (folder / "3.md").write_text("text X")
    changed = send(bucket, folder)
    assert (changed.uploaded, changed.unchanged, changed.changed_at) == (1, 29, NOW)


def test_others_stay_unless_deletion_is_asked_for(folder: Path) -> None:
    bucket = Bucket()
    send(bucket, folder)
    (folder / "3.md").unlink()
    assert (send(bucket, folder).others, len(bucket.contents)) == (1, 30)
    deleted = send(bucket, folder, delete=True)
    assert (deleted.deleted, deleted.others, deleted.changed_at, len(bucket.contents)) == (1, 0, NOW, 29)


def test_a_failed_upload_ends_the_command(folder: Path) -> None:
    class Full(Bucket):
        def write(self, key: str, body: Any, *, metadata: Any = None, **options: Any) -> datetime:
            raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        send(Full(), folder)


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
    assert ingest(source, 60) == Ingested("JOB1", automatic=True, problems=())


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


def test_the_result_is_shown_with_every_problem() -> None:
    result = SyncResult(
        environment="dev", folder="docs", bucket="b", documents=3, uploaded=2, unchanged=0, deleted=0, others=4,
        left_out=1, indexed=2, job="J", automatic=True,
        problems=(DocumentProblem("c[1].md", "FAILED", "too [big]"),), remarks=("con.md: kept.",), seconds=1.0,
    )  # fmt: skip
    text = io.StringIO()
    show_sync(Console(file=text, width=100), result)
    assert "2 of 3 documents are in the knowledge base" in text.getvalue()
    assert "c[1].md" in text.getvalue()
    assert "too [big]" in text.getvalue()
    assert "con.md: kept." in text.getvalue()
    assert result.dump()["complete"] is False
