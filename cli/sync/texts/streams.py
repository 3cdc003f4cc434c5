"""The streams of a PDF that may hold text, as they were before they were packed (ISO 32000-1, 7.3.8 and 7.4)."""

import base64
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_MARK = re.compile(rb"endstream|stream\r?\n")
_OBJECT = re.compile(rb".*\d\s+obj\b", re.DOTALL)
_UNREAD = re.compile(rb"/(?:LZWDecode|LZW|RunLengthDecode|RL|Crypt|DecodeParms|DP)\b")
_PICTURE = re.compile(rb"/(?:DCTDecode|DCT|JPXDecode|JBIG2Decode|CCITTFaxDecode|CCF)\b|/Subtype\s*/Image\b|/Length1\b")
_DEFLATED = re.compile(rb"/(?:FlateDecode|Fl)\b")
_ASCII85 = re.compile(rb"/(?:ASCII85Decode|A85)\b")
_HEXADECIMAL = re.compile(rb"/(?:ASCIIHexDecode|AHx)\b")
_DEFLATE_RATIO = 1_032
"""Bytes that one of deflate unpacks to at most (zlib, technical details)."""
_STREAM_COST = 256
"""Bytes of the budget for each stream, however short."""
_ASCII85_COST = 16
"""Bytes of the budget for one that Python itself, not C, decodes."""


@dataclass
class Streams:
    """Unpacks the streams of one file, one after another, to so many bytes in all."""

    content: bytes
    left: int
    unread: bool = False
    """Whether a stream is packed in a way that is not read, is damaged, or is beyond the bytes there may be."""

    def __iter__(self) -> Iterator[bytes]:
        for head, packed in self._packed():
            self.left -= _STREAM_COST
            # No page's content, nor a font's table, stands in these.
            if b"/ObjStm" in head or b"/XRef" in head or _PICTURE.search(head):
                continue
            stream = None if _UNREAD.search(head) else self._unpacked(head, packed)
            self.unread = self.unread or stream is None
            if self.left < 0:
                return
            if stream:
                yield stream

    def _packed(self) -> Iterator[tuple[bytes, bytes]]:
        """The dictionary of each stream and its bytes; no byte of the file is in two of them."""
        head, begin, last = None, 0, 0
        for mark in _MARK.finditer(self.content):
            before = self.content[last : mark.start()].rstrip()
            last = mark.end()
            ends = mark[0] == b"endstream"
            if not ends and not before.endswith(b">>"):
                continue
            if head is not None:
                yield head, self.content[begin : mark.start()]
            object_ = _OBJECT.match(before)
            head, begin = None if ends else before[object_.end() if object_ else 0 :], last
        if head is not None:
            yield head, self.content[begin:]

    def _unpacked(self, head: bytes, packed: bytes) -> bytes | None:
        """A stream as it was before it was packed; `None` where that is not known here, or more than there may be."""
        try:
            if _ASCII85.search(head):
                self.left -= _ASCII85_COST * len(packed)
                packed = base64.a85decode(packed.strip().removesuffix(b"~>")) if self.left >= 0 else b""
            if _HEXADECIMAL.search(head):
                packed = bytes.fromhex(packed.partition(b">")[0].decode("ascii"))
            if _DEFLATED.search(head) and self.left >= 0:
                packed = zlib.decompressobj().decompress(packed, self.left + 1)
        except (ValueError, zlib.error):
            self.left -= _DEFLATE_RATIO * len(packed)  # It may have been unpacked as far as its last byte.
            return None
        self.left -= len(packed)
        return packed if self.left >= 0 else None
