"""The report of a training file's check."""

from array import array
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from arbiter.training_data.reading.findings import DOUBT, KINDS, PROBLEM, Finding
from arbiter.training_data.split import Split

LISTED = 60
"""Findings of each severity that a report lists; the rest is counted."""
LISTED_OF_A_KIND = 20
"""The same of each code, so that one kind of fault does not hide the others."""
# Upper edges of the histogram, in tokens; the last class holds whatever is longer.
EDGES = (32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32000)


class Lengths:
    """How long the samples are, in tokens."""

    def __init__(self) -> None:
        self._tokens = array("L")

    def add(self, tokens: int) -> None:
        self._tokens.append(tokens)

    def percentile(self, percentage: int) -> int | None:
        """The least length that `percentage` of the samples do not exceed."""
        ordered = sorted(self._tokens)
        return ordered[max(0, -(-len(ordered) * percentage // 100) - 1)] if ordered else None

    def histogram(self) -> list[tuple[int | None, int]]:
        """Samples by length: (upper edge or `None` for no end, count), from the first class used to the last."""
        counts = Counter(bisect_left(EDGES, tokens) for tokens in self._tokens)
        edges = (*EDGES, None)
        return [(edges[i], counts[i]) for i in range(min(counts), max(counts) + 1)] if counts else []

    def dump(self) -> dict[str, Any]:
        return {
            "min": self.percentile(0),
            "p50": self.percentile(50),
            "p95": self.percentile(95),
            "max": self.percentile(100),
            "histogram": [{"up_to": edge, "samples": count} for edge, count in self.histogram()],
        }


@dataclass
class Report:
    """At most `LISTED` problems and doubts in detail, all of them in number."""

    samples: int = 0
    tokens: int = 0
    problems: list[Finding] = field(default_factory=list)
    doubts: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """How often each code was found."""
    lengths: Lengths = field(default_factory=Lengths)
    split: Split = field(default_factory=Split)
    digest: str = ""

    @property
    def problem_count(self) -> int:
        return self._count(PROBLEM)

    @property
    def doubt_count(self) -> int:
        return self._count(DOUBT)

    @property
    def accepted(self) -> bool:
        return self.problem_count == 0

    def note(self, line: int | None, code: str, problem: str, remedy: str) -> None:
        """Count a finding, and list it while there is room."""
        self.counts[code] += 1
        listed = self.problems if KINDS[code].severity == PROBLEM else self.doubts
        if len(listed) < LISTED and self.counts[code] <= LISTED_OF_A_KIND:
            listed.append(Finding(line, problem, remedy, code))

    def refusal(self) -> str:
        """Every listed problem as one text for people."""
        more = self.problem_count - len(self.problems)
        tail = [f"and {more:,} more"] if more else []
        noun = "problem" if self.problem_count == 1 else "problems"
        return "\n".join([f"the training file has {self.problem_count:,} {noun}", *map(str, self.problems), *tail])

    def dump(self) -> dict[str, Any]:
        return {
            "accepted": self.accepted,
            "samples": self.samples,
            "tokens": self.tokens,
            "problem_count": self.problem_count,
            "doubt_count": self.doubt_count,
            "counts": dict(self.counts),
            "findings": [finding.dump() for finding in (*self.problems, *self.doubts)],
            "lengths": self.lengths.dump(),
            "split": self.split.dump(),
            "digest": self.digest,
        }

    def _count(self, severity: str) -> int:
        return sum(count for code, count in self.counts.items() if KINDS[code].severity == severity)
