"""A training file as a table: CSV with a header of question and answer, quoted line breaks and all."""

import csv
from collections.abc import Iterable, Iterator

from arbiter.file_form import QUOTE_REMEDY, delimiter_of, is_above_header, is_markdown_table, problem_of_form
from arbiter.jsonl import BOM, MAX_LINE_BYTES, LineError, encoding_remedy, lines, printable
from arbiter.training_data.reading.rows import BLANK, BYTE_ORDER_MARK, Row
from arbiter.training_data.reading.samples import PAIR_KEYS
from arbiter.training_data.text.rules import Fault
from arbiter.training_data.text.synonyms import likely_names

REQUIRED = ("question", "answer")
OPTIONAL = ("system", "document", "id")
HEADER_RULE = f"begin the file with the line {','.join((*REQUIRED, 'system', 'document'))} (the last two are optional)"
_DELIMITERS = (",", ";", "\t", "|")


class Table:
    """One pass over a CSV file; a row begins on the line after the one before ended."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._lines = lines(chunks)
        self._line = 0
        self._broken: LineError | None = None
        self._foreign: LineError | None = None
        """Why the whole file is no text."""
        self._faults: list[Fault] = []
        # The largest cell, as the largest line elsewhere; an unclosed quote takes in what follows up to here.
        csv.field_size_limit(MAX_LINE_BYTES)

    def rows(self) -> Iterator[Row]:
        """The rows below the header, each as a question with its answer."""
        texts = self._texts()
        header = next(texts, "")
        if self._foreign:
            yield self._bad(1, self._foreign)
            return
        while header and is_above_header(header):
            yield self._preamble(header)
            header = next(texts, "")
        if is_markdown_table(header):
            yield self._bad(self._line, LineError("begins a table of Markdown", _MARKDOWN_REMEDY, "csv_header"))
            return
        delimiter = _delimiter(header)
        names = [name.strip().lower() for name in _cells(header, delimiter)]
        yield self._header(header, names, delimiter)
        if not set(REQUIRED) <= set(names):
            return
        reader = csv.reader(texts, delimiter=delimiter, strict=True)
        while True:
            begin = self._line + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                # What is cut off at its longest, or no text, is what is wrong, and not the quotes that are lost by it.
                yield self._bad(begin, self._broken or LineError(f"is not CSV: {error}", QUOTE_REMEDY, "csv_row"))
                continue
            yield self._row(begin, cells, names)

    def _texts(self) -> Iterator[str]:
        for line in self._lines:
            self._line = line.number
            content = line.content
            if line.number == 1:
                self._foreign = problem_of_form(content)
            if line.number == 1 and content.startswith(BOM):
                content = content.removeprefix(BOM)
                self._faults.append(BYTE_ORDER_MARK)
            try:
                text = content.decode("utf-8")
            except UnicodeDecodeError as error:
                text = content.decode("utf-8", "replace")
                problem = f"is not UTF-8 text (byte {error.start + 1} of line {line.number})"
                self._broken = LineError(problem, encoding_remedy(content), "not_utf8")
            if line.too_long:
                problem = f"is longer than {MAX_LINE_BYTES:,} bytes"
                self._broken = LineError(problem, "split the sample into shorter ones", "line_too_long")
            yield text.removesuffix("\r") + "\n"

    def _preamble(self, text: str) -> Row:
        """A line above the header: a blank one, or the delimiter that Excel declares."""
        fault = BLANK if not text.strip() else ("unknown_keys", f"declares {printable(text.strip())}", BLANK[2])
        faults, self._faults = (*self._faults, fault), []
        return Row(self._line, holds=False, faults=faults)

    def _header(self, header: str, names: list[str], delimiter: str) -> Row:
        missing = [name for name in REQUIRED if name not in names]
        if self._broken:
            self._faults.append((self._broken.code, self._broken.problem, self._broken.remedy))
        if missing:
            problem = f"has no column {' and no column '.join(missing)}, but {_listed(names)}"
            self._faults.append(("csv_header", problem, _header_remedy(header)))
        if twice := sorted({name for name in names if names.count(name) > 1 and name in PAIR_KEYS}):
            self._faults.append(("csv_header", f"names the column {twice[0]} twice", "keep one of the two"))
        if delimiter != ",":
            problem = f"separates columns by {printable(delimiter)}"
            self._faults.append(("csv_delimiter", problem, "it is read so; commas are what every reader expects"))
        if not missing and (unknown := [name for name in names if name not in (*REQUIRED, *OPTIONAL)]):
            remedy = "they are left out of the training file"
            self._faults.append(("unknown_keys", f"has unknown columns: {_listed(unknown)}", remedy))
        faults, self._faults, self._broken = tuple(self._faults), [], None
        return Row(max(1, self._line), holds=False, faults=faults, readable=False)

    def _row(self, begin: int, cells: list[str], names: list[str]) -> Row:
        if self._broken:
            return self._bad(begin, self._broken)
        if not any(cell.strip() for cell in cells):
            return Row(begin, holds=False, faults=(BLANK,))
        if len(cells) != len(names):
            problem = f"has {len(cells)} columns; the header has {len(names)}"
            return self._bad(begin, LineError(problem, _COLUMNS_REMEDY, "csv_row"))
        record = dict(zip(names, cells, strict=True))
        kept = {key: record[key] for key in (*REQUIRED, *OPTIONAL) if key in record}
        return Row(begin, {key: text for key, text in kept.items() if key in REQUIRED or text.strip()})

    def _bad(self, line: int, error: LineError) -> Row:
        self._broken = None
        return Row(line, faults=((error.code, error.problem, error.remedy),), readable=False)


_MARKDOWN_REMEDY = "write its rows as CSV, without the line of dashes and the bars at both ends"
_COLUMNS_REMEDY = "put a cell that holds a comma or a line break in double quotes"


def csv_rows(chunks: Iterable[bytes]) -> Iterator[Row]:
    """The rows of a CSV file below its header, which is the first row yielded when it is doubtful."""
    return (row for row in Table(chunks).rows() if row.holds or row.faults)


def _delimiter(header: str) -> str:
    """The delimiter that splits the header best: one that finds both columns, or else that it has most of."""
    delimiters = [
        delimiter
        for delimiter in _DELIMITERS
        if set(REQUIRED) <= {c.strip().lower() for c in _cells(header, delimiter)}
    ]
    return delimiters[0] if delimiters else delimiter_of(header)


def _header_remedy(header: str) -> str:
    """The remedy for a file that begins with another line than a header."""
    if header.lstrip().startswith(("{", "[")):
        return "give JSON Lines a name that ends with .jsonl"
    if "\r" in header:
        return "end every line with a line feed: `tr '\\r' '\\n'`"
    for delimiter in _DELIMITERS:
        if names := likely_names([cell.strip() for cell in _cells(header, delimiter)]):
            return names.remedy
    return HEADER_RULE


def _cells(header: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return [header.strip()]


def _listed(names: list[str]) -> str:
    return ", ".join(printable(name) for name in names[:6]) if any(names) else "no columns at all"
