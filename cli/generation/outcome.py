"""The estimate of a generation run, and its result."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arbiter.costs.prices import in_batch


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Tokens and cost of a run: shown before anything is generated."""

    run: str
    pairs: int
    asked: int
    documents: int
    left_out: Mapping[str, str]
    other_side: int
    tokens: int
    usd: float | None
    unknown_prices: tuple[str, ...]
    ceiling_tokens: int
    ceiling_usd: float | None

    @classmethod
    def of(cls, run: str, planned: Mapping[str, Any]) -> "Estimate":
        same = ("pairs", "asked", "documents", "left_out", "other_side", "tokens", "usd")
        return cls(
            run=run,
            **{name: planned[name] for name in same},
            unknown_prices=tuple(planned["unknown_prices"]),
            ceiling_tokens=planned["ceiling"]["tokens"],
            ceiling_usd=planned["ceiling"]["usd"],
        )


@dataclass(frozen=True, kw_only=True)
class GenerateResult:
    """The pairs of a run, where they are, and what they took."""

    environment: str
    run: str
    purpose: str
    target: str
    file: str
    sources: str
    wanted: int
    pairs: int
    by_kind: Mapping[str, int]
    dropped: Mapping[str, int]
    documents: int
    documents_used: int
    left_out: Mapping[str, str]
    share_spent: int
    without_passage: int
    without_distractors: int
    tokens: int
    batch_tokens: int
    """The part of `tokens` that batch inference jobs took."""
    cost_usd: float | None
    estimated_tokens: int
    estimated_usd: float | None
    execution: str
    seconds: float

    @classmethod
    def of(
        cls, environment: str, report: Mapping[str, Any], file: Path, sources: Path, execution: str, seconds: float
    ) -> "GenerateResult":
        same = (
            "run", "purpose", "target", "wanted", "pairs", "by_kind", "dropped", "documents", "documents_used",
            "left_out", "share_spent", "without_passage", "without_distractors", "tokens", "cost_usd",
        )  # fmt: skip
        return cls(
            environment=environment,
            file=str(file),
            sources=str(sources),
            **{name: report[name] for name in same},
            batch_tokens=sum(
                sum(usage.values()) for model, usage in report["used"].items() if model.startswith(in_batch(""))
            ),
            estimated_tokens=report["estimate"]["tokens"],
            estimated_usd=report["estimate"]["usd"],
            execution=execution,
            seconds=seconds,
        )

    @property
    def complete(self) -> bool:
        return self.pairs >= self.wanted

    def dump(self) -> dict[str, Any]:
        return {**asdict(self), "complete": self.complete}
