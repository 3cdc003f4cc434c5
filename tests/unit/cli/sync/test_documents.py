"""Every file of a folder is uploaded, left out on purpose, or named with the reason."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from cli.core.errors import CliError
from cli.sync.documents import Manifest, scan
from cli.sync.fitness import MAX_BYTES


def make(folder: Path, files: dict[str, bytes]) -> Manifest:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return scan(folder)


def test_documents_of_every_type_are_found_with_their_keys(tmp_path: Path) -> None:
    old, new = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
    files = {
        "a.txt": b"text",
        "b/c.md": b"# text",
        "b/ü €.html": b"<p>text",
        "d.csv": b"a,b",
        "e.pdf": b"%PDF-1.7",
        "f.doc": old,
        "g.docx": new,
        "h.xls": old,
        "i.XLSX": new,
    }
    manifest = make(tmp_path, files)
    assert {document.key for document in manifest.documents} == set(files)
    assert manifest.unfit == ()
    assert next(d for d in manifest.documents if d.key == "b/c.md").content_type == "text/markdown"


@pytest.mark.parametrize("words", ["PAR1 is a receptor.", "BZh91 is its name.", "SQLite format 3\nis explained."])
def test_words_that_begin_as_another_kind_of_file_are_a_document(tmp_path: Path, words: str) -> None:
    assert make(tmp_path, {"a.md": words.encode()}).unfit == ()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.png", b"x", "type is not one that Bedrock reads"),
        ("Makefile", b"x", "--ignore"),
        ("a.md", b"", "it is empty"),
        ("a.md", b" \n\t", "it is blank"),
        ("a.md", "héllo".encode("utf-16"), "it is not UTF-8 text: it is UTF-16: convert it with `iconv -f UTF-16"),
        ("a.md", "hello".encode("utf-16-be"), "it is UTF-16 without its mark: convert it with `iconv -f UTF-16BE"),
        ("a.txt", gzip.compress(b"hello", mtime=0), "it is compressed (gzip): unpack it with `gunzip`"),
        (
            "a.md",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\n",
            "not the file: get the file with `git",
        ),
        ("a.txt", b"%PDF-1.7\n%", "it is a PDF: give it the ending of what it is"),
        ("a.csv", b"\xff,1", "not UTF-8 text (byte 1)"),
        ("a.pdf", b"<html>", "is named .pdf and is not"),
        ("a.docx", b"%PDF-", "is named .docx and is not"),
        ("a\nb.md", b"x", "control characters"),
        ("ren\u200btal.md", b"x", "a character that nobody sees (U+200B): rename it"),
        ("a\u2028b.md", b"x", "nobody sees (U+2028)"),
        ("a\ufffe.md", b"x", "S3 cannot list (U+FFFE)"),
        ("a.md ", b"x", "ends with a space"),
        ("a.md.metadata.json", b'{"metadataAttributes": {}}', "describes a.md, which is not there"),
    ],
)
def test_a_file_that_cannot_be_a_document_is_named_with_the_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (unfit,) = make(tmp_path, {name: content}).unfit
    assert unfit.key == repr(name)[1:-1]
    assert reason in unfit.reason


def test_names_that_windows_cannot_have_are_sent_and_told(tmp_path: Path) -> None:
    manifest = make(tmp_path, {f"com{n}.md": b"x" for n in range(1, 8)} | {"a.md": b"x"})
    assert (len(manifest.documents), manifest.unfit) == (8, ())
    assert manifest.remarks[0] == (
        "com1.md: Windows keeps the name com1 for a device, so that the folder cannot be checked out there."
    )
    assert manifest.remarks[-1] == "… and 2 names more that another system cannot have."


def test_names_that_another_system_takes_for_one_are_told(tmp_path: Path) -> None:
    manifest = make(tmp_path, dict.fromkeys(["A.md", "a.md", "e\u0301.md", "\u00e9.md", "b.md"], b"x"))
    assert (len(manifest.documents), manifest.unfit) == (5, ())
    assert [remark.partition(":")[0] for remark in manifest.remarks] == [
        "A.md and a.md", r"'e\u0301.md' and é.md"
    ]  # fmt: skip


def attributes(**values: Any) -> bytes:
    return json.dumps({"metadataAttributes": values}).encode()


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        (b'{"metadataAttributes": {"team": "red"}}', None),
        (b"nonsense", "correct it"),
        (b"[]", "correct it"),
        (b'{"metadataAttributes": {"x-amz-bedrock-kb-id": "1"}}', "reserved for Bedrock"),
        (b'{"metadataAttributes": {"a": "' + b"x" * 10240 + b'"}}', "Bedrock allows 10,240"),
        (b'{"metadataAttributes": ["team"]}', "correct it"),
        (b"[" * 10_000, "correct it"),
        (attributes(team=None), "'team' has no value"),
        (attributes(tags=[]), "'tags' has no value"),
        (attributes(tags=["red", 3]), "'tags' is a list of more than texts"),
        (attributes(tags=[["red"]]), "'tags' is a list of more than texts"),
        (attributes(weight=float("nan")), "'weight' is nan"),
        (attributes(weight=float("-inf")), "'weight' is -inf"),
        (attributes(weight=10**400), "'weight' is a number beyond"),
        (attributes(team="\ud800"), "'team' has half of a surrogate pair"),
        (b'\xef\xbb\xbf{"metadataAttributes": {"team": "red"}}', "begins with a byte order mark"),
        ('{"metadataAttributes": {"team": "red"}}'.encode("utf-16"), "the file is UTF-16"),
        (b'{"metadataAttributes": {"team": "red",}}', "it is no JSON (line 1, column"),
        (b'{"metadataAttributes": {"team": "red", "team": "blue"}}', "it gives 'team' twice"),
        (attributes(owner={"name": "Ann"}), "'owner' is nested"),
        (attributes(**{"": "red"}), "'' has no name"),
        (attributes(**{"X-Amz-Bedrock-id": "1"}), "reserved for Bedrock"),
        (attributes(AMAZON_BEDROCK_TEXT="red"), "reserved for Bedrock"),
        (attributes(team={"value": {"type": "NUMBER", "numberValue": True}}), "'team' has no value, or none of its"),
        (attributes(**{"a\x1b[2J": None}), r"x1b[2J' has no value"),
        (attributes(**{f"k{i}": i for i in range(35)}), None),
        (attributes(**{f"k{i}": i for i in range(36)}), "it has 36 attributes; 35 are allowed: leave some out"),
        (attributes(note="x" * 1013), None),
        (attributes(team="red", note="é" * 600), "shorten 'note'"),
        (attributes(team={"value": {"type": "STRING", "stringValue": "red"}, "includeForEmbedding": True}), None),
        (attributes(tags={"value": {"type": "STRING_LIST", "stringListValue": ["red"]}}), None),
        (attributes(team={"value": {"type": "STRING", "numberValue": 3}}), "'team' has no value, or none of its type"),
        (attributes(team={"value": {"type": "STRING", "stringValue": 3}}), "'team' has no value, or none of its type"),
        (attributes(tags={"value": {"type": "STRING_LIST", "stringListValue": []}}), "'tags' has no value"),
        (attributes(team={"value": {"type": "SET", "stringValue": "red"}}), "'team' has no value, or none of its type"),
    ],
)
def test_metadata_is_checked_and_is_no_document(tmp_path: Path, metadata: bytes, reason: str | None) -> None:
    manifest = make(tmp_path, {"a.md": b"text", "a.md.metadata.json": metadata})
    assert [d.key for d in manifest.documents if not d.is_metadata] == ["a.md"]
    assert [reason is not None and reason in item.reason for item in manifest.unfit] == [True] * (reason is not None)


def test_a_file_over_the_limit_is_named(tmp_path: Path) -> None:
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert "50.0 MB; Bedrock allows 50" in scan(tmp_path).unfit[0].reason


def test_hidden_and_ignored_files_are_left_out(tmp_path: Path) -> None:
    make(tmp_path, {"a.md": b"x", ".git/config.txt": b"x", "b/.hidden.md": b"x", "img/c.png": b"x"})
    manifest = scan(tmp_path, ["*.png"])
    assert [document.key for document in manifest.documents] == ["a.md"]
    assert (manifest.unfit, manifest.left_out) == ((), 3)


def test_links_within_the_folder_count_and_links_out_of_it_do_not(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    make(folder, {"a.md": b"x"})
    (tmp_path / "secret.md").write_text("secret")
    (folder / "b.md").symlink_to(folder / "a.md")
    (folder / "c.md").symlink_to(tmp_path / "secret.md")
    (folder / "d.md").symlink_to(tmp_path / "nothing.md")
    (folder / "e").symlink_to(tmp_path)
    (folder / "f.md").symlink_to(folder / "f.md")
    manifest = scan(folder)
    assert [document.key for document in manifest.documents] == ["a.md", "b.md"]
    assert [(item.key, item.reason.split(":")[0]) for item in manifest.unfit] == [
        ("e", "it is a link to a folder, which is not followed"),
        ("c.md", "it is a link out of the folder"),
        ("d.md", "it is a link to nothing, or no regular file"),
        ("f.md", "it is a link to nothing, or no regular file"),
    ]


def test_a_name_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff.md", "wb") as file:  # noqa: PTH123 - a name that pathlib cannot write
        file.write(b"x")
    assert "not UTF-8" in scan(tmp_path).unfit[0].reason


@pytest.mark.parametrize("name", ["nowhere", "file.md"])
def test_what_is_no_folder_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.md").write_text("x")
    with pytest.raises(CliError, match="Name a folder"):
        scan(tmp_path / name)
