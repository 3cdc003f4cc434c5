"""The settings of the functions that tune, host, publish and retire models."""

from dataclasses import dataclass, field
from typing import Any

from arbiter.settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class TrainingPrices:
    """Dated prices in USD of tuning one base model; `None` while unknown."""

    per_1k: float | None = None
    storage_usd_per_month: float | None = None
    unit_usd_per_hour: float | None = None
    """One model unit of provisioned throughput, without commitment."""
    lower_bound: bool = False
    """Whether that of training may be more."""
    as_of: str | None = None


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
    called_base_model: str | None = None
    """The id by which the base model is called; absent where it is not known."""
    teacher_model: str | None = None
    gate_models: dict[str, Any] = field(default_factory=lambda: {"all": []})
    """{"all": [model ids]}: judges of the gate, the model that it may compare with, what embeds its questions; where
    some have no price under the evaluation's ceiling also {"unpriced": [names], "max_cost_usd": …}."""
    validation_percentage: int = 0
    system_prompt: str | None = None
    """System prompt written into samples that have none; `None` for Arbiter's own."""
    max_training_tokens: int
    max_training_cost_usd: float | None = None
    training_per_1k: float | None = None
    """USD of 1,000 training tokens; absent while unknown."""
    training_lower_bound: bool | None = None
    """True where that may be more."""
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
    gated: bool | None = None
    """Whether it publishes nothing but what the gate let through, by the gate's own record."""


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
class GateSettings(FunctionSettings):
    """The function that decides whether a candidate model is published."""

    results_bucket: str
    margin: float
    """Points that the lower bound of the paired difference must exceed."""
    minimum_cases: int
    max_latency_ratio: float | None = None
    """`None`: not limited, nor is the cost."""
    max_cost_ratio: float | None = None
    max_failure_rate: float
    """Of answers, and of answers that some judge gave no verdict on."""
