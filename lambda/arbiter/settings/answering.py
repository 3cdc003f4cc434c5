"""The settings of the functions that answer, and that keep the documents up to date."""

from dataclasses import dataclass, field
from typing import Any

from arbiter.settings import FunctionSettings


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
    profiles_bucket: str | None = None
    """Bucket with the profiles that `auto` goes by; `None` leaves it to rules."""
    house_style: bool = False
    """Whether the tuned model in service answers everybody in `auto`."""
    results: int = 5
    """Passages retrieved when the request does not say."""
    passage_tokens: int = 300
    """Most tokens of a passage, as documents are cut."""
    minimum_score: float = 0.0
    """Passages scoring below are dropped before the model sees them."""
    search: str | None = None
    """How passages are found when the request does not say: semantic or hybrid; `None`: as the store does by itself."""
    hybrid_search: bool = False
    """Whether the vector store searches by words too."""
    vector_index: str | None = None
    """ARN of the S3 Vectors index that is searched by words beside `Retrieve`; `None` where the store does both."""
    large_passages: bool | None = None
    """Whether passages are small ones for which larger ones around them are given: hierarchical chunking."""
    managed_search: bool | None = None
    """Whether the knowledge base is one of AWS's managed ones, which are asked in another form."""
    rerank_model: str | None = None
    """ARN of the reranker; `None` when reranking is not deployed."""
    prompts_bucket: str | None = None
    """Bucket of the owner's prompts; `None` where there are none."""
    prompts_key: str | None = None
    prompting: str = "zero_shot"
    """The technique of requests that name none."""
    example_tokens: int = 600
    """Most tokens of the examples in a prompt."""
    thinking_tokens: int = 1_024
    """Most tokens of the reasoning that a prompting asks for before the answer, beside those of the answer."""
    guardrail: str | None = None
    """ARN and version of the guardrail on every call of a model, as `arn:...:guardrail/id:1`; `None`: there is none."""
    max_output_tokens: int = 512
    """Tokens generated when the request does not say."""
    prices: dict[str, Any] = field(default_factory=dict)
    """Model id -> {"input_per_1k": USD, "output_per_1k": USD, "cached_per_1k"?: USD, "cache_write_per_1k"?: USD};
    tuned: "custom:<base id>".
    Of a search: "search" -> {"embedding_per_1k"?: USD, "queries_per_1m"?: USD, "rerank_per_1k"?: USD,
    "hybrid_queries"?: 1}.
    Of a guardrail: "guardrail" -> USD for 1,000 units of each policy that is billed, null where that is unknown."""
    log_text: bool = False
    """Whether question and answer texts are logged."""
    feedback_bucket: str | None = None
    """Bucket that keeps the texts of rated answers for a time; `None` where only the log may."""
    shadow_function: str | None = None
    """ARN of the function that answers a share of the requests of `auto` again; `None` where nothing is."""
    shadow_share: float | None = None


@dataclass(frozen=True, kw_only=True)
class ShadowSettings(RouterSettings):
    """The function that answers a share of the requests of `auto` again."""

    shadow_mode: str
    shadow_daily_usd: float
    """The most that it may cost a day."""
    results_bucket: str
    """Bucket in which the money of the day is counted."""


@dataclass(frozen=True, kw_only=True)
class EdgeSettings(RouterSettings):
    """The function behind the API: the router's settings, and who may call."""

    auth: str
    """`api_key`: by keys that Arbiter keeps; `jwt`: by tokens of an issuer; `iam`: by signatures that API Gateway has
    checked."""
    table: str
    """Name of the table of keys and spending, and of the secret by which answers are bound to who asked."""
    tokens: dict[str, Any] = field(default_factory=dict)
    """With `jwt`: "issuer" and "audiences", "filters" (claim -> metadata), "modes", "budget_usd", "budget_tokens"."""
    streams: bool | None = None
    """True for the function that is a web application, whose answers are told while they are written."""


@dataclass(frozen=True, kw_only=True)
class SyncSettings(FunctionSettings):
    """The function that turns document changes into ingestion jobs."""

    environment: str
    knowledge_base_id: str
    data_source_id: str
    queue_url: str
    """Its own queue: where it puts the one message that waits for a running job."""
    profile_function: str | None = None
    """ARN of the function that makes the profile of the knowledge base when a job is complete."""


@dataclass(frozen=True, kw_only=True)
class CheckDocumentsSettings(FunctionSettings):
    """The function that looks whether the documents are in the knowledge base."""

    environment: str
    knowledge_base_id: str
    data_source_id: str
    documents_bucket: str


@dataclass(frozen=True, kw_only=True)
class ProfileSettings(FunctionSettings):
    """The function that makes the profile of the knowledge base."""

    knowledge_base_id: str
    managed_search: bool | None = None
    documents_bucket: str
    results_bucket: str
