"""The settings of every function: built by its stack, parsed by its handler, both from the same dataclass."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Self

PREFIX = "ARBITER_"


class SettingsError(ValueError):
    """An environment that does not describe the function; the message names every problem."""


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """Settings that travel as environment variables, one a field: `ARBITER_<FIELD>`.

    Fields are `str`, `int`, `float`, `bool`, `dict` (as JSON), or `str | None` and `float | None` (absent when `None`).
    A field without a default is required; there is no fallback for it.
    """

    def to_environment(self) -> dict[str, str]:
        """What the stack puts into the function's environment."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {PREFIX + name.upper(): _dump(value) for name, value in values.items() if value is not None}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Parse the function's environment.

        Raises:
            SettingsError: naming every variable that is missing or cannot be read.
        """
        values: dict[str, Any] = {}
        problems: list[str] = []
        for f in fields(cls):
            variable = PREFIX + f.name.upper()
            text = environment.get(variable)
            if text is None:
                if f.default is MISSING and f.default_factory is MISSING:
                    problems.append(f"{variable} is missing")
                continue
            try:
                values[f.name] = _load(f.type, text)
            except ValueError:
                problems.append(f"{variable}={text!r} is not {_READABLE.get(f.type, f.type)}")
        if problems:
            raise SettingsError(f"{cls.__name__}: " + "; ".join(problems))
        return cls(**values)


_READABLE: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    float | None: "a number",
    bool: "true or false",
    dict: "JSON",
}


def _dump(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, separators=(",", ":"), sort_keys=True) if isinstance(value, dict) else str(value)


def _load(kind: Any, text: str) -> Any:
    if kind is bool:
        if text not in ("true", "false"):
            raise ValueError(text)
        return text == "true"
    if kind in (int, float):
        return kind(text)
    if kind == float | None:
        return float(text)
    return json.loads(text) if getattr(kind, "__origin__", kind) is dict else text


@dataclass(frozen=True, kw_only=True)
class RouterSettings(FunctionSettings):
    """The router: one answering path with two switches."""

    environment: str
    """Name of the deployed environment; a dimension of every metric."""
    base_model: str
    """Foundation model or inference profile id that answers unspecialised requests."""
    knowledge_base_id: str
    tuned_model_parameter: str
    """Name of the SSM parameter that points to the model in service."""
    tuned_model: str | None = None
    """ARN of a tuned model made elsewhere, which then answers instead of the one pointed to."""
    tuned_model_ttl_seconds: float = 30.0
    """How long the pointer is cached: the longest time a promotion takes to be seen."""
    results: int = 5
    """Passages retrieved when the request does not say."""
    minimum_score: float = 0.0
    """Passages scoring below are dropped before the model sees them."""
    hybrid_search: bool = False
    """Whether the vector store searches by words too; S3 Vectors does not."""
    rerank_model: str | None = None
    """ARN of the reranker; `None` when reranking is not deployed."""
    max_output_tokens: int = 512
    """Tokens generated when the request does not say."""
    prices: dict[str, Any] = field(default_factory=dict)
    """Model id -> {"input_per_1k": USD, "output_per_1k": USD, "cached_per_1k"?: USD}; tuned: "custom:<base id>"."""
    log_text: bool = False
    """Whether question and answer texts are logged."""


@dataclass(frozen=True, kw_only=True)
class SyncSettings(FunctionSettings):
    """The function that turns document changes into ingestion jobs."""

    environment: str
    knowledge_base_id: str
    data_source_id: str
    queue_url: str
    """Its own queue: where it puts the one message that waits for a running job."""


@dataclass(frozen=True, kw_only=True)
class PrepareTrainingSettings(FunctionSettings):
    """The function that checks and prepares a training set."""

    environment: str
    training_bucket: str
    results_bucket: str
    base_model: str
    """Fine-tunable model id, for example `amazon.nova-micro-v1:0:128k`."""
    hyperparameters: dict[str, Any]
    """As Bedrock takes them; a run may say otherwise."""
    customization_type: str = "FINE_TUNING"
    teacher_model: str | None = None
    validation_percentage: int = 0
    system_prompt: str | None = None
    """System prompt written into samples that have none; `None` for Arbiter's own."""
    max_training_tokens: int
    max_training_cost_usd: float | None = None
    training_per_1k: float | None = None
    """USD of 1,000 training tokens; absent while unknown."""
    storage_usd_per_month: float | None = None
    prices_as_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class PlaceModelSettings(FunctionSettings):
    """The function that says where a model is hosted."""

    environment: str
    results_bucket: str
    candidate_parameter: str
    in_service_parameter: str
    gate_mode: str
    """The mode in which the gate compares models: `fine_tuned` or `combined`."""
    ttl_hours: int = 0
    """Hours of provisioned throughput; 0 for a deployment on demand."""
    usd_per_hour: float | None = None


@dataclass(frozen=True, kw_only=True)
class ConcludeTrainingSettings(FunctionSettings):
    """The function that ends a run: cleans up after a failed one, and completes the record."""

    training_bucket: str
    results_bucket: str
    candidate_parameter: str
    in_service_parameter: str
    base_model: str
    customization_type: str
    rest_seconds: int = 10


@dataclass(frozen=True, kw_only=True)
class PublishSettings(FunctionSettings):
    """The function that puts the candidate model into service, and takes it out again."""

    candidate_parameter: str
    in_service_parameter: str
    results_bucket: str


@dataclass(frozen=True, kw_only=True)
class RetireModelSettings(FunctionSettings):
    """The function that deletes a tuned model with what hosts it."""

    environment: str
    """Value of the tag `arbiter:environment`: models without it are not touched."""
    candidate_parameter: str
    in_service_parameter: str
    results_bucket: str


@dataclass(frozen=True, kw_only=True)
class ExpireHostingSettings(FunctionSettings):
    """The function that ends hosting by the hour when its time is over."""

    environment: str
    in_service_parameter: str
    usd_per_unit_hour: dict[str, Any] = field(default_factory=dict)
    """Base model's foundation model id -> USD of one model unit for an hour; missing while unknown."""


@dataclass(frozen=True, kw_only=True)
class PlanEvaluationSettings(FunctionSettings):
    """The function that plans an evaluation run."""

    results_bucket: str
    training_bucket: str
    candidate_parameter: str
    in_service_parameter: str
    base_model: str
    tuned_base_model: str | None = None
    """The model that is tuned; `None` where none is."""
    tuned_model: str | None = None
    """ARN of a tuned model made elsewhere, which then answers instead of the one in service."""
    rerank: bool = False
    models: dict[str, Any]
    """{"answering": [further model ids], "judges": [model ids]}."""
    prices: dict[str, Any] = field(default_factory=dict)
    prices_as_of: str
    local: bool = False
    """Whether this is the local AWS, where stand-ins answer and judge."""
    limits: dict[str, Any]
    """{"results", "passage_tokens", "answer_tokens", "max_cost_usd": number or null}."""


@dataclass(frozen=True, kw_only=True)
class AnswerCaseSettings(RouterSettings):
    """The function that answers the cases of an evaluation: as the router does, with what the router has."""

    results_bucket: str
    answer_seconds: float
    """As long as a caller of the router would wait."""


@dataclass(frozen=True, kw_only=True)
class JudgeCaseSettings(FunctionSettings):
    """The function that has the answers of an evaluation judged."""

    results_bucket: str
    prices: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SummariseSettings(FunctionSettings):
    """The function that summarises an evaluation run."""

    environment: str
    """Name of the deployed environment; a dimension of every metric."""
    results_bucket: str


@dataclass(frozen=True, kw_only=True)
class GateSettings(FunctionSettings):
    """The function that decides whether a candidate model is published."""

    results_bucket: str
    margin: float
    """Points that the lower bound of the paired difference must exceed."""
    minimum_cases: int
    max_latency_ratio: float
    max_cost_ratio: float
    max_failure_rate: float
    """Of answers, and of answers that some judge gave no verdict on."""


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
    prices: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CollectPairsSettings(FunctionSettings):
    """The function that brings the pairs of a run together."""

    documents_bucket: str
    results_bucket: str
    results: int
    prices: dict[str, Any] = field(default_factory=dict)
