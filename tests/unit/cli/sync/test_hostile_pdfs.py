"""A PDF made to stall its reader is read as far as its budget of work goes, and counted."""

import pytest

from cli.sync.texts import characters, pdf
from cli.sync.texts.reading import UnreadableError, texts_in
from tests.unit.cli.sync.test_secrets import KEY
from tests.unit.cli.sync.test_secrets_in_files import packed

SHOWN = f"BT ({KEY}) Tj ET"
BOMB = packed("0" * 5_000_000)
END = BOMB.index(b"\nendstream")
DAMAGED = BOMB[: END - 4] + b"\xff" * 4 + BOMB[END:]
"""All of it is unpacked before its checksum tells that it is damaged."""


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n" + b"<<" * 10_000 + packed(SHOWN),
        b"%PDF-1.7\n" + b"<<>>stream\n" * 10_000 + packed(SHOWN),
        packed("beginbfchar" * 30_000, SHOWN),
        packed("beginbfrange " + "<0><0>[" * 30_000, SHOWN),
        packed(SHOWN, "BT (" + "\\(" * 500_000),
        packed(SHOWN, "BT (" + "(a)" * 100_000),
    ],
    ids=["dictionaries", "streams", "characters", "ranges", "escapes", "pairs"],
)
def test_a_pdf_of_beginnings_without_an_end_is_read(content: bytes) -> None:
    """Each took from 27 s to hours when every beginning was followed to the end of the file."""
    assert KEY in next(texts_in(".pdf", content))


def test_a_string_without_an_end_is_read() -> None:
    assert KEY in next(texts_in(".pdf", packed(f"BT (\\) ({KEY}) (open")))


@pytest.mark.parametrize(
    "table",
    ["<000000> <0fffff> <0000>", "<00> <01> <" + "0041" * 9 + ">"],
    ids=["codes", "text"],
)
def test_a_font_beyond_the_limits_is_counted(table: str) -> None:
    texts = texts_in(".pdf", packed(f"beginbfrange {table} endbfrange", SHOWN))
    assert KEY in next(texts)
    with pytest.raises(UnreadableError):
        list(texts)


def test_more_text_than_is_tried_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_TRIED", 100)
    texts = texts_in(".pdf", packed(SHOWN, SHOWN * 10))
    assert KEY in next(texts)
    with pytest.raises(UnreadableError):
        next(texts)


def test_fonts_that_agree_are_tried_as_one() -> None:
    fonts = characters.Fonts()
    for table in ("<01> <0041> <02> <0042>", "<02> <0042> <03> <0043>", "<03> <0044>"):
        fonts.learn(f"beginbfchar {table} endbfchar".encode())
    assert [table.read(b"\x01\x02\x03") for table in fonts.tables] == ["ABC", "D"]


@pytest.mark.parametrize(("content", "most"), [(BOMB, 1_000_000), (DAMAGED * 2, 6_000_000)], ids=["bomb", "damaged"])
def test_what_is_unpacked_in_vain_counts(content: bytes, most: int) -> None:
    """Else some hundred streams, each unpacked as far as all may be, took minutes."""
    with pytest.raises(UnreadableError):
        next(texts_in(".pdf", content + packed(SHOWN), most))
