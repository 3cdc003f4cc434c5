"""Front matter and tables become metadata files, or the document is named with the reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.core.errors import CliError
from cli.sync.documents import Manifest
from cli.sync.sidecars import Reading, read

FRONT = """---
title: Ropes
year: 2024
public: true
tags: [rope, 2024-05-01]
reviewed: 2026-11-01
draft:
---
# Ropes
"""


def made(folder: Path, files: dict[str, str], table: str | None = None, **options: Any) -> Manifest:
    home = folder / "documents"
    home.mkdir()
    for name, content in files.items():
        (home / name).write_text(content)
    if table is not None:
        (folder / "table.csv").write_text(table)
        options["metadata"] = folder / "table.csv"
    return read(home, Reading(**options))


def attributes(manifest: Manifest) -> dict[str, Any]:
    contents = {item.key: item.open().read() for item in manifest.documents if item.is_metadata}
    return {key.removesuffix(".metadata.json"): json.loads(c)["metadataAttributes"] for key, c in contents.items()}


def test_front_matter_becomes_metadata_with_its_types(tmp_path: Path) -> None:
    manifest = made(tmp_path, {"a.md": FRONT, "b.md": "# No head", "c.txt": FRONT, "d.md": "---\nA text\n---\nmore"})
    tags = ["rope", "2024-05-01"]
    known = {"title": "Ropes", "year": 2024, "public": True, "tags": tags, "reviewed": "2026-11-01"}
    assert attributes(manifest) == {"a.md": known}
    assert manifest.unfit == ()


def test_words_that_yaml_takes_for_other_values_stay_what_they_are(tmp_path: Path) -> None:
    manifest = made(tmp_path, {"a.md": "---\non: 12:30\nno: 1\n2024-01-02: [1:20, x, true]\nopen: no\n---\ntext"})
    assert attributes(manifest) == {
        "a.md": {"on": "12:30", "no": 1, "2024-01-02": ["1:20", "x", "true"], "open": False}
    }


def test_front_matter_can_be_left_out(tmp_path: Path) -> None:
    assert attributes(made(tmp_path, {"a.md": FRONT}, front_matter=False)) == {}


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("owner: {name: Ann}", "'owner' is nested"),
        (f"note: {'x' * 1100}", "shorten 'note'"),
        ("x-amz-bedrock-kb: y", "reserved for Bedrock"),
        ("a: [", "is no YAML (line"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "repeats a part of itself by its name"),
        (f"a: {'[' * 4000}{']' * 4000}", "is nested too deeply"),
        (f"a: x\n# {'-' * 11_000}", "Bedrock allows 10,240 bytes"),
        ("reviewed: 2024-13-45", "a value that cannot be read (month must be in 1..12): put it in quotes"),
        ("a: !!binary aGk=", "'a' is no text, number, truth value or list of texts"),
        ("a: !!set {x, y}", "'a' is no text, number, truth value or list of texts"),
        ("a: !!omap [x: 1]", "'a' is a list of more than texts"),
        ("weight: .nan", "'weight' is nan"),
        ("team: red\nyear: 1\nteam: blue", "gives 'team' twice: leave one out"),
    ],
)
def test_a_document_whose_front_matter_cannot_be_sent_is_not_sent(tmp_path: Path, head: str, reason: str) -> None:
    manifest = made(tmp_path, {"a.md": f"---\n{head}\n---\ntext", "b.md": "text"})
    assert [item.key for item in manifest.documents] == ["b.md"]
    assert reason in manifest.unfit[0].reason


def test_a_table_goes_before_front_matter_attribute_by_attribute(tmp_path: Path) -> None:
    table = "document,year,code,tags[],public\na.md,2026,007,x; y,TRUE\nb.txt,1.5,8,,\n"
    manifest = made(tmp_path, {"a.md": "---\nyear: 1\nteam: red\n---\ntext", "b.txt": "text"}, table)
    assert attributes(manifest) == {
        "a.md": {"year": 2026, "team": "red", "code": "007", "tags": ["x", "y"], "public": True},
        "b.txt": {"year": 1.5, "code": "8"},
    }


def test_every_problem_of_a_table_is_named(tmp_path: Path) -> None:
    files = {"a.md": "text", "b.md": "text", "b.md.metadata.json": '{"metadataAttributes": {"team": "red"}}'}
    table = "document,team\na.md,red\na.md,blue\nb.md,red\nc.md,red\na.md\n"
    with pytest.raises(CliError) as error:
        made(tmp_path, files, table)
    assert [(item["row"], item["problem"].split(":")[0]) for item in error.value.details["problems"]] == [
        (3, "'a.md' is named twice"),
        (4, "'b.md' has a metadata file of its own"),
        (5, "the folder has no document 'c.md'"),
        (6, "it has 1 cells, the first row 2"),
    ]


def test_a_path_too_long_to_stand_beside_its_attributes_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "documents" / "/".join(["d" * 200] * 5)
    folder.mkdir(parents=True)
    (folder / "a.md").write_text(f"---\nnote: {'x' * 1000}\n---\ntext")
    manifest = read(tmp_path / "documents", Reading())
    assert "2,048 are allowed" in manifest.unfit[0].reason


def test_a_path_too_long_for_the_metadata_file_beside_it_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "documents" / "/".join(["d" * 200] * 5)
    folder.mkdir(parents=True)
    for name in ("e" * 2 + ".md", "e" * 3 + ".md"):
        (folder / name).write_text("---\nyear: 1\n---\ntext")
    manifest = read(tmp_path / "documents", Reading())
    assert sorted(len(item.key) for item in manifest.documents) == [1010, 1024]
    assert [len(item.key) for item in manifest.unfit] == [1011]
    assert "1,025 bytes; S3 allows 1,024" in manifest.unfit[0].reason


@pytest.mark.parametrize(
    "table", ['sep=;\r\ndocument;tags[]\r\ncafé.md;"x;y"\r\n', "document\ttags[]\ncafé.md\tx; y\n"]
)
def test_a_table_of_another_system_is_read(tmp_path: Path, table: str) -> None:
    """With its delimiter, and names composed in another way than those of the files."""
    name = "cafe\u0301.md"
    assert attributes(made(tmp_path, {name: "# A"}, table)) == {name: {"tags": ["x", "y"]}}


@pytest.mark.parametrize("path", ["tents/a.md", "./tents/a.md", r"tents\a.md", r".\tents\a.md"])
def test_a_path_of_a_table_may_be_written_as_windows_does(tmp_path: Path, path: str) -> None:
    (tmp_path / "documents" / "tents").mkdir(parents=True)
    (tmp_path / "documents" / "tents" / "a.md").write_text("# A")
    (tmp_path / "table.csv").write_text(f"document,team\n{path},red\n")
    manifest = read(tmp_path / "documents", Reading(metadata=tmp_path / "table.csv"))
    assert attributes(manifest) == {"tents/a.md": {"team": "red"}}


def test_a_table_with_an_open_quote_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="is not CSV: unexpected end of data"):
        made(tmp_path, {"a.md": "# A"}, 'document,team\na.md,"red\n')
