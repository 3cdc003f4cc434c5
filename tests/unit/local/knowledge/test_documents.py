"""Documents and their metadata are read as Bedrock reads them, and refused with a reason."""

import json
import sys
from xml.etree import ElementTree

import pytest

from local.emulator.knowledge.documents import metadata_of
from local.emulator.knowledge.reading.parsed import DocumentError
from local.emulator.knowledge.reading.parsers import parse
from tests.local import office


def test_html_is_read_as_its_text() -> None:
    page = (
        b"<html><head><title>x</title></head><body><h1>Ropes</h1><p>A rope lasts 4 years.</p><script>y</script></body>"
    )

    assert parse("page.html", page).text == "Ropes\nA rope lasts 4 years."


def test_csv_rows_say_what_their_cells_mean() -> None:
    for delimiter in ",;\t|":
        table = "item,price\nrope,20\n".replace(",", delimiter)
        assert parse("table.csv", table.encode()).text == "item: rope; price: 20"
    assert parse("table.csv", b"item;price\nrope, blue;20,50\n").text == "item: rope, blue; price: 20,50"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<head><title>x<body><p>Ropes", "Ropes"),
        ("<script>y</script><p>Ropes</style></script><p>Knots", "Ropes\nKnots"),
        ("<html><head><p>Ropes", "Ropes"),
        ("<![if !x]>Ropes<![endif]><![CDATA[y]]><![x y]>", "Ropes"),
    ],
)
def test_broken_html_is_read_as_far_as_a_reader_sees_it(markup: str, text: str) -> None:
    assert parse("page.html", markup.encode()).text == text


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (f'item,note\nrope,"{"x" * 140_000}"', f"item: rope; note: {'x' * 140_000}"),
        ("item,price\rrope,20\rknot,", "item: rope; price: 20\nitem: knot"),
        ("\n\nitem,price\nrope,20,new\n", "item: rope; price: 20; new"),
        ("item,price\n", "item; price"),
    ],
)
def test_odd_tables_lose_nothing(table: str, text: str) -> None:
    assert parse("table.csv", table.encode()).text == text


@pytest.fixture
def xml(monkeypatch: pytest.MonkeyPatch) -> None:
    """The standard parser, for the hardened one is in the local AWS's own interpreter alone."""
    monkeypatch.setitem(sys.modules, "defusedxml", ElementTree)
    monkeypatch.setitem(sys.modules, "defusedxml.ElementTree", ElementTree)


def test_a_word_document_reads_as_its_tracked_changes_leave_it(xml: None) -> None:
    body = (
        "<w:p><w:r><w:t>20</w:t></w:r><w:del><w:r><w:delText>5</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>7</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom></w:p>"
        "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>"
    )
    assert parse("a.docx", office.document(body)).text == "207\nbox"


def test_cells_of_a_workbook_stand_in_their_columns_and_dates_are_dates(xml: None) -> None:
    people = ['<c r="A1" t="str"><v>name</v></c><c r="B1" t="str"><v>age</v></c><c r="C1" t="str"><v>born</v></c>']
    people.append('<c r="A2" t="str"><v>Ann</v></c><c r="C2" s="1"><v>45000</v></c>')
    people.append(
        '<c r="A3" t="str"><f>A2</f><v>Bo</v></c><c r="B3"><f>1+1</f><v>2</v></c><c r="C3" s="2"><v>0.5</v></c>'
    )
    cities = ['<c r="A1" t="str"><v>city</v></c>', '<c r="A2" t="b"><v>1</v></c><c r="B2" s="1"><v>-1</v></c>']
    styles = '<numFmts><numFmt numFmtId="164" formatCode="[Red]hh:mm"/></numFmts>'
    styles += '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs>'

    text = parse("a.xlsx", office.workbook([people, cities], styles)).text

    assert text == "name: Ann; born: 2023-03-15\nname: Bo; age: 2; born: 12:00:00\ncity: true; -1"


def test_a_damaged_workbook_fails_by_itself(xml: None) -> None:
    with pytest.raises(DocumentError, match="is no Office document that can be read: list index"):
        parse("a.xlsx", office.workbook([['<c t="s"><v>9</v></c>']], ""))


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
        (b'{"metadataAttributes": ' + b"[" * 9_000, "the metadata file is not"),
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
