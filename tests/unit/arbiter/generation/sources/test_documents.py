"""Documents are read as text, or left out by name with the reason."""

import pytest

from arbiter.generation.sources.documents import UnreadableDocument, is_document, text_of, why_unreadable


@pytest.mark.parametrize(
    ("key", "size", "reason"),
    [
        ("a/manual.pdf", 10, ".pdf is not read here"),
        ("sheet.XLSX", 10, ".xlsx is not read here"),
        ("picture.png", 10, ".png is not read here; read are"),
        ("README", 10, "a file without suffix is not read here"),
        ("big.md", 10_000_001, "at most 10,000,000 are read: split it"),
        ("empty.md", 0, "it is empty"),
    ],
)
def test_a_document_that_cannot_be_read_is_left_out_with_the_reason(key: str, size: int, reason: str) -> None:
    assert reason in (why_unreadable(key, size) or "")


def test_what_can_be_read_has_no_reason() -> None:
    assert {why_unreadable(f"a{suffix}", 10) for suffix in (".md", ".txt", ".html", ".HTM", ".csv")} == {None}


def test_metadata_and_folders_are_no_documents() -> None:
    assert [is_document(key) for key in ("a.md", "a.md.metadata.json", "folder/")] == [True, False, False]


def test_html_becomes_headed_paragraphs_without_scripts() -> None:
    page = b"<html><head><title>x</title></head><body><h2>Tents</h2><script>1</script><p>Two  poles.</p></body></html>"
    assert text_of("a.html", page) == "## Tents\n\nTwo poles."


def test_a_table_says_in_every_row_what_its_cells_mean() -> None:
    assert text_of("a.csv", b"kit,price\nStove,9\nTent,20\n") == "kit: Stove; price: 9\n\nkit: Tent; price: 20"
    assert text_of("a.csv", b"kit;price\r\nStove;9,50\r\n") == "kit: Stove; price: 9,50"
    assert len(text_of("a.csv", b"kit,story\nStove," + b"x" * 140_000)) > 140_000


@pytest.mark.parametrize(
    ("key", "content", "reason"),
    [("a.md", b"\xff\xfe", "not UTF-8"), ("a.md", b" \n", "no text"), ("a.csv", b"head\n", "no text")],
)
def test_a_document_without_text_says_so(key: str, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        text_of(key, content)
