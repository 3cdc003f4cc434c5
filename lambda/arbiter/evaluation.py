"""An evaluation run: its cases checked, and its answer records brought together into one summary."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean, median
from typing import Any

from arbiter.jsonl import LineError, kind, lines, parse, printable
from arbiter.modes import Mode

MODES = tuple(mode.value for mode in Mode)
GROUNDED = tuple(mode.value for mode in Mode if mode.grounded)
MAX_QUESTION_CHARACTERS = 20_000
_CASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
CASE_FIELDS = {"id": str, "question": str, "reference": str, "tags": list, "document": str}


@dataclass(frozen=True)
class ModeSummary:
    """How one mode did on every case; shares and latencies are `None` where there is nothing to count."""

    cases: int
    answered: int
    failed: dict[str, int]
    missing: int
    degraded: int
    mean_latency_ms: float | None
    median_latency_ms: float | None
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    """`None` when the price of an answer is unknown."""
    citable: int
    cited: int
    citation_share: float | None


@dataclass(frozen=True)
class Summary:
    """One evaluation run, by mode."""

    run: str
    cases: int
    modes: dict[str, ModeSummary]

    def dump(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class _Tally:
    responses: list[Mapping[str, Any]] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    citable: int = 0
    cited: int = 0

    def add(self, record: Mapping[str, Any]) -> None:
        if "error" in record:
            self.failed[str(record["error"].get("code", "unknown"))] += 1
            return
        response = record["response"]
        self.responses.append(response)
        document = record["case"].get("document")
        if document and response.get("mode") in GROUNDED:
            self.citable += 1
            self.cited += cites(response, document)


def cites(response: Mapping[str, Any], document: str) -> bool:
    """Whether an answer's citations include a document, named by its key or the end of its key."""
    return any(f"/{citation.get('uri', '')}".endswith(f"/{document}") for citation in response.get("citations", ()))


def summarise(run: str, records: Iterable[Mapping[str, Any]], modes: Sequence[str], cases: int) -> Summary:
    """The summary of a run's records; a record that never came is counted as missing."""
    tallies = {mode: _Tally() for mode in modes}
    for record in records:
        tallies.setdefault(record["mode"], _Tally()).add(record)
    return Summary(run, cases, {mode: _mode_summary(tally, cases) for mode, tally in tallies.items()})


def _mode_summary(tally: _Tally, cases: int) -> ModeSummary:
    latencies = [float(response["latency_ms"]["total"]) for response in tally.responses]
    answered, failed = len(tally.responses), tally.failed.total()
    return ModeSummary(
        cases=cases,
        answered=answered,
        failed=dict(tally.failed),
        missing=max(0, cases - answered - failed),
        degraded=sum(bool(response.get("degraded")) for response in tally.responses),
        mean_latency_ms=round(fmean(latencies), 1) if latencies else None,
        median_latency_ms=round(median(latencies), 1) if latencies else None,
        input_tokens=_tokens(tally.responses, "input_tokens"),
        output_tokens=_tokens(tally.responses, "output_tokens"),
        cost_usd=_cost(tally.responses),
        citable=tally.citable,
        cited=tally.cited,
        citation_share=round(tally.cited / tally.citable, 4) if tally.citable else None,
    )


def _cost(responses: Sequence[Mapping[str, Any]]) -> float | None:
    known = [float(cost) for response in responses if (cost := response.get("cost_usd")) is not None]
    return round(sum(known), 9) if len(known) == len(responses) else None


def _tokens(responses: Sequence[Mapping[str, Any]], kind_of_token: str) -> int:
    """Tokens of all answers; an answer that no model was asked for has none."""
    return sum((response.get("usage") or {}).get(kind_of_token, 0) for response in responses)


@dataclass(frozen=True)
class Cases:
    """The questions of an evaluation file, or what is wrong with it."""

    cases: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]


def read_cases(chunks: Iterable[bytes]) -> Cases:
    """Read and check a file of cases, one JSON object a line."""
    cases: list[dict[str, Any]] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for line in lines(chunks):
        if not line.content.strip():
            continue
        try:
            case = parse(line)
        except LineError as error:
            problems.append(f"line {line.number} {error.problem}: {error.remedy}")
            continue
        found = [f"line {line.number} {problem}" for problem in _problems_of_case(case)]
        if not found and (first := seen.setdefault(case["id"], line.number)) != line.number:
            found = [f"line {line.number} has the id {case['id']!r} of line {first}: give each case its own id"]
        problems += found
        cases += [] if found else [case]
    if not cases and not problems:
        problems.append('the file has no case: write {"id": "…", "question": "…"} a line')
    return Cases(tuple(cases), tuple(problems))


def _problems_of_case(case: Any) -> list[str]:
    if not isinstance(case, dict):
        return [f'is {kind(case)}: write {{"id": "…", "question": "…"}}']
    problems = [f"has the unknown field {printable(key)}" for key in case if key not in CASE_FIELDS]
    for name, expected in CASE_FIELDS.items():
        if name in case and not isinstance(case[name], expected):
            problems.append(f"has {kind(case[name])} as {name}")
        elif name not in case and name in ("id", "question"):
            problems.append(f"has no {name}")
    if problems:
        return problems
    if not _CASE_ID.fullmatch(case["id"]):
        problems.append(f"has the id {printable(case['id'])}: use up to 64 letters, digits and . _ -")
    if not 0 < len(case["question"].strip()) <= MAX_QUESTION_CHARACTERS:
        problems.append(f"has a question that is blank or longer than {MAX_QUESTION_CHARACTERS:,} characters")
    return problems
