"""The text that a parser makes of a document, or the reason that it has none."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest


class DocumentError(ValueError):
    """A document that cannot be indexed; the message is its failure reason."""


@dataclass(frozen=True)
class Parsed:
    """The text of a document."""

    text: str
    pages: tuple[int, ...] = ()
    """Where each page begins in the text; none in a document without pages."""


def pairs(rows: Sequence[Sequence[str]]) -> str:
    """Each row of a table as `column: value` pairs, so that a chunk says what its numbers mean.

    The first row that holds anything names the columns; it is the text where no other follows.
    """
    header, *body = [row for row in rows if any(cell.strip() for cell in row)] or [[]]
    return "\n".join(_line(header, row) for row in body) if body else "; ".join(header)


def _line(header: Sequence[str], row: Sequence[str]) -> str:
    """The cells of a row that are not empty; one beyond the header has no name."""
    cells = (_pair(column, value) for column, value in zip_longest(header, row, fillvalue=""))
    return "; ".join(filter(None, cells))


def _pair(column: str, value: str) -> str:
    return f"{column}: {value}" if column and value else value
