"""The summary of an evaluation run: its answer records brought together, by mode."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean, median
from typing import Any

from arbiter.modes import Mode

MODES = tuple(mode.value for mode in Mode)
GROUNDED = tuple(mode.value for mode in Mode if mode.grounded)


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
