"""Files that go away, and folders that cannot be listed, are named, and everything else is sent."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.core.errors import CliError
from cli.core.progress import silent
from cli.sync import documents
from cli.sync.documents import scan
from cli.sync.fitness import UNLISTED
from cli.sync.sidecars import Reading, read
from cli.sync.upload import compare, transfer
from tests.unit.cli.sync.test_sync import Bucket

GONE = "it went away while the folder was read: sync again"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in "abc":
        (tmp_path / f"{name}.md").write_text(f"---\nteam: {name}\n---\ntext")
    return tmp_path


def test_a_file_that_goes_away_while_the_folder_is_read_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = documents._files

    def going(folder: Path) -> Iterator[Any]:
        listed = list(found(folder))
        (folder / "b.md").unlink()
        yield from listed

    monkeypatch.setattr(documents, "_files", going)
    manifest = scan(folder)
    assert [item.key for item in manifest.documents] == ["a.md", "c.md"]
    assert [(item.key, item.reason) for item in manifest.unfit] == [("b.md", GONE)]


def test_files_that_go_away_before_they_are_compared_or_sent_are_named(folder: Path) -> None:
    bucket, manifest = Bucket(), read(folder, Reading())
    (folder / "a.md").unlink()
    plan = compare(bucket, manifest.documents, progress=silent)
    (folder / "b.md").unlink()
    sent = transfer(bucket, plan, delete=False, on_begin=lambda: None, progress=silent)

    assert [(item.key, item.reason) for item in (*plan.unread, *sent.unread)] == [("a.md", GONE), ("b.md", GONE)]
    assert sent.uploaded == 4
    assert {"c.md", "c.md.metadata.json"} < set(bucket.contents)


def test_a_folder_that_all_went_away_from_is_told(folder: Path) -> None:
    plan = compare(Bucket(), scan(folder).documents, progress=silent)
    for name in "abc":
        (folder / f"{name}.md").unlink()
    with pytest.raises(CliError, match="Every document went away"):
        transfer(Bucket(), plan, delete=False, on_begin=lambda: None, progress=silent)


def test_what_a_folder_that_cannot_be_listed_holds_is_not_deleted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir()
    listing = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)
    bucket, manifest = Bucket(), read(folder, Reading())
    bucket.contents = {"closed/d.md": (b"text", {}), "closed.md": (b"text", {})}
    plan = compare(bucket, manifest.documents, kept=manifest.keys, progress=silent)

    assert [(item.key, item.reason) for item in manifest.unfit] == [("closed/", UNLISTED)]
    assert [item.key for item in plan.others] == ["closed.md"]


def test_the_metadata_of_a_document_that_is_not_sent_are_kept_beside_its_earlier_version(folder: Path) -> None:
    (folder / "a.md").write_text("")
    bucket, manifest = Bucket(), read(folder, Reading())
    bucket.contents = {"a.md": (b"text", {}), "a.md.metadata.json": (b"{}", {})}
    assert compare(bucket, manifest.documents, kept=manifest.keys, progress=silent).others == ()
