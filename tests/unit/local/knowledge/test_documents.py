"""Documents and their metadata are read as Bedrock reads them, and refused with a reason."""

import json

import pytest

from local.emulator.knowledge.documents import metadata_of
from local.emulator.knowledge.reading.parsers import DocumentError, parse


def test_html_is_read_as_its_text() -> None:
    page = (
        b"<html><head><title>x</title></head><body><h1>Ropes</h1><p>A rope lasts 4 years.</p><script>y</script></body>"
    )

    assert parse("page.html", page).text == "Ropes\nA rope lasts 4 years."


def test_csv_rows_say_what_their_cells_mean() -> None:
    assert parse("table.csv", b"item,price\nrope,20\n").text == "item: rope; price: 20"


@pytest.mark.parametrize(
    ("key", "content", "reason"),
    [
        ("a.doc", b"\xd0\xcf", ".doc is not parsed by the local AWS; save it as .docx"),
        ("a.docx", b"PK", "the file is no Office document that can be read"),
        ("a.exe", b"MZ", ".exe file format is not supported"),
        ("a", b"x", "no file format is not supported"),
        ("a.txt", b"\xff\xfe\xfa", "the file is not UTF-8 text"),
        ("a.md", b"  \n", "the file holds no text"),
    ],
)
def test_what_cannot_be_indexed_says_why(key: str, content: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        parse(key, content)


def test_metadata_is_read_in_both_forms() -> None:
    typed = {"value": {"type": "NUMBER", "numberValue": 3}, "includeForEmbedding": False}

    assert metadata_of(json.dumps({"metadataAttributes": {"team": "hill", "level": typed}}).encode()) == {
        "team": "hill",
        "level": 3,
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[]", "the metadata file is not"),
        (b"{", "the metadata file is not"),
        (b" " * 10_241, "10241 bytes; at most 10240"),
        (json.dumps({"metadataAttributes": {"x-amz-bedrock-y": 1}}).encode(), "are reserved"),
        (json.dumps({"metadataAttributes": {f"k{n}": n for n in range(36)}}).encode(), "36 keys; at most 35"),
        (json.dumps({"metadataAttributes": {"k": "x" * 1100}}).encode(), "at most 1024 with S3 Vectors"),
    ],
)
def test_metadata_beyond_a_limit_says_which(content: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        metadata_of(content)


@pytest.mark.parametrize(
    "value",
    [None, [], [1, 2], ["a", 1], [None], float("nan"), float("inf"), [["a"]], {"value": {"type": "NUMBER"}}, {"a": 1}],
)
def test_a_metadata_value_that_the_store_does_not_take_is_refused(value: object) -> None:
    with pytest.raises(DocumentError, match=r"Invalid metadata value for key k|the metadata file is not"):
        metadata_of(json.dumps({"metadataAttributes": {"team": "hill", "k": value}}).encode())


@pytest.mark.parametrize("value", ["", "hill", 0, 2.5, True, ["a", "b"]])
def test_a_metadata_value_that_the_store_takes_is_kept(value: object) -> None:
    assert metadata_of(json.dumps({"metadataAttributes": {"k": value}}).encode()) == {"k": value}
