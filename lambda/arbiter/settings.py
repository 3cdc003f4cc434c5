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

    Fields are `str`, `int`, `float`, `bool`, `str | None` (absent when `None`) or `dict` (as JSON).
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


_READABLE: dict[Any, str] = {int: "a whole number", float: "a number", bool: "true or false", dict: "JSON"}


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

    training_bucket: str
    base_model: str
    """Fine-tunable model id, for example `amazon.nova-micro-v1:0:128k`."""
    minimum_samples: int = 8
    system_prompt: str | None = None
    """System prompt written into samples that have none; `None` for Arbiter's own."""


@dataclass(frozen=True, kw_only=True)
class PublishSettings(FunctionSettings):
    """The function that puts the candidate model into service."""

    candidate_parameter: str
    in_service_parameter: str
    previous_parameter: str


@dataclass(frozen=True, kw_only=True)
class SummariseSettings(FunctionSettings):
    """The function that summarises an evaluation run."""

    results_bucket: str
