"""The characters that the fonts of a PDF name for their codes (ISO 32000-1, 9.10.3: ToUnicode)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MOST_TABLES = 40
"""Tables that are tried; further ones of a file, unless they agree with one of these, are out of reach."""
MOST_CODES = 4 * 65_536
"""Codes that the fonts of a file may name: four times all there are of two bytes."""
_MOST_BYTES = 16
"""Bytes of the characters for one code: a ligature has few."""
_HEX = re.compile(rb"<([0-9A-Fa-f\s]*+)>")
_RANGE = re.compile(
    rb"<([0-9A-Fa-f]++)>\s*+<([0-9A-Fa-f]++)>\s*+(?:<([0-9A-Fa-f]++)>|\[([^\[\]]*+)\])",
)


def bytes_of(digits: bytes) -> bytes:
    """The bytes of a string in hexadecimal; a digit that lacks its second stands before a 0."""
    compact = b"".join(digits.split())
    return bytes.fromhex((compact + b"0" * (len(compact) % 2)).decode("ascii"))


@dataclass(frozen=True)
class Table:
    """Characters by code; a code has `width` bytes."""

    width: int
    characters: dict[int, str]

    def agrees(self, other: "Table") -> bool:
        """Whether a string in a font of either reads the same by the codes that both have."""
        return self.width == other.width and all(
            self.characters.get(code, text) == text for code, text in other.characters.items()
        )

    def read(self, codes: bytes) -> str:
        numbers: Iterable[int] = codes
        if self.width > 1:
            numbers = (int.from_bytes(codes[at : at + self.width]) for at in range(0, len(codes), self.width))
        get = self.characters.get
        return "".join([get(number, "") for number in numbers])


@dataclass
class Fonts:
    """The tables of one file; those that agree are one, as each string in their fonts reads the same by it."""

    tables: list[Table] = field(default_factory=list)
    unread: bool = False
    """Whether there are more tables, more codes or longer texts for a code than are read."""
    _left: int = MOST_CODES

    def learn(self, stream: bytes) -> None:
        """Read one font's table."""
        width, characters = 1, dict[int, str]()
        for low, count, texts in _entries(stream):
            self._left -= count
            if self._left < 0:
                self.unread = True
                break
            width = max(width, len(low))
            begin = int.from_bytes(low)
            characters.update(zip(range(begin, begin + count), map(self._text, texts), strict=False))
        self._add(Table(width, characters))

    def _add(self, table: Table) -> None:
        if not table.characters:
            return
        for known in self.tables:
            if known.agrees(table):
                known.characters.update(table.characters)
                return
        if len(self.tables) < MOST_TABLES:
            self.tables.append(table)
        else:
            self._left, self.unread = 0, True

    def _text(self, characters: bytes) -> str:
        self.unread = self.unread or len(characters) > _MOST_BYTES
        return characters[:_MOST_BYTES].decode("utf-16-be", errors="replace")


def _entries(stream: bytes) -> Iterator[tuple[bytes, int, Iterable[bytes]]]:
    """A first code, how many follow with it, and the characters of each."""
    for part in _blocks(stream, b"bfchar"):
        codes = _HEX.findall(part)
        for code, characters in zip(codes[::2], codes[1::2], strict=False):
            yield bytes_of(code), 1, [bytes_of(characters)]
    for part in _blocks(stream, b"bfrange"):
        for low, high, first, listed in _RANGE.findall(part):
            count = max(0, int(high, 16) - int(low, 16) + 1)
            texts = [bytes_of(one) for one in _HEX.findall(listed)]
            yield bytes_of(low), len(texts) or count, texts or _following(bytes_of(first)[: _MOST_BYTES + 1], count)


def _blocks(stream: bytes, kind: bytes) -> Iterator[bytes]:
    """Blocks between `begin` and `end` of a kind; a block without its end ends with the next."""
    for part in stream.split(b"begin" + kind)[1:]:
        yield part.partition(b"end" + kind)[0]


def _following(first: bytes, count: int) -> Iterator[bytes]:
    """The characters from one on: the last two bytes of it are counted."""
    for step in range(count):
        yield first[:-2] + ((int.from_bytes(first[-2:]) + step) & 0xFFFF).to_bytes(2)
