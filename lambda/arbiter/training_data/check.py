"""A training file: checked row by row against what Bedrock accepts, and converted to what Bedrock reads."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from arbiter.base_models import MAXIMUM_SAMPLES, MINIMUM_SAMPLES, facts_of
from arbiter.training_data.reading import conversations
from arbiter.training_data.reading.rows import Row, Rows, json_rows
from arbiter.training_data.reading.samples import Notes, Sample
from arbiter.training_data.reading.tables import csv_rows
from arbiter.training_data.repetition import Repetitions
from arbiter.training_data.report import LISTED, Report
from arbiter.training_data.split import Split
from arbiter.training_data.text.sensitive_data import Detect, detects_nothing

__all__ = ["LISTED", "Report", "Rules", "TrainingFile", "check", "rows_of"]

MAX_SAMPLE_TOKENS = 32_000
RECOMMENDED_SAMPLES = 100

WHOLE_FILES = frozenset({"not_utf8", "not_json", "not_json_lines", "not_an_object", "unknown_format", "csv_header"})
"""Faults that one line has in place of all where a file is of another form: a workbook, an array, rows in an object."""

# No tokenizer of Nova is public; four bytes a token holds for English prose and code, and over-counts other scripts.
BYTES_PER_TOKEN = 4


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The rules of one base model: what it accepts, and how its data are used."""

    minimum: int = MINIMUM_SAMPLES
    maximum: int = MAXIMUM_SAMPLES
    system_prompt: str | None = None
    """Written into samples that have no system prompt: a model answers best under the prompt it was trained with."""
    validation_percentage: int = 0
    """Share of the documents whose samples only measure."""

    @classmethod
    def of(
        cls,
        base_model: str,
        *,
        minimum: int = MINIMUM_SAMPLES,
        system_prompt: str | None = None,
        validation_percentage: int = 0,
    ) -> "Rules":
        facts = facts_of(base_model)
        return cls(
            minimum=max(minimum, facts.minimum_samples),
            maximum=facts.maximum_samples,
            system_prompt=system_prompt,
            validation_percentage=validation_percentage if facts.validates else 0,
        )


Write = Callable[[bytes, bool], object]
"""Takes one converted sample, and whether it falls into validation."""


class TrainingFile:
    """One pass over a training file; every accepted sample is written as soon as it is read."""

    def __init__(self, rules: Rules, write: Write, detect: Detect, questions: Iterable[str]) -> None:
        self._rules = rules
        self._write = write
        self._detect = detect
        self._repetitions = Repetitions(questions)
        self._report = Report(split=Split(rules.validation_percentage))
        self._digest = hashlib.sha256()
        self._windows = 0

    def check(self, rows: Iterable[Row]) -> Report:
        """Read the whole file, however much of it is wrong."""
        for row in rows:
            self._check_row(row)
        report = self._report
        if self._windows:
            problem = f"has Windows line ends ({self._windows:,})"
            report.note(None, "line_ends", problem, "they are written as line feeds")
        self._check_count()
        if report.accepted:
            for fault in report.split.settle(self._rules.minimum):
                report.note(None, *fault)
        report.digest = self._digest.hexdigest()
        return report

    def _check_row(self, row: Row) -> None:
        self._windows += row.windows
        for fault in row.faults:
            self._report.note(row.line, *fault)
        if not row.holds:
            return
        # Every row that holds something counts: a broken sample is mended, not one too few.
        self._report.samples += 1
        # Beyond the limit rows are only counted: the memory that finds repeated samples is bounded.
        if row.readable and self._report.samples <= self._rules.maximum:
            self._check_value(row)

    def _check_value(self, row: Row) -> None:
        notes = Notes(self._detect)
        sample = conversations.read(row.value, notes)
        for fault in notes.faults:
            self._report.note(row.line, *fault)
        if sample:
            self._accept(row.line, sample)

    def _accept(self, line: int, sample: Sample) -> None:
        tokens = tokens_of(sample, self._rules.system_prompt)
        self._report.tokens += tokens
        self._report.lengths.add(tokens)
        if tokens > MAX_SAMPLE_TOKENS:
            problem = f"is about {tokens:,} tokens long; {MAX_SAMPLE_TOKENS:,} are allowed"
            self._report.note(line, "too_many_tokens", problem, "shorten or split the sample")
            return
        for fault in self._repetitions.faults_of(line, sample):
            self._report.note(line, *fault)
        record = sample.dump(self._rules.system_prompt)
        self._digest.update(record)
        self._write(record, self._report.split.draw(sample, tokens))

    def _check_count(self) -> None:
        count, rules = self._report.samples, self._rules
        if count <= 1 and self._report.counts.keys() & WHOLE_FILES:
            return  # Nobody knows how many samples there are.
        if count < rules.minimum:
            problem = f"has {count:,} sample{'s' * (count != 1)}; at least {rules.minimum} are needed"
            self._report.note(None, "too_few_samples", problem, "add samples")
        elif count > rules.maximum:
            problem = f"has {count:,} samples; at most {rules.maximum:,} are allowed"
            self._report.note(None, "too_many_samples", problem, "leave some out")
        elif count < RECOMMENDED_SAMPLES:
            remedy = f"AWS recommends at least {RECOMMENDED_SAMPLES} a task"
            self._report.note(None, "few_samples", f"has {count} samples", remedy)


def tokens_of(sample: Sample, default_system: str | None = None) -> int:
    """About how many tokens a sample is, as it is written: every sample is billed for its system prompt."""
    texts = sample.texts if sample.system or not default_system else (default_system, *sample.texts)
    return sum(len(text.encode()) for text in texts) // BYTES_PER_TOKEN


def rows_of(suffix: str) -> Rows:
    """The reader of a training file with this suffix."""
    return csv_rows if suffix == ".csv" else json_rows


def check(
    chunks: Iterable[bytes],
    rules: Rules,
    write: Callable[[bytes], object] = lambda record: None,
    *,
    suffix: str = ".jsonl",
    detect: Detect = detects_nothing,
    questions: Iterable[str] = (),
) -> Report:
    """Check a training file in any of the accepted formats, writing every good sample in Bedrock's format.

    Args:
        suffix: `.csv` for a table, else JSONL in any of its three shapes.
        detect: finds secrets and personal data.
        questions: what the evaluation asks, and training must not.
    """
    rows = rows_of(suffix)(chunks)
    return TrainingFile(rules, lambda record, _: write(record), detect, questions).check(rows)
