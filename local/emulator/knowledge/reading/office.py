"""The text of Word and Excel documents (ECMA-376, parts 17 and 18)."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from local.emulator.knowledge.reading.parsed import DocumentError, Parsed, pairs

_MOST_UNPACKED = 200 * 1024 * 1024
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REMOVED = frozenset(
    {f"{_W}del", f"{_W}moveFrom", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)
"""Text that a tracked change took away, and a drawing's second form for old programs."""
_BREAKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n"}
_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_DATES = frozenset({*range(14, 23), *range(45, 48)})
"""Number formats of Excel's own that show a date or a time (18.8.30)."""
_LETTERS = re.compile("[A-Z]")
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a cell has no time zone
_LAST_DAY = 2_958_465
"""9999-12-31."""


def word(content: bytes) -> Parsed:
    """The paragraphs of a Word document as they read once its tracked changes are taken."""
    lines = "".join(_runs(_member(content, "word/document.xml"))).split("\n")
    return Parsed("\n".join(line for line in lines if line.strip()))


def _runs(node: Any) -> Iterator[str]:
    for child in node:
        if child.tag in _REMOVED:
            continue
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag == f"{_W}p":
            yield "\n"
            yield from _runs(child)
            yield "\n"
        else:
            yield from _runs(child)


def excel(content: bytes) -> Parsed:
    """Every sheet as `column: value` pairs, as a CSV file is; of a formula its result, of a date its day."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
    shared = list[str]()
    if "xl/sharedStrings.xml" in names:
        strings = _member(content, "xl/sharedStrings.xml")
        shared = ["".join(text.text or "" for text in item.iter(f"{_S}t")) for item in strings.iter(f"{_S}si")]
    dated = _dated(_member(content, "xl/styles.xml")) if "xl/styles.xml" in names else set()
    sheets = sorted((int(match[1]), name) for name in names if (match := _SHEET.fullmatch(name)))
    tables = ([_row(row, shared, dated) for row in _member(content, sheet).iter(f"{_S}row")] for _, sheet in sheets)
    return Parsed("\n".join(filter(None, map(pairs, tables))))


def _dated(styles: Any) -> set[str]:
    """The styles of cells that show a date or a time."""
    own = {each.get("numFmtId"): _LITERAL.sub("", each.get("formatCode", "")) for each in styles.iter(f"{_S}numFmt")}
    dates = {*map(str, _DATES), *(number for number, code in own.items() if re.search("[dmyhs]", code, re.IGNORECASE))}
    formats = styles.find(f"{_S}cellXfs")
    return {str(at) for at, each in enumerate(formats if formats is not None else ()) if each.get("numFmtId") in dates}


def _row(row: Any, shared: Sequence[str], dated: set[str]) -> list[str]:
    """The cells of a row, each in its column: a file leaves out those that are empty."""
    cells = list[str]()
    for cell in row.iter(f"{_S}c"):
        column = _column(cell.get("r", "")) or len(cells) + 1
        cells += [""] * (column - 1 - len(cells))
        cells.append(_cell(cell, shared, dated))
    return cells


def _column(reference: str) -> int:
    """The number of a cell's column, from 1; 0 where the cell does not name it. At most `XFD`, 16,384 (18.18.7)."""
    number = 0
    for letter in _LETTERS.findall(reference[:3]):
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _cell(cell: Any, shared: Sequence[str], dated: set[str]) -> str:
    inline = "".join(text.text or "" for text in cell.iter(f"{_S}t"))
    value = next((node.text or "" for node in cell.iter(f"{_S}v")), "")
    kind = cell.get("t", "n")
    if kind == "s" and value:
        return shared[int(value)]
    if kind == "b" and value:
        return "true" if value == "1" else "false"
    if kind == "n" and value and cell.get("s") in dated:
        return _date(float(value)) or value
    return inline or value


def _date(days: float) -> str | None:
    """The day, and the time where there is one, of a number of days since 1899-12-30 (18.17.4.1)."""
    if not 0 <= days <= _LAST_DAY:
        return None
    moment = _EPOCH + timedelta(seconds=round(days * 86_400))
    shown = moment.time().isoformat() if days < 1 else moment.isoformat(sep=" ")
    return shown.removesuffix(" 00:00:00")


def _member(content: bytes, name: str) -> Any:
    """One XML file of an archive; what unpacks to more than a document holds is refused."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if archive.getinfo(name).file_size > _MOST_UNPACKED:
            raise DocumentError("the file unpacks to more than 200 MB")
        # Not among the project's own packages: the emulator's interpreter has it.
        from defusedxml.ElementTree import fromstring

        return fromstring(archive.read(name))
