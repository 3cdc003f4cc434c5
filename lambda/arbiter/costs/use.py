"""The cost of using a deployment: a request in each mode, a sync, a training, hosting by the hour."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from arbiter.costs.amount import Charge
from arbiter.costs.idle import GB, Priced
from arbiter.costs.prices import UNIT_CHARACTERS, rankings
from arbiter.costs.tokens import Usage

REQUEST, SYNC, RUN, HOUR, MONTH = "request", "sync", "training", "hour", "month"
PASSAGE_BYTES = 4.5
"""Bytes of a token of English text."""
VECTOR_METADATA = 500
"""Bytes of a vector's key and of the metadata that a knowledge base adds, beside the passage's text: an assumption."""
LOG_BYTES = 1_200
"""Of a request's line in the log, with Lambda's own."""


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """The documents, as they are cut and embedded."""

    documents: int
    bytes: int
    chunk_tokens: int
    overlap: float
    """Part of a chunk that the one before has, too."""
    dimensions: int

    @property
    def tokens(self) -> float:
        """Tokens that are embedded: those of the documents, the overlaps twice."""
        return self.bytes / PASSAGE_BYTES / (1 - self.overlap)

    @property
    def vectors(self) -> int:
        return math.ceil(self.tokens / self.chunk_tokens)

    @property
    def searched_bytes(self) -> float:
        """Bytes of the vectors that a query reads: four a dimension, with key and metadata but no text."""
        return self.vectors * (4.0 * self.dimensions + VECTOR_METADATA)

    @property
    def vector_bytes(self) -> float:
        """Bytes that S3 Vectors keeps, the passages included."""
        return self.searched_bytes + self.vectors * self.chunk_tokens * PASSAGE_BYTES


@dataclass(frozen=True, kw_only=True)
class Search:
    """The search of a request in a grounded mode."""

    embedding: str
    question_tokens: int
    read: int
    """Passages that are read."""
    passage_tokens: int
    rerank: str | None
    """The reranker; `None` where the passages are not reranked."""
    hybrid: bool = False
    """Whether the passages are searched by words as well, in a query of its own."""
    managed: bool = False
    """Whether it is one of a managed knowledge base, with all that it takes."""


@dataclass(frozen=True, kw_only=True)
class Function:
    """The router's function."""

    memory_gb: float
    seconds: float


def request(model: str, usage: Usage, priced: Priced, *, search: Search | None, corpus: Corpus) -> Iterator[Charge]:
    """The parts of one request's price that Bedrock and S3 Vectors bill."""
    yield Charge("input tokens", priced("input_per_1k", model).times(usage.input_tokens / 1_000), REQUEST)
    yield Charge("output tokens", priced("output_per_1k", model).times(usage.output_tokens / 1_000), REQUEST)
    if search is not None:
        yield from searching(search, priced, corpus)


def searching(search: Search, priced: Priced, corpus: Corpus) -> Iterator[Charge]:
    """The parts of one search's price."""
    if search.managed:
        managed = priced("managed_searches_per_1k").times(1e-3)
        yield Charge("search of the managed knowledge base", managed, REQUEST)
    else:
        yield from _vectors(search, priced, corpus)
    if search.rerank:
        ranked = rankings(search.read, search.passage_tokens, search.question_tokens)
        yield Charge("reranking", priced("rerank_per_1k", search.rerank).times(ranked / 1_000), REQUEST)


def _vectors(search: Search, priced: Priced, corpus: Corpus) -> Iterator[Charge]:
    embedded = priced("input_per_1k", search.embedding).times(search.question_tokens / 1_000)
    yield Charge("embedding of the question", embedded, REQUEST)
    query = priced("vector_queries_per_1m").times(1e-6)
    yield Charge("query of S3 Vectors", query, REQUEST)
    if search.hybrid:
        yield Charge("query of S3 Vectors by words", query, REQUEST)
    yield Charge("vectors read by it", priced("vectors_processed_tb").times(corpus.searched_bytes / 1e12), REQUEST)


def screening(
    policies: Iterable[str], usage: Usage, passages: int, priced: Priced, *, grounding: str = "grounding_per_1k"
) -> Iterator[Charge]:
    """The parts of one request's price that a guardrail bills: each begun 1,000 characters of each policy.

    Args:
        policies: figures of the price book, without `guardrail_`.
        usage: tokens of the question with its system text, and of the answer.
        passages: tokens of the passages, which are screened for the grounding of the answer alone.
    """
    for figure, units in units_of(policies, usage, passages, grounding=grounding).items():
        name = f"guardrail: {figure.partition('_')[0]}"
        yield Charge(name, priced(f"guardrail_{figure}").times(units / 1_000), REQUEST)


def units_of(
    policies: Iterable[str], usage: Usage, passages: int, *, grounding: str = "grounding_per_1k"
) -> dict[str, int]:
    """The units of one call that each policy of a guardrail bills; `usage` and `passages` as `screening` takes them."""
    asked, answered, quoted = (
        math.ceil(tokens * PASSAGE_BYTES / UNIT_CHARACTERS)
        for tokens in (usage.input_tokens, usage.output_tokens, passages)
    )
    return {
        figure: asked + answered + (quoted if figure == grounding else 0)
        for figure in sorted(policies)
        if figure != grounding or passages
    }


def running(function: Function, priced: Priced) -> Iterator[Charge]:
    """The parts of one request's price that running the router takes."""
    yield Charge("router: call", priced("lambda_requests_per_1m").times(1e-6), REQUEST)
    run_time = priced("lambda_gb_second").times(function.memory_gb * function.seconds)
    yield Charge("router: run time", run_time, REQUEST)
    yield Charge("router: log", priced("logs_gb").times(LOG_BYTES / GB), REQUEST)


def through_api(priced: Priced, *, keyed: bool, guarded: bool) -> Iterator[Charge]:
    """The parts of one request's price that the API takes; with keys a read, a reservation and a settlement.

    Args:
        guarded: whether a firewall looks at each request.
    """
    yield Charge("API: call", priced("api_requests_per_1m").times(1e-6), REQUEST)
    if guarded:
        yield Charge("API: firewall", priced("firewall_requests_per_1m").times(1e-6), REQUEST)
    if keyed:
        checked = priced("table_reads_per_1m").times(1e-6) + priced("table_writes_per_1m").times(2e-6)
        yield Charge("API: key and budget", checked, REQUEST)


def through_gateway(priced: Priced) -> Iterator[Charge]:
    """The part of one request's price that the gateway of AI agents takes."""
    yield Charge("gateway: call", priced("gateway_calls_per_1m").times(1e-6), REQUEST)


def sync(corpus: Corpus, embedding: str | None, priced: Priced) -> Iterator[Charge]:
    """The parts of one sync that embeds every document anew; without an embedding model the store does, for nothing."""
    if embedding is not None:
        yield Charge("embedding of the passages", priced("input_per_1k", embedding).times(corpus.tokens / 1_000), SYNC)
        yield Charge("writing of the vectors", priced("vectors_put_gb").times(corpus.vector_bytes / GB), SYNC)
    yield Charge("uploads to S3", priced("s3_writes_per_1k").times(corpus.documents / 1_000), SYNC)


def training(tuned: str, tokens: int, priced: Priced) -> Charge:
    """One training on so many tokens, those of every epoch."""
    return Charge(f"training on {tokens:,} tokens", priced("training_per_1k", tuned).times(tokens / 1_000), RUN)


def storage(tuned: str, priced: Priced) -> Charge:
    """A month of one tuned model's storage."""
    return Charge("storage of a tuned model", priced("storage_per_month", tuned), MONTH)


def hosting(tuned: str, units: int, priced: Priced) -> Charge:
    """An hour of provisioned throughput without commitment."""
    name = f"hosting by the hour ({units} model unit{'s' if units > 1 else ''})"
    return Charge(name, priced("provisioned_per_hour", tuned).times(units), HOUR)
