"""A training file as a stream of rows: numbered JSON values, each with what is wrong about how it is written."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from arbiter.file_form import problem_of_form
from arbiter.jsonl import BOM, Line, LineError, lines, parse
from arbiter.training_data.text.rules import Fault

BLANK: Fault = ("blank_line", "is blank", "it is left out")
BYTE_ORDER_MARK: Fault = ("byte_order_mark", "starts with a byte order mark", "it is left out")


@dataclass(frozen=True)
class Row:
    """One line of JSON, or one row of a table."""

    line: int
    value: Any = None
    content: bytes | None = None
    """The line as it was written; `None` for a row of a table."""
    holds: bool = True
    """Whether there is anything in it; what is broken counts as well."""
    faults: tuple[Fault, ...] = ()
    readable: bool = True
    windows: bool = False
    """Whether it ended with a carriage return."""


Rows = Callable[[Iterable[bytes]], Iterator[Row]]


def unreadable(line: int, error: LineError, content: bytes | None = None) -> Row:
    """A row without a value, and the reason."""
    return Row(line, content=content, faults=((error.code, error.problem, error.remedy),), readable=False)


def json_rows(chunks: Iterable[bytes]) -> Iterator[Row]:
    """The lines of a JSONL file."""
    for line in lines(chunks):
        content = line.content.removesuffix(b"\r")
        windows = content != line.content
        faults: tuple[Fault, ...] = ()
        if line.number == 1 and content.startswith(BOM):
            content, faults = content.removeprefix(BOM), (BYTE_ORDER_MARK,)
        elif line.number == 1 and (error := problem_of_form(content)):
            yield unreadable(line.number, error)
            return
        row = _row(Line(line.number, content, line.too_long), windows, faults)
        yield row
        if line.number == 1 and any(code == "not_json_lines" for code, _, _ in row.faults):
            return  # One command makes lines of it; what the others lack says nothing.


def _row(line: Line, windows: bool, faults: tuple[Fault, ...]) -> Row:
    if not line.content.strip():
        return Row(line.number, holds=False, faults=(*faults, BLANK), windows=windows)
    try:
        value = parse(line)
    except LineError as error:
        all_faults = (*faults, (error.code, error.problem, error.remedy))
        return Row(line.number, content=line.content, faults=all_faults, readable=False, windows=windows)
    return Row(line.number, value, line.content, faults=faults, windows=windows)
