"""The settings of the functions that make questions from the documents."""

from dataclasses import dataclass, field
from typing import Any

from arbiter.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class PlanGenerationSettings(FunctionSettings):
    """The function that plans which documents give how many pairs, and what that may cost."""

    documents_bucket: str
    results_bucket: str
    knowledge_base_id: str
    generator: str
    verifier: str
    passage_tokens: int
    results: int
    held_out_percentage: int
    ceiling: dict[str, Any]
    """{"tokens": …, "usd": … or null}: what a run may take."""
    managed_search: bool | None = None
    prices: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class GeneratePairsSettings(FunctionSettings):
    """The function that writes and verifies the pairs of one document."""

    documents_bucket: str
    results_bucket: str
    knowledge_base_id: str
    generator: str
    verifier: str
    passage_tokens: int
    results: int
    minimum_score: float
    held_out_percentage: int
    batch_inference: bool | None = None
    """Whether replies may come from batch inference."""
    managed_search: bool | None = None
    prices: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CollectPairsSettings(FunctionSettings):
    """The function that brings the pairs of a run together."""

    documents_bucket: str
    results_bucket: str
    results: int
    prices: dict[str, Any] = field(default_factory=dict)
