"""The settings of the functions that compare the modes."""

from dataclasses import dataclass, field, replace
from typing import Any

from arbiter.costs.prices import SEARCH
from arbiter.settings import FunctionSettings
from arbiter.settings.answering import RouterSettings


@dataclass(frozen=True, kw_only=True)
class PlanEvaluationSettings(FunctionSettings):
    """The function that plans an evaluation run."""

    environment: str
    results_bucket: str
    training_bucket: str
    candidate_parameter: str
    in_service_parameter: str
    base_model: str
    knowledge_base_id: str
    tuned_base_model: str | None = None
    """The model that is tuned; `None` where none is."""
    tuned_model: str | None = None
    """ARN of a tuned model made elsewhere, which then answers instead of the one in service."""
    rerank_model: str | None = None
    embedding_model: str | None = None
    """The model that embeds questions for the deployment's own knowledge base; `None` where others chose it."""
    hybrid_search: bool = False
    managed_search: bool | None = None
    text_filters: bool | None = None
    models: dict[str, Any]
    """{"answering": [further model ids], "judges": [model ids]}."""
    prices: dict[str, Any] = field(default_factory=dict)
    prices_as_of: str
    local: bool = False
    """Whether this is the local AWS, where stand-ins answer and judge."""
    native_jobs: bool | None = None
    """Whether Bedrock's own evaluation jobs judge as well."""
    batch_answers: bool | None = None
    """Whether batch inference may answer."""
    knowledge_bases: dict[str, Any] = field(default_factory=dict)
    """Further ones that may be searched, as those who answer have them."""
    limits: dict[str, Any]
    """{"results", "passage_tokens", "answer_tokens", "example_tokens", "thinking_tokens", "house_tokens", "search",
    "prompting", "max_cost_usd": number or null}."""


@dataclass(frozen=True, kw_only=True)
class AnswerCaseSettings(RouterSettings):
    """The function that answers the cases of an evaluation: as the router does, with what the router has."""

    results_bucket: str
    answer_seconds: float
    """As long as a caller of the router would wait."""
    knowledge_bases: dict[str, Any] = field(default_factory=dict)
    """Further ones that an arm may search, by name: {"id", "managed": bool, "prices": those of a search}."""

    def searching(self, name: str | None) -> "AnswerCaseSettings":
        """The settings of an arm that searches another knowledge base: what others made has no index of ours.

        Nor has it our least score: another store and embedding model score on a scale of their own.
        """
        if name is None:
            return self
        other = self.knowledge_bases[name]
        return replace(
            self,
            knowledge_base_id=other["id"],
            managed_search=other["managed"] or None,
            vector_index=None,
            large_passages=None,
            minimum_score=0.0,
            prices={**self.prices, SEARCH: other["prices"]},
        )


@dataclass(frozen=True, kw_only=True)
class JudgeCaseSettings(FunctionSettings):
    """The function that has the answers of an evaluation judged."""

    results_bucket: str
    batch_inference: bool | None = None
    """Whether verdicts may come from batch inference."""
    prices: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NativeJobsSettings(FunctionSettings):
    """The function that has Bedrock's own evaluation jobs judge a run."""

    environment: str
    """Name of the deployed environment, which its jobs are tagged with."""
    results_bucket: str
    role_arn: str
    """Role that Bedrock reads, judges and writes under."""


@dataclass(frozen=True, kw_only=True)
class StopNativeJobsSettings(FunctionSettings):
    """The function that stops the native evaluation jobs of a stopped run."""

    results_bucket: str


@dataclass(frozen=True, kw_only=True)
class SummariseSettings(FunctionSettings):
    """The function that summarises an evaluation run."""

    environment: str
    """Name of the deployed environment; a dimension of every metric."""
    results_bucket: str


@dataclass(frozen=True, kw_only=True)
class CalibrateSettings(FunctionSettings):
    """The function that calibrates `auto` on an evaluation run."""

    results_bucket: str
    knowledge_base_id: str
