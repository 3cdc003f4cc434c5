"""The look that starts by itself counts what is out of step, and not what is on its way."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from arbiter.documents.checking import DocumentsCheck
from arbiter.documents.ingestion import IngestionJob, KnownDocument

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=2)


@dataclass
class Item:
    key: str
    modified_at: datetime


class Bucket:
    def uri(self, key: str) -> str:
        return f"s3://b/{key}"

    def listing(self) -> list[Item]:
        return [Item("lost.md", LONG_AGO), Item("new.md", NOW), Item("broken.md", NOW), Item("well.md", LONG_AGO)]


class Source:
    def __init__(self, status: str) -> None:
        self.status = status

    def latest(self) -> IngestionJob:
        return IngestionJob("JOB", self.status, LONG_AGO)

    def documents(self) -> Iterator[KnownDocument]:
        yield KnownDocument("s3://b/broken.md", "FAILED", "", NOW)
        yield KnownDocument("s3://b/well.md", "INDEXED", "", NOW)


def look(status: str) -> object:
    return DocumentsCheck(environment="dev", documents=Bucket(), known=Source(status), now=lambda: NOW).run()


def test_documents_out_of_step_are_counted_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert look("COMPLETE") == {"checked": True, "problems": 2}
    line = json.loads(capsys.readouterr().out)
    assert line["problems"] == ["FAILED s3://b/broken.md", "MISSING s3://b/lost.md"]
    assert (line["DocumentsOutOfStep"], line["Environment"], line["level"]) == (2, "dev", "ERROR")


def test_nothing_is_counted_while_a_job_runs() -> None:
    assert look("IN_PROGRESS") == {"checked": False}
