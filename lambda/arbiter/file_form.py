"""The kind of a file by its first bytes, where it is none of lines of UTF-8 text, and of a table by its first lines."""

import csv
import re

from arbiter.jsonl import MAX_LINE_BYTES, LineError

QUOTE_REMEDY = 'close every quote, and write a quote inside a cell twice ("")'
_ABOVE = re.compile(r"\s*(?:sep=.)?\s*", re.IGNORECASE)
_MARKDOWN = re.compile(r"\s*\|.*\|\s*")
_COMPRESSED = "it is compressed"
_WORKBOOK = "it is a workbook or an archive"
_AS_CSV = 'in Excel save it as "CSV UTF-8", or unpack the archive'
_AS_LINES = "export its rows as JSON Lines, or as CSV in UTF-8"
_FORMS = (
    (b"\x1f\x8b", f"{_COMPRESSED} (gzip)", "unpack it with `gunzip`"),
    (b"BZh", f"{_COMPRESSED} (bzip2)", "unpack it with `bunzip2`"),
    (b"\xfd7zXZ", f"{_COMPRESSED} (xz)", "unpack it with `unxz`"),
    (b"\x28\xb5\x2f\xfd", f"{_COMPRESSED} (Zstandard)", "unpack it with `unzstd`"),
    (b"PK\x03\x04", f"{_WORKBOOK} (ZIP)", _AS_CSV),
    (b"\xd0\xcf\x11\xe0", f"{_WORKBOOK} (Office 97)", _AS_CSV),
    (b"PAR1", "it is a Parquet file", _AS_LINES),
    (b"ARROW1", "it is an Arrow file", _AS_LINES),
    (b"SQLite format 3", "it is a database (SQLite)", _AS_LINES),
    (b"version https://git-lfs", "it is a pointer of Git LFS, not the file", "get the file with `git lfs pull`"),
    (b"{\\rtf", "it is RTF", "save it as plain text (UTF-8)"),
    (b"%PDF-", "it is a PDF", "write its questions and answers as JSON Lines, or as CSV in UTF-8"),
    (b"\xff\xfe\0\0", "it is UTF-32", "convert it with `iconv -f UTF-32 -t UTF-8`"),
    (b"\0\0\xfe\xff", "it is UTF-32", "convert it with `iconv -f UTF-32 -t UTF-8`"),
    (b"\xff\xfe", "it is UTF-16", "convert it with `iconv -f UTF-16 -t UTF-8`"),
    (b"\xfe\xff", "it is UTF-16", "convert it with `iconv -f UTF-16 -t UTF-8`"),
)


def problem_of_form(line: bytes) -> LineError | None:
    """Why nothing can be read of a file that begins with this line; `None` for what may be text."""
    for start, form, remedy in _FORMS:
        if line.startswith(start):
            return LineError(f"is not UTF-8 text: {form}", remedy, "not_utf8")
    begin = line[:4]
    if len(begin) == 4 and begin.count(0) == 4:
        remedy = "copy or export it again: only its length is left of it"
        return LineError("is not UTF-8 text: it begins with NUL bytes", remedy, "not_utf8")
    if len(begin) == 4 and begin.count(0) == 2 and begin[0] != begin[1]:
        order = "LE" if begin[1] == 0 else "BE"
        remedy = f"convert it with `iconv -f UTF-16{order} -t UTF-8`"
        return LineError("is not UTF-8 text: it is UTF-16 without its mark", remedy, "not_utf8")
    return None


def take_cells_of(text: str) -> None:
    """Let `csv` read any cell of a text: by itself it takes 131,072 characters, as many as a column of passages passes,
    and blames that limit where a quote is not closed."""
    csv.field_size_limit(max(len(text), MAX_LINE_BYTES))


def is_above_header(line: str) -> bool:
    """Whether a line stands above the header of a table: a blank one, or the delimiter that Excel declares."""
    return _ABOVE.fullmatch(line) is not None


def from_header(text: str) -> tuple[int, str]:
    """How many lines stand above the header of a table, and the text from the header on."""
    lines = text.splitlines(keepends=True)
    above = next((number for number, line in enumerate(lines) if not is_above_header(line)), len(lines))
    return above, "".join(lines[above:])


def delimiter_of(header: str) -> str:
    """The delimiter that a header has most of."""
    return max(",;\t|", key=header.count)


def is_markdown_table(header: str) -> bool:
    """Whether a header is that of a table of Markdown."""
    return _MARKDOWN.fullmatch(header) is not None
