"""Parsers: the text of a document by its format, as Bedrock's default parser takes it out."""

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Any
from xml.etree.ElementTree import ParseError

_PLAIN = (".txt", ".md")
_OLD = (".doc", ".xls")
_MOST_UNPACKED = 200 * 1024 * 1024
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class DocumentError(ValueError):
    """A document that cannot be indexed; the message is its failure reason."""


@dataclass(frozen=True)
class Parsed:
    """The text of a document."""

    text: str
    pages: tuple[int, ...] = ()
    """Where each page begins in the text; none in a document without pages."""


def parse(key: str, content: bytes, strategy: str = "") -> Parsed:
    """The text of a document.

    Args:
        strategy: `parsingStrategy` of the data source; empty for Bedrock's default parser.

    Raises:
        DocumentError: for a format that Bedrock does not take, that is not what it is named, or that only a model
            could read.
    """
    suffix = PurePosixPath(key).suffix.lower()
    if suffix in _OLD:
        raise DocumentError(f"{suffix} is not parsed by the local AWS; save it as {suffix}x")
    if suffix == ".pdf" and strategy:
        raise DocumentError(f"the local AWS has no model that reads the pages of a .pdf, as {strategy} does")
    if suffix not in _PARSERS:
        raise DocumentError(
            f"{suffix or 'no'} file format is not supported; allowed: {' '.join(sorted({*_PARSERS, *_OLD}))}"
        )
    parsed = _PARSERS[suffix](content)
    if not parsed.text.strip():
        raise DocumentError("the file holds no text")
    return parsed


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"the file is not UTF-8 text: {error.reason} at byte {error.start}") from error


def _pdf(content: bytes) -> Parsed:
    # Slow to import, and only a PDF needs it.
    from pypdf import PdfReader
    from pypdf.errors import FileNotDecryptedError, PyPdfError

    try:
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    except FileNotDecryptedError:
        raise DocumentError("the file is protected by a password") from None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise DocumentError(f"the file is no PDF that can be read: {error}") from error
    text, begins = "", list[int]()
    for page in pages:
        begins.append(len(text))
        text += f"{page}\n\n"
    return Parsed(text, tuple(begins))


def _docx(content: bytes) -> Parsed:
    body = _member(content, "word/document.xml")
    paragraphs = ("".join(_run(node) for node in paragraph.iter()) for paragraph in body.iter(f"{_W}p"))
    return Parsed("\n".join(line for line in paragraphs if line.strip()))


def _run(node: Any) -> str:
    return node.text or "" if node.tag == f"{_W}t" else {f"{_W}tab": "\t", f"{_W}br": "\n"}.get(node.tag, "")


def _xlsx(content: bytes) -> Parsed:
    """Every sheet as `column: value` pairs, as a CSV file is."""
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    shared = list[str]()
    if "xl/sharedStrings.xml" in names:
        strings = _member(content, "xl/sharedStrings.xml")
        shared = ["".join(text.text or "" for text in item.iter(f"{_S}t")) for item in strings.iter(f"{_S}si")]
    sheets = sorted(name for name in names if name.startswith("xl/worksheets/sheet"))
    rows = (
        [_cell(cell, shared) for cell in row.iter(f"{_S}c")]
        for sheet in sheets
        for row in _member(content, sheet).iter(f"{_S}row")
    )
    return Parsed(_pairs([row for row in rows if any(row)]))


def _cell(cell: Any, shared: list[str]) -> str:
    inline = "".join(text.text or "" for text in cell.iter(f"{_S}t"))
    value = next((node.text or "" for node in cell.iter(f"{_S}v")), "")
    return shared[int(value)] if cell.get("t") == "s" and value else inline or value


def _member(content: bytes, name: str) -> Any:
    """One XML file of an archive; what unpacks to more than a document holds is refused."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if archive.getinfo(name).file_size > _MOST_UNPACKED:
            raise DocumentError("the file unpacks to more than 200 MB")
        # Not among the project's own packages: the emulator's interpreter has it.
        from defusedxml.ElementTree import fromstring

        return fromstring(archive.read(name))


def _archive(parser: Callable[[bytes], Parsed]) -> Callable[[bytes], Parsed]:
    """A parser whose file is broken where the archive, a member or its XML is."""

    def parsed(content: bytes) -> Parsed:
        try:
            return parser(content)
        except DocumentError:
            raise
        except (zipfile.BadZipFile, KeyError, IndexError, ParseError, ValueError, RuntimeError) as error:
            raise DocumentError(f"the file is no Office document that can be read: {error}") from error

    return parsed


class _TextOf(HTMLParser):
    _BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "section"})
    _HIDDEN = frozenset({"script", "style", "head", "template"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self._HIDDEN
        if tag in self._BLOCKS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in self._HIDDEN
        if tag in self._BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _html(content: bytes) -> Parsed:
    parser = _TextOf()
    parser.feed(_decoded(content))
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).splitlines())
    return Parsed("\n".join(line for line in lines if line))


def _csv(content: bytes) -> Parsed:
    return Parsed(_pairs(list(csv.reader(io.StringIO(_decoded(content))))))


def _pairs(rows: list[list[str]]) -> str:
    """Each row as `column: value` pairs, so that a chunk says what its numbers mean."""
    if not rows:
        return ""
    header, body = rows[0], rows[1:]
    return "\n".join("; ".join(f"{name}: {cell}" for name, cell in zip(header, row, strict=False)) for row in body)


def _text(content: bytes) -> Parsed:
    return Parsed(_decoded(content))


_PARSERS: dict[str, Callable[[bytes], Parsed]] = {
    **dict.fromkeys(_PLAIN, _text),
    **dict.fromkeys((".html", ".htm"), _html),
    ".csv": _csv,
    ".pdf": _pdf,
    ".docx": _archive(_docx),
    ".xlsx": _archive(_xlsx),
}
