"""Parsers: the text of a document by its format, as Bedrock's default parser takes it out."""

import csv
import io
import sys
from collections.abc import Callable
from pathlib import PurePosixPath

from local.emulator.knowledge.reading import markup, office
from local.emulator.knowledge.reading.parsed import DocumentError, Parsed, pairs

_PLAIN = (".txt", ".md")
_OLD = (".doc", ".xls")


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
    kind, parser = _PARSERS[suffix]
    try:
        parsed = parser(content)
    except (DocumentError, ImportError):
        raise
    # Parsers raise errors of many kinds at a damaged file, and it is to fail by itself, not the whole ingestion.
    except Exception as error:
        raise DocumentError(f"the file is no {kind} that can be read: {error}") from error
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
    from pypdf.errors import FileNotDecryptedError

    try:
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    except FileNotDecryptedError:
        raise DocumentError("the file is protected by a password") from None
    text, begins = "", list[int]()
    for page in pages:
        begins.append(len(text))
        text += f"{page}\n\n"
    return Parsed(text, tuple(begins))


def _html(content: bytes) -> Parsed:
    return Parsed(markup.text_of(_decoded(content)))


def _csv(content: bytes) -> Parsed:
    csv.field_size_limit(sys.maxsize)  # A cell may be as long as its document; the module stops at 128 KB.
    text = _decoded(content)
    # Spreadsheets of half the world part cells by semicolons.
    delimiter = max(",;\t|", key=text.partition("\n")[0].count)
    rows = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter)
    return Parsed(pairs(list(rows)))


def _text(content: bytes) -> Parsed:
    return Parsed(_decoded(content))


_PARSERS: dict[str, tuple[str, Callable[[bytes], Parsed]]] = {
    **dict.fromkeys(_PLAIN, ("text", _text)),
    **dict.fromkeys((".html", ".htm"), ("HTML", _html)),
    ".csv": ("CSV", _csv),
    ".pdf": ("PDF", _pdf),
    ".docx": ("Office document", office.word),
    ".xlsx": ("Office document", office.excel),
}
