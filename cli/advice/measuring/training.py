"""A training file measured by the checker: how many examples are good, and how long they are."""

import json
from pathlib import Path
from typing import NamedTuple

from arbiter.runs import suffix_of
from arbiter.training_data.check import Rules, check
from cli.core.errors import CliError

REPEATED = ("duplicate", "near_duplicate", "contradiction", "placeholder_answer")
"""Findings whose samples teach nothing that another one does not, or teach nothing."""
CHUNK_BYTES = 1 << 20


class Examples(NamedTuple):
    """The examples of a training file."""

    file: str
    good: int
    rows: int
    tasks: int
    """Different system prompts: each is a task of its own; 1 where there is none."""
    tokens: int
    left_out: dict[str, int]
    """Rows that do not count, by the checker's finding."""

    @property
    def example_tokens(self) -> float:
        return self.tokens / self.rows if self.rows else 0.0

    @property
    def words(self) -> str:
        out = ", ".join(f"{count:,} {code.replace('_', ' ')}" for code, count in self.left_out.items())
        more = f", without {out}" if out else ""
        return f"{self.good:,} good examples of {self.rows:,} rows in {self.file}{more}; about {self.tokens:,} tokens"


def measure_examples(file: Path) -> Examples:
    """Count the good examples of a training file.

    Raises:
        CliError: there is no such file.
    """
    if not file.is_file():
        raise CliError(f"{file} is not a file. Name a training file (.jsonl or .csv).", code="no_file")
    systems: set[str] = set()
    written = 0

    def note(record: bytes) -> None:
        nonlocal written
        written += 1
        systems.add(json.dumps(json.loads(record).get("system")))

    with file.open("rb") as content:
        chunks = iter(lambda: content.read(CHUNK_BYTES), b"")
        report = check(chunks, Rules(), note, suffix=suffix_of(file.name))
    repeated = {code: count for code in REPEATED if (count := report.counts[code])}
    bad = report.samples - written
    left_out = {**repeated, **({"not readable": bad} if bad else {})}
    good = max(0, written - sum(repeated.values()))
    return Examples(str(file), good, report.samples, max(1, len(systems)), report.tokens, left_out)
