"""A training file: checked line by line against what Bedrock accepts, and converted to what Bedrock reads."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from arbiter.jsonl import BOM, Line, LineError, lines, parse
from arbiter.training import samples
from arbiter.training.samples import Notes, Sample

MAX_SAMPLES = 20_000
MAX_SAMPLE_TOKENS = 32_000
RECOMMENDED_SAMPLES = 100
MINIMUM_SAMPLES = 8
# The documents say 8 for Nova 2 Lite; AWS's own validation script refuses fewer than 200.
MINIMUM_SAMPLES_OF = {"amazon.nova-2-lite": 200}

# No tokenizer of Nova is public; four bytes a token holds for English prose and code, and over-counts other scripts.
BYTES_PER_TOKEN = 4

LISTED = 50
"""Findings of each severity that a report lists; the rest is counted."""


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a training file, or doubtful about it, and its remedy; `line` is `None` for the whole."""

    line: int | None
    problem: str
    remedy: str

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line else "the file"
        return f"{where} {self.problem}: {self.remedy}"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What one base model accepts."""

    minimum: int = MINIMUM_SAMPLES
    maximum: int = MAX_SAMPLES
    system_prompt: str | None = None
    """Written into samples that have no system prompt: a model answers best under the prompt it was trained with."""

    @classmethod
    def of(cls, base_model: str, *, minimum: int = MINIMUM_SAMPLES, system_prompt: str | None = None) -> "Rules":
        documented = [count for prefix, count in MINIMUM_SAMPLES_OF.items() if base_model.startswith(prefix)]
        return cls(minimum=max(minimum, *documented, MINIMUM_SAMPLES), system_prompt=system_prompt)


@dataclass
class Report:
    """What a check found: at most `LISTED` problems and doubts in detail, all of them in number."""

    samples: int = 0
    tokens: int = 0
    problems: list[Finding] = field(default_factory=list)
    doubts: list[Finding] = field(default_factory=list)
    problem_count: int = 0
    doubt_count: int = 0
    digest: str = ""

    @property
    def accepted(self) -> bool:
        return self.problem_count == 0

    def wrong(self, line: int | None, problem: str, remedy: str) -> None:
        self.problem_count += 1
        if len(self.problems) < LISTED:
            self.problems.append(Finding(line, problem, remedy))

    def doubtful(self, line: int | None, problem: str, remedy: str) -> None:
        self.doubt_count += 1
        if len(self.doubts) < LISTED:
            self.doubts.append(Finding(line, problem, remedy))

    def refusal(self) -> str:
        """Every listed problem as one text for people."""
        more = self.problem_count - len(self.problems)
        tail = [f"and {more:,} more"] if more else []
        noun = "problem" if self.problem_count == 1 else "problems"
        return "\n".join([f"the training file has {self.problem_count:,} {noun}", *map(str, self.problems), *tail])


class TrainingFile:
    """One pass over a training file; every accepted sample is written as soon as it is read."""

    def __init__(self, rules: Rules, write: Callable[[bytes], object]) -> None:
        self._rules = rules
        self._write = write
        self._report = Report()
        self._digest = hashlib.sha256()
        self._lines_of_samples: dict[bytes, int] = {}
        self._answers: dict[bytes, tuple[bytes, int]] = {}
        self._crlf = 0

    def check(self, chunks: Iterable[bytes]) -> Report:
        """Read the whole file, however much of it is wrong."""
        for line in lines(chunks):
            self._check_line(line)
        report = self._report
        if self._crlf:
            report.doubtful(None, f"has Windows line ends ({self._crlf:,})", "they are written as line feeds")
        self._check_count()
        report.digest = self._digest.hexdigest()
        return report

    def _check_line(self, line: Line) -> None:
        self._crlf += line.content.endswith(b"\r")
        if line.number == 1 and line.content.startswith(BOM):
            line = Line(1, line.content.removeprefix(BOM), line.too_long)
            self._report.doubtful(1, "starts with a byte order mark", "it is left out")
        if not line.content.strip():
            self._report.doubtful(line.number, "is blank", "it is left out")
            return
        # Every line that holds something counts: a broken sample is mended, not one too few.
        self._report.samples += 1
        # Beyond the limit lines are only counted: the memory that finds repeated samples is bounded.
        if self._report.samples <= self._rules.maximum and (sample := self._sample(line)):
            self._accept(line.number, sample)

    def _sample(self, line: Line) -> Sample | None:
        notes = Notes()
        try:
            sample = samples.read(parse(line), notes)
        except LineError as error:
            self._report.wrong(line.number, error.problem, error.remedy)
            return None
        for problem, remedy in notes.problems:
            self._report.wrong(line.number, problem, remedy)
        for doubt, remedy in notes.doubts:
            self._report.doubtful(line.number, doubt, remedy)
        return sample

    def _accept(self, number: int, sample: Sample) -> None:
        tokens = sum(len(text.encode()) for text in sample.texts) // BYTES_PER_TOKEN
        self._report.tokens += tokens
        if tokens > MAX_SAMPLE_TOKENS:
            limit = f"{MAX_SAMPLE_TOKENS:,} are allowed"
            self._report.wrong(number, f"is about {tokens:,} tokens long; {limit}", "shorten or split the sample")
            return
        record = sample.dump(self._rules.system_prompt)
        self._compare(number, sample, record)
        self._digest.update(record)
        self._write(record)

    def _compare(self, number: int, sample: Sample, record: bytes) -> None:
        """Doubt repeated samples, and equal questions with different answers."""
        same = hashlib.blake2b(record, digest_size=16).digest()
        first = self._lines_of_samples.setdefault(same, number)
        if first != number:
            self._report.doubtful(number, f"repeats line {first}", "remove one unless the weight is meant")
            return
        asked = Sample(sample.system, sample.turns[:-1]).dump()
        question = hashlib.blake2b(asked, digest_size=16).digest()
        answer, line = self._answers.setdefault(question, (same, number))
        if answer != same:
            self._report.doubtful(number, f"answers the question of line {line} differently", "keep the right answer")

    def _check_count(self) -> None:
        count, rules = self._report.samples, self._rules
        if count < rules.minimum:
            self._report.wrong(None, f"has {count:,} samples; at least {rules.minimum} are needed", "add samples")
        elif count > rules.maximum:
            self._report.wrong(None, f"has {count:,} samples; at most {rules.maximum:,} are allowed", "leave some out")
        elif count < RECOMMENDED_SAMPLES:
            self._report.doubtful(None, f"has {count} samples", f"AWS recommends at least {RECOMMENDED_SAMPLES} a task")


def check(chunks: Iterable[bytes], rules: Rules, write: Callable[[bytes], object] = lambda record: None) -> Report:
    """Check a training file in any of the accepted formats, writing every good sample in Bedrock's format."""
    return TrainingFile(rules, write).check(chunks)
