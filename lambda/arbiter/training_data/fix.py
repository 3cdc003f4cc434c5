"""A training file mended: everything a check finds that needs no person is put right, the rest stays as it was."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from arbiter.jsonl import Line, LineError, parse
from arbiter.training_data.check import rows_of
from arbiter.training_data.mending import mended_record
from arbiter.training_data.reading import conversations
from arbiter.training_data.reading.findings import KINDS
from arbiter.training_data.reading.rows import Row
from arbiter.training_data.reading.samples import Notes, line_of
from arbiter.training_data.repetition import Repetitions
from arbiter.training_data.text.rules import Fault

LISTED = 200
"""Changes listed with their lines; the rest is counted."""


@dataclass(frozen=True)
class Change:
    """The changes to one line, or the reason why it was left out."""

    line: int
    code: str
    action: str

    def dump(self) -> dict[str, Any]:
        return {"line": self.line, "code": self.code, "action": self.action}


@dataclass
class Changes:
    """Everything that mending did to a file."""

    lines: int = 0
    """Lines written."""
    dropped: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    listed: list[Change] = field(default_factory=list)

    def note(self, line: int, code: str, action: str) -> None:
        self.counts[code] += 1
        if len(self.listed) < LISTED:
            self.listed.append(Change(line, code, action))

    def dump(self) -> dict[str, Any]:
        return {
            "lines": self.lines,
            "dropped": self.dropped,
            "counts": dict(self.counts),
            "changes": [change.dump() for change in self.listed],
        }


class Mending:
    """One pass over a training file that writes JSONL in the shapes it finds; tables become questions and answers."""

    def __init__(self, write: Callable[[bytes], object], questions: Iterable[str]) -> None:
        self._write = write
        self._repetitions = Repetitions(questions)
        self._changes = Changes()

    def mend(self, rows: Iterable[Row]) -> Changes:
        """Write every row that is worth keeping."""
        for row in rows:
            self._mend_row(row)
        return self._changes

    def _mend_row(self, row: Row) -> None:
        changes = self._changes
        if row.windows:
            changes.note(row.line, "line_ends", KINDS["line_ends"].mended)
        for code, _, _ in row.faults:
            if KINDS[code].mended:
                changes.note(row.line, code, KINDS[code].mended)
        if not row.holds:
            return
        value = row.value if row.readable else _without_comma(row)
        if value is None:
            self._keep_unread(row)
            return
        self._mend_value(row, value)

    def _mend_value(self, row: Row, value: Any) -> None:
        faults = _faults_of(value)
        record = mended_record(value) if any(KINDS[code].mended for code, _, _ in faults) else value
        if record is None:
            codes = [code for code, _, _ in faults if KINDS[code].mended]
            self._drop(row, "empty_text" if "empty_text" in codes else codes[0], "left out: nothing to learn")
            return
        left = Counter(code for code, _, _ in _faults_of(record))
        for code, count in Counter(code for code, _, _ in faults).items():
            if KINDS[code].mended and left[code] < count:
                self._changes.note(row.line, code, KINDS[code].mended)
        sample = conversations.read(record, Notes())
        for code, problem, _ in self._repetitions.faults_of(row.line, sample) if sample else ():
            if KINDS[code].mended:
                self._drop(row, code, f"left out: it {problem}")
                return
        self._keep(row.content if record is value and row.readable and row.content else line_of(record))

    def _drop(self, row: Row, code: str, action: str) -> None:
        self._changes.dropped += 1
        self._changes.note(row.line, code, action)

    def _keep_unread(self, row: Row) -> None:
        """Keep a line that nobody can read, so that its owner mends it there."""
        codes = [code for code, _, _ in row.faults]
        if row.content is None or "line_too_long" in codes:
            # A row of a table has no form in JSON, and of an overlong line only the beginning is in memory.
            self._drop(row, codes[-1] if codes else "not_an_object", "left out: it cannot be read")
        else:
            self._keep(row.content)

    def _keep(self, content: bytes) -> None:
        self._changes.lines += 1
        self._write(content.removesuffix(b"\n") + b"\n")


def _faults_of(value: Any) -> list[Fault]:
    notes = Notes()
    conversations.read(value, notes)
    return notes.faults


def _without_comma(row: Row) -> Any:
    """The value of a line that only has a comma too much."""
    if row.content is None or not any(code == "comma_after_line" for code, _, _ in row.faults):
        return None
    try:
        return parse(Line(row.line, row.content.rstrip().removesuffix(b","), False))
    except LineError:
        return None


def fix(
    chunks: Iterable[bytes],
    write: Callable[[bytes], object],
    *,
    suffix: str = ".jsonl",
    questions: Iterable[str] = (),
) -> Changes:
    """Write a training file mended, as JSONL, line by line."""
    return Mending(write, questions).mend(rows_of(suffix)(chunks))
