"""The entries of the price book: one figure and its source, those of a model, those of everything else."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Entry(BaseModel):
    """A part of the price book; a name that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Price(Entry):
    """One figure and where it comes from; `usd` is null while unknown."""

    usd: Annotated[float, Field(ge=0)] | None = None
    source: str = Field(min_length=10)
    as_of: date | None = None
    """The day it was read; none means the book's."""
    lower_bound: bool = False
    """Whether it may be more."""


class Lookup(Entry):
    """Where the Price List has a model: the offer, and the model's part of a usage type or its service's name."""

    offer: Literal["AmazonBedrock", "AmazonBedrockFoundationModels"]
    key: str = Field(min_length=2)


class ModelPrices(Entry):
    """Prices of one model."""

    lookup: Lookup | None = None
    input_per_1k: Price | None = None
    output_per_1k: Price | None = None
    cached_per_1k: Price | None = None
    """Read from the prompt cache."""
    cache_write_per_1k: Price | None = None
    batch_input_per_1k: Price | None = None
    batch_output_per_1k: Price | None = None
    training_per_1k: Price | None = None
    storage_per_month: Price | None = None
    provisioned_per_hour: Price | None = None
    """One model unit without commitment."""
    rerank_per_1k: Price | None = None
    """1,000 rankings of up to 100 passages of up to 512 tokens each, the question's included."""


class ServicePrices(Entry):
    """Prices of everything else that the stacks use, before any free allowance."""

    s3_gb_month: Price | None = None
    s3_writes_per_1k: Price | None = None
    vectors_gb_month: Price | None = None
    vectors_put_gb: Price | None = None
    vector_queries_per_1m: Price | None = None
    vectors_processed_tb: Price | None = None
    """The vectors of an index, read by a query, up to the first 100,000."""
    managed_gb_month: Price | None = None
    """The index of a managed knowledge base; parsing, embedding and its own reranking are part of both its prices."""
    managed_searches_per_1k: Price | None = None
    logs_gb: Price | None = None
    """Ingestion."""
    logs_gb_month: Price | None = None
    alarm_metric_month: Price | None = None
    """One metric that an alarm watches: an alarm on an expression is billed for each of its metrics."""
    dashboard_month: Price | None = None
    metric_month: Price | None = None
    lambda_requests_per_1m: Price | None = None
    lambda_gb_second: Price | None = None
    sqs_requests_per_1m: Price | None = None
    schedule_calls_per_1m: Price | None = None
    state_transitions_per_1k: Price | None = None
    key_month: Price | None = None
    guardrail_content_per_1k: Price | None = None
    guardrail_topics_per_1k: Price | None = None
    guardrail_sensitive_per_1k: Price | None = None
    guardrail_grounding_per_1k: Price | None = None
    firewall_month: Price | None = None
    """A web ACL with its one rule."""
    firewall_requests_per_1m: Price | None = None
    """Looked at, whether or not they are blocked."""
    api_requests_per_1m: Price | None = None
    """Of a REST API, first tier."""
    gateway_calls_per_1m: Price | None = None
    """Of an AgentCore Gateway: calls of tools, and listings of them."""
    table_writes_per_1m: Price | None = None
    """Of DynamoDB on demand, up to 1 KB each."""
    table_reads_per_1m: Price | None = None
    """Consistent, up to 4 KB each."""
