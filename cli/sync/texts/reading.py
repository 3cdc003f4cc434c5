"""The texts in a document of each type, or that nobody here can read it."""

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator

from cli.sync.texts.pdf import texts_of as _pdf

MOST_UNPACKED = 64 * 1024 * 1024
"""Bytes of an archive's files: what unpacks to more is not searched."""
_PART = re.compile(r"(?:word|xl|docProps|customXml)/.*\.(?:xml|rels)$")
_BREAK = re.compile(r"</(?:w:p|w:tr|si|c|row|p|div|li|td|th|tr|h[1-6])>|<(?:w:br|br)\b[^>]*>|<w:tab/>")
_TAG = re.compile(r"<[^>]*>")
_LATIN = re.compile(rb"[\x20-\x7e\t\r\n]{8,}")
_WIDE = re.compile(rb"(?:[\x20-\x7e\t\r\n]\x00){8,}")


class UnreadableError(ValueError):
    """A document whose text is out of reach: encrypted, damaged, or larger than is searched."""


def texts_in(kind: str, content: bytes, most: int = MOST_UNPACKED) -> Iterator[str]:
    """The texts of a document by its suffix, `.pdf` for instance; none where it holds nothing but pictures.

    At most so many bytes are unpacked.

    Raises:
        UnreadableError: some of its text is out of reach.
    """
    return _READERS[kind](content, most)


def plain(markup: str) -> str:
    """The text of HTML or XML: words that tags part are whole again, blocks and cells stand apart."""
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", markup)))


def _html(content: bytes, _: int) -> Iterator[str]:
    yield plain(content.decode(errors="replace"))


def _office(content: bytes, most: int) -> Iterator[str]:
    """Every part of an Office document: body, headers, notes, comments, cells, properties, addresses of links."""
    left = most
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in filter(_PART.match, archive.namelist()):
                with archive.open(part) as file:
                    markup = file.read(left + 1)
                left -= len(markup)
                if left < 0:
                    raise UnreadableError(part)
                text = markup.decode(errors="replace")
                # An address of a link is an attribute.
                yield html.unescape(text) if part.endswith(".rels") else plain(text)
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, EOFError, ValueError) as error:
        raise UnreadableError(str(error)) from error


def _old_office(content: bytes, _: int) -> Iterator[str]:
    """The runs of letters in a binary document, which keeps its text in pieces of one or two bytes a letter."""
    yield "\n".join(run.decode("ascii") for run in _LATIN.findall(content))
    yield "\n".join(run.decode("utf-16-le") for run in _WIDE.findall(content))


def _pages(content: bytes, most: int) -> Iterator[str]:
    try:
        yield from _pdf(content, most)
    except ValueError as error:
        raise UnreadableError(str(error)) from error


_READERS: dict[str, Callable[[bytes, int], Iterator[str]]] = {
    ".html": _html,
    ".docx": _office,
    ".xlsx": _office,
    ".doc": _old_office,
    ".xls": _old_office,
    ".pdf": _pages,
}
