"""The texts that the pages of a PDF show: what its content streams write, in the characters that its fonts name.

ISO 32000-1, 9.4 (text operators) and 9.10.3 (ToUnicode). No page is laid out: which font a string is written in is not
looked up, so each string is read as Latin-1 and by each table of characters that the file has.
"""

import base64
import re
import zlib
from collections.abc import Iterator

MOST_TABLES = 40
"""Fonts whose table of characters is tried; further ones of a file are out of reach."""
_STREAM = re.compile(rb"<<((?:(?!stream|endobj).){0,4000}?)>>\s*stream\r?\n", re.DOTALL)
_ENCRYPTED = re.compile(rb"/Encrypt\s+\d+\s+\d+\s+R|/Encrypt\s*<<")
_UNREAD = re.compile(rb"/(?:LZWDecode|LZW|RunLengthDecode|RL|Crypt|DecodeParms|DP)\b")
_PICTURE = re.compile(rb"/(?:DCTDecode|DCT|JPXDecode|JBIG2Decode|CCITTFaxDecode|CCF)\b|/Subtype\s*/Image\b|/Length1\b")
_TEXT = re.compile(rb"\bBT\b")
_SHOWN = re.compile(
    rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)|<[0-9A-Fa-f\s]*>|-?\d+\.?\d*|\bT[dDm*J]|\bTj|\bET\b|['\"]", re.DOTALL
)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_LINE = frozenset({b"Td", b"TD", b"Tm", b"T*", b"ET", b"'", b'"'})
_SPACE = -180.0
"""Thousandths of the type size: a shift to the right by more is a space, by less the kerning of a pair."""
_PAIRS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[(.*?)\])", re.DOTALL)
_MOST_CODES = 65_536

Table = dict[int, str]


def texts_of(content: bytes, most: int) -> Iterator[str]:
    """The text of each content stream, once in each reading; at most so many bytes are unpacked.

    Raises:
        ValueError: the file is encrypted, packed in a way that is not read, or unpacks to more.
    """
    if _ENCRYPTED.search(content):
        raise ValueError("it is encrypted")
    shown, tables, left, unread = list[bytes](), list[tuple[int, Table]](), most, False
    for head, packed in _streams(content):
        stream = _unpacked(head, packed, left)
        unread = unread or stream is None
        left -= len(stream or b"")
        if stream and b"beginbf" in stream:
            table = _table(stream)
            tables += [table] if table not in tables else []
        elif stream and _TEXT.search(stream):
            shown.append(stream)
    for stream in shown:
        strings = list(_strings(stream))
        yield "".join(one if isinstance(one, str) else one.decode("latin-1") for one in strings)
        for width, characters in tables[:MOST_TABLES]:
            yield "".join(one if isinstance(one, str) else _mapped(one, width, characters) for one in strings)
    if unread or left < 0 or len(tables) > MOST_TABLES:
        raise ValueError("some of it is packed in a way that is not read")


def _streams(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The dictionary of each stream that may hold text, and its bytes."""
    for match in _STREAM.finditer(content):
        end = content.find(b"endstream", match.end())
        if not _PICTURE.search(match[1]):
            yield match[1], content[match.end() : end if end >= 0 else len(content)]


def _unpacked(head: bytes, packed: bytes, most: int) -> bytes | None:
    """A stream as it was before it was packed; `None` where that is not known here, or more than there may be."""
    if b"/ObjStm" in head or b"/XRef" in head:
        return b""  # No page's content, nor a font's table, stands in these.
    if _UNREAD.search(head) or most <= 0:
        return None
    try:
        if re.search(rb"/(?:ASCII85Decode|A85)\b", head):
            packed = base64.a85decode(packed.strip().removesuffix(b"~>"))
        if re.search(rb"/(?:ASCIIHexDecode|AHx)\b", head):
            packed = bytes.fromhex(packed.split(b">")[0].decode("ascii"))
        if re.search(rb"/(?:FlateDecode|Fl)\b", head):
            unpacking = zlib.decompressobj()
            packed = unpacking.decompress(packed, most)
            return None if unpacking.unconsumed_tail else packed
    except (ValueError, zlib.error):
        return None
    return packed


def _strings(stream: bytes) -> Iterator[bytes | str]:
    """The strings that a content stream shows, with breaks and spaces between them."""
    for token in _SHOWN.findall(stream):
        if token[:1] == b"(":
            yield _ESCAPE.sub(_character, token[1:-1])
        elif token[:1] == b"<":
            yield _bytes(token[1:-1])
        elif token in _LINE:
            yield "\n"
        elif token[:1] == b"-" and float(token) < _SPACE:
            yield " "


def _character(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8) & 255]) if code[:1].isdigit() and code[:1] < b"8" else _ESCAPED.get(code, code)


def _bytes(digits: bytes) -> bytes:
    """The bytes of a string in hexadecimal; a digit that lacks its second stands before a 0."""
    compact = b"".join(digits.split())
    return bytes.fromhex((compact + b"0" * (len(compact) % 2)).decode("ascii"))


def _table(stream: bytes) -> tuple[int, Table]:
    """The characters that a font's codes stand for, and how many bytes a code has."""
    table, width = Table(), 1
    for part in _PAIRS.findall(stream):
        codes = _HEX.findall(part)
        for code, characters in zip(codes[::2], codes[1::2], strict=False):
            width = max(width, len(_bytes(code)))
            table[int.from_bytes(_bytes(code))] = _utf16(_bytes(characters))
    for part in _RANGES.findall(stream):
        for low, high, first, listed in _RANGE.findall(part):
            width = max(width, len(_bytes(low)))
            begin, count = int(low, 16), min(_MOST_CODES, int(high, 16) - int(low, 16) + 1)
            texts = [_utf16(_bytes(one)) for one in _HEX.findall(listed)] or _following(_bytes(first), count)
            table.update(zip(range(begin, begin + count), texts, strict=False))
    return width, table


def _following(first: bytes, count: int) -> Iterator[str]:
    """The characters from one on: the last two bytes of it are counted."""
    for step in range(count):
        yield _utf16(first[:-2] + ((int.from_bytes(first[-2:]) + step) & 0xFFFF).to_bytes(2))


def _utf16(characters: bytes) -> str:
    return characters.decode("utf-16-be", errors="replace")


def _mapped(codes: bytes, width: int, table: Table) -> str:
    return "".join(table.get(int.from_bytes(codes[place : place + width]), "") for place in range(0, len(codes), width))
