"""A folder is in the knowledge base, or every document that is not is named."""

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from arbiter.aws.objects import Objects, StoredObject
from arbiter.documents.standing import DocumentProblem
from cli.core.errors import CliError
from cli.core.progress import silent
from cli.sync.documents import scan
from cli.sync.planning import plan
from cli.sync.sidecars import Reading
from cli.sync.synchronise import SyncResult, sync
from cli.sync.upload import Transfer, compare, transfer
from cli.sync.view import show_sync
from tests.unit.cli.fakes import StubbedDeployment

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


def test_an_empty_folder_is_refused_by_a_dry_run_as_by_what_it_foretells(tmp_path: Path) -> None:
    for attempt in (
        lambda: plan(StubbedDeployment(), tmp_path, reading=Reading(), delete=True),
        lambda: sync(StubbedDeployment(), tmp_path, delete=True),
    ):
        with pytest.raises(CliError, match="holds no documents"):
            attempt()


class Elsewhere(StubbedDeployment):
    """A deployment whose documents are somebody else's."""

    def output(self, name: str) -> str:
        raise CliError(f"There is no {name}: its documents are somebody else's.")


def test_no_folder_is_read_whose_documents_go_nowhere(folder: Path) -> None:
    stages: list[str] = []
    for attempt in (sync, partial(plan, delete=False)):
        with pytest.raises(CliError, match="somebody else's"):
            attempt(Elsewhere(), folder, reading=Reading(), progress=lambda stage, *_: stages.append(stage))
    assert stages == []
