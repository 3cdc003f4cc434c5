"""The documents that pairs are made from: which can be read here, and their text."""

import csv
import io
from html.parser import HTMLParser
from pathlib import PurePosixPath

from arbiter.file_form import delimiter_of, take_cells_of

METADATA_SUFFIX = ".metadata.json"
READABLE = (".txt", ".md", ".html", ".htm", ".csv")
LARGEST = 10_000_000
"""Bytes; a larger document is cut where its passages are chosen anyhow, and must fit the function's memory."""
_OFFICE = (".pdf", ".doc", ".docx", ".xls", ".xlsx")


class UnreadableDocument(ValueError):  # noqa: N818 - says what it is
    """A document without text that can be used; the message says why."""


def is_document(key: str) -> bool:
    """Whether a key is a document, and neither its metadata nor a folder's mark."""
    return not key.endswith((METADATA_SUFFIX, "/"))


def why_unreadable(key: str, size: int) -> str | None:
    """Why a document cannot be read, as far as its key and size tell."""
    suffix = PurePosixPath(key).suffix.lower()
    if suffix in _OFFICE:
        return f"{suffix} is not read here: export it as .md, .txt or .html"
    if suffix not in READABLE:
        return f"{suffix or 'a file without suffix'} is not read here; read are {', '.join(READABLE)}"
    if size > LARGEST:
        return f"it has {size:,} bytes; at most {LARGEST:,} are read: split it"
    return "it is empty" if size == 0 else None


def text_of(key: str, content: bytes) -> str:
    """The text of a document.

    Raises:
        UnreadableDocument: when there is none.
    """
    if reason := why_unreadable(key, len(content)):
        raise UnreadableDocument(reason)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableDocument(f"it is not UTF-8 text (byte {error.start + 1:,})") from None
    suffix = PurePosixPath(key).suffix.lower()
    if suffix in (".html", ".htm"):
        text = _text_of_html(text)
    elif suffix == ".csv":
        text = _text_of_csv(text)
    if not text.strip():
        raise UnreadableDocument("it holds no text")
    return text


class _Text(HTMLParser):
    _BLOCKS = frozenset({"p", "div", "br", "li", "tr", "table", "section", "article", "ul", "ol"})
    _HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
    _HIDDEN = frozenset({"script", "style", "head", "template", "nav"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self._HIDDEN
        if tag in self._HEADINGS:
            self.parts.append(f"\n\n{'#' * int(tag[1])} ")
        elif tag in self._BLOCKS:
            self.parts.append("\n\n" if tag != "br" else "\n")
        elif tag in ("td", "th"):
            self.parts.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in self._HIDDEN))
        if tag in self._BLOCKS or tag in self._HEADINGS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _text_of_html(source: str) -> str:
    parser = _Text()
    parser.feed(source)
    parser.close()
    blocks = (" ".join(block.split()) for block in "".join(parser.parts).split("\n\n"))
    return "\n\n".join(block for block in blocks if block.strip("# "))


def _text_of_csv(source: str) -> str:
    """Each row as `column: value` pairs, so that a passage says what its numbers mean."""
    take_cells_of(source)
    try:
        rows = csv.reader(io.StringIO(source, newline=""), delimiter=delimiter_of(source.partition("\n")[0]))
        header, *body = list(rows) or [[]]
    except csv.Error as error:
        raise UnreadableDocument(f"it is not CSV ({error})") from None
    paragraphs = ("; ".join(f"{name}: {cell}" for name, cell in zip(header, row, strict=False)) for row in body)
    return "\n\n".join(row for row in paragraphs if row)
