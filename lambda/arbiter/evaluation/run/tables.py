"""Questions in tables: rows of CSV as lines of JSON, and columns of an object as records."""

import ast
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from arbiter.evaluation.run.field_names import QUESTION_RANKS, plain
from arbiter.file_form import QUOTE_REMEDY, delimiter_of, from_header, is_markdown_table, problem_of_form, take_cells_of
from arbiter.jsonl import encoding_remedy, printable

COLUMNS = "a column named question"


def table_rows(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The rows of a CSV file as lines of JSON, empty cells left out; tags are separated by semicolons.

    Raises:
        ValueError: saying why it is no table.
    """
    above, text = from_header(_text(b"".join(chunks)))
    take_cells_of(text)
    header = text.split("\n", 1)[0]
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=delimiter_of(header), strict=True, skipinitialspace=True
    )
    try:
        names = reader.fieldnames or ()
    except csv.Error as error:
        raise ValueError(f"line {above + 1} is not CSV: {error}: {QUOTE_REMEDY}") from None
    _check(header, names)
    for row in _readable(reader, above):
        if None in row or None in row.values():
            line = above + reader.line_num
            raise ValueError(f"line {line} has another number of columns than the header: quote its commas")
        cells = {name.strip(): _cell(name, cell) for name, cell in row.items() if cell.strip()}
        if cells:
            yield json.dumps(cells).encode() + b"\n"


def _cell(name: str, text: str) -> str | list[str]:
    """The text of a cell, or the list that one stands for: tags, and what pandas writes of a list."""
    if text.startswith(("['", '["')) and text.endswith(("']", '"]')):  # Python quotes a text with an apostrophe doubly.
        with suppress(MemoryError, RecursionError, SyntaxError, ValueError):
            listed = ast.literal_eval(text)
            return listed if isinstance(listed, list) and all(isinstance(item, str) for item in listed) else text
    return [tag.strip() for tag in text.split(";")] if name.strip().lower() == "tags" else text


def _text(content: bytes) -> str:
    if foreign := problem_of_form(content):
        raise ValueError(f"the file {foreign.problem}: {foreign.remedy}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line} is not UTF-8 text: {encoding_remedy(content)}") from None


def _check(header: str, names: Sequence[str]) -> None:
    if is_markdown_table(header):
        raise ValueError("the file is a table of Markdown: write its rows as CSV, question,reference above them")
    if not any(plain(name) in QUESTION_RANKS for name in names):
        present = f"; it has {', '.join(printable(name) for name in names[:6])}" if names else ""
        raise ValueError(
            f"the table has no column for the question: give it {COLUMNS}, and one named reference{present}"
        )
    known = sorted(name.strip().lower() for name in names)
    if twice := [name for name, other in pairwise(known) if name == other and name]:
        raise ValueError(f"the table names the column {printable(twice[0])} twice: keep one of the two")


def _readable(reader: "csv.DictReader[str]", above: int) -> Iterator[dict[str | Any, str | Any]]:
    while True:
        ended = above + reader.line_num
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise ValueError(f"line {ended + 1} is not CSV: {error}: {QUOTE_REMEDY}") from None
        if row is None:
            return
        yield row


def columns_of(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The records of an object that holds them by columns, as data frames and datasets are written; else `None`."""
    value = _split(value) or value
    columns = {name: cells for name, column in value.items() if (cells := _cells(column))}
    asked = next((cells for name, cells in columns.items() if plain(name) in QUESTION_RANKS), None)
    if asked is None or not all(isinstance(cell, str) for cell in asked) or len(value) < 2:
        return None
    if len(columns) < len(value) or any(len(cells) != len(asked) for cells in columns.values()):
        return None
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _split(value: Mapping[str, Any]) -> dict[str, list[Any]] | None:
    """The columns of an object with their names apart from the rows, as pandas writes with `orient="split"`."""
    names, rows = value.get("columns"), value.get("data")
    if not (isinstance(names, list) and isinstance(rows, list) and value.keys() <= {"columns", "data", "index"}):
        return None
    if not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        return None
    return {str(name): [row[number] for row in rows] for number, name in enumerate(names)}


def _cells(column: Any) -> list[Any] | None:
    """The cells of a list, or of an object whose names are the numbers of rows."""
    if isinstance(column, list):
        return column
    numbered = isinstance(column, dict) and all(name.isdigit() for name in column)
    return list(column.values()) if numbered else None
