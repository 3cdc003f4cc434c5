"""The texts that the pages of a PDF show: what its content streams write, in the characters that its fonts name.

ISO 32000-1, 9.4 (text operators). No page is laid out: which font a string is written in is not looked up, so each
string is read as Latin-1 and by each table of characters that the file has.
"""

import re
from collections.abc import Iterator
from itertools import islice

from cli.sync.texts.characters import Fonts, bytes_of
from cli.sync.texts.streams import Streams

MOST_TRIED = 10_000_000
"""Characters of a file that are read, each as often as there are tables: some seconds of work."""
_STRING_COST = 4
"""Characters of it for each string, however short."""
_ENCRYPTED = re.compile(rb"/Encrypt\s+\d+\s+\d+\s+R|/Encrypt\s*<<")
_TEXT = re.compile(rb"\bBT\b")
# A string without its end is taken as far as it goes: looking for it again from each of its brackets would never end.
_SHOWN = re.compile(
    rb"\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.)*+\))*+\)?|<[0-9A-Fa-f\s]*+>|-\d{3,9}|\bT[dDm*]|\bET\b|['\"]", re.DOTALL
)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_SPACE = -180
"""Thousandths of the type size: a shift to the right by more is a space, by less the kerning of a pair."""


def texts_of(content: bytes, most: int) -> Iterator[str]:
    """The text of each content stream, once in each reading; at most so many bytes are unpacked.

    Raises:
        ValueError: the file is encrypted, packed in a way that is not read, or more than is unpacked or tried.
    """
    if _ENCRYPTED.search(content):
        raise ValueError("it is encrypted")
    streams, fonts, shown, left = Streams(content, most), Fonts(), list[bytes](), MOST_TRIED
    for stream in streams:
        if b"beginbf" in stream:
            fonts.learn(stream)
        elif _TEXT.search(stream):
            shown.append(stream)
    readers = (_latin, *(table.read for table in fonts.tables))
    for stream in shown:
        strings = list(islice(_strings(stream), left // _STRING_COST + 1))
        size = _STRING_COST * len(strings) + sum(map(len, strings))
        texts = set[str]()
        for read in readers:
            left -= size
            if left < 0:
                raise ValueError("it holds more than is tried")
            text = "".join([one if isinstance(one, str) else read(one) for one in strings])
            if text not in texts:
                texts.add(text)
                yield text
    if streams.unread or fonts.unread:
        raise ValueError("some of it is packed in a way that is not read")


def _latin(codes: bytes) -> str:
    return codes.decode("latin-1")


def _strings(stream: bytes) -> Iterator[bytes | str]:
    """The strings that a content stream shows, with breaks and spaces between them."""
    for match in _SHOWN.finditer(stream):
        token = match[0]
        if token[:1] == b"(":
            yield _ESCAPE.sub(_character, token[1:].removesuffix(b")"))
        elif token[:1] == b"<":
            yield bytes_of(token[1:-1])
        elif token[:1] != b"-":
            yield "\n"
        elif int(token) < _SPACE:
            yield " "


def _character(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8) & 255]) if code[:1].isdigit() and code[:1] < b"8" else _ESCAPED.get(code, code)
