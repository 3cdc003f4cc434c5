"""The texts in a document of each type, or that nobody here can read it."""

import codecs
import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator

from cli.sync.texts.pdf import texts_of

MOST_UNPACKED = 64 * 1024 * 1024
"""Bytes of an archive's files: what unpacks to more is not searched."""
_BOUNDED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Methods that `zipfile` unpacks no further than it is asked to; of the others it unpacks all at once."""
_PART = re.compile(r"(?:word|xl|docProps|customXml)/.*\.(?:xml|rels)$")
_BREAK = re.compile(r"</(?:w:p|w:tr|si|c|row|p|div|li|td|th|tr|h[1-6])>|<(?:w:br|br)\b[^<>]*>|<w:tab/>")
_TAG = re.compile(r"<[^<>]*>")
_LATIN = re.compile(rb"[\x20-\x7e\t\r\n]{8,}")
_WIDE = re.compile(rb"(?:[\x20-\x7e\t\r\n]\x00){8,}+")


class UnreadableError(ValueError):
    """A document whose text is out of reach: encrypted, damaged, or larger than is searched."""


def texts_in(kind: str, content: bytes, most: int = MOST_UNPACKED) -> Iterator[str]:
    """The texts of a document by its suffix, `.pdf` for instance; none where it holds nothing but pictures.

    At most so many bytes are unpacked.

    Raises:
        UnreadableError: some of its text is out of reach.
    """
    try:
        yield from _READERS[kind](content, most)
    except UnreadableError:
        raise
    # Files come from anywhere: whatever one does to its reader (zlib, lzma, zipfile and html raise errors of their own)
    # is told of this file, and the others are still looked at.
    except Exception as error:
        raise UnreadableError(str(error)) from error


def plain(markup: str) -> str:
    """The text of HTML or XML: words that tags part are whole again, blocks and cells stand apart."""
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", markup)))


def _html(content: bytes, _: int) -> Iterator[str]:
    yield plain(content.decode(errors="replace"))


def _office(content: bytes, most: int) -> Iterator[str]:
    """Every part of an Office document: body, headers, notes, comments, cells, properties, addresses of links."""
    left, unread = most, False
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in archive.infolist():
            if not _PART.match(part.filename):
                continue
            if part.compress_type not in _BOUNDED:
                unread = True
                continue
            with archive.open(part) as file:
                markup = file.read(left + 1)
            left -= len(markup)
            if left < 0:
                raise UnreadableError("it unpacks to more than is searched")
            text = markup.decode(_encoding(markup), errors="replace")
            unread = unread or "\ufffd" in text
            # An address of a link is an attribute.
            yield html.unescape(text) if part.filename.endswith(".rels") else plain(text)
    if unread:
        raise UnreadableError("some of it is packed or encoded in a way that is not read")


def _encoding(markup: bytes) -> str:
    """The encoding of an XML file by its first bytes (XML 1.0, appendix F), as far as Office files may have it."""
    if markup.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(markup[:2], "utf-8-sig")


def _old_office(content: bytes, _: int) -> Iterator[str]:
    """The runs of letters in a binary document, which keeps its text in pieces of one or two bytes a letter."""
    yield "\n".join(run.decode("ascii") for run in _LATIN.findall(content))
    yield "\n".join(run.decode("utf-16-le") for run in _WIDE.findall(content))


_READERS: dict[str, Callable[[bytes, int], Iterator[str]]] = {
    ".html": _html,
    ".docx": _office,
    ".xlsx": _office,
    ".doc": _old_office,
    ".xls": _old_office,
    ".pdf": texts_of,
}
