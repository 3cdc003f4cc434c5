"""The prices of `cdk.json` that bills are made of."""

from functools import partial
from pathlib import Path

from arbiter.base_models import BASE_MODELS
from arbiter.costs import use
from arbiter.costs.amount import Amount, total
from arbiter.costs.idle import GB, Priced, Resident, idle
from cli.advice.money.bills import Figures
from cli.core.project import configured
from cli.prices.basis import ALARM_METRICS, KEYS, MODE_METRICS, ROUTER_SECONDS
from cli.prices.price_book import read_book
from stacks.settings.model_catalogue import foundation_model

DEFAULT_BASE, DEFAULT_EMBEDDING, TEACHER = (
    "amazon.nova-micro-v1:0",
    "amazon.titan-embed-text-v2:0",
    "amazon.nova-pro-v1:0",
)
MANY = 1_000_000
"""Tokens of documents on which the prices of one token are reckoned."""


def base_model(root: Path, environment: str) -> str:
    """The model that answers in an environment."""
    return str(configured(root, environment, "models", "base") or DEFAULT_BASE)


def passage_tokens(root: Path, environment: str) -> int:
    """About how many tokens of passages a request carries, as the environment retrieves them."""
    results = configured(root, environment, "retrieval", "results") or 5
    return int(results) * int(configured(root, environment, "chunking", "max_tokens") or 300)


def read_figures(root: Path, environment: str, model: str) -> Figures:
    """The prices of a base model, of what is tuned from it, and of the embedding model.

    Raises:
        CliError: the price book cannot be read.
    """
    book = read_book(root)
    tuned = f"custom:{_customized(model)}"
    embedding = str(configured(root, environment, "models", "embedding") or DEFAULT_EMBEDDING)

    def token(figure: str, of: str) -> Amount:
        return book.amount(figure, of, region=book.region).times(0.001)

    return Figures(
        input=token("input_per_1k", model),
        output=token("output_per_1k", model),
        tuned_input=token("input_per_1k", tuned),
        tuned_output=token("output_per_1k", tuned),
        training=token("training_per_1k", tuned),
        storage_month=book.amount("storage_per_month", tuned, region=book.region),
        hosting_hour=book.amount("provisioned_per_hour", tuned, region=book.region),
        embedding=token("input_per_1k", embedding),
        search=book.amount("vector_queries_per_1m", region=book.region).times(1e-6),
        teacher_output=token("output_per_1k", TEACHER),
        **_services(root, environment, embedding, partial(book.amount, region=book.region)),
    )


def _services(root: Path, environment: str, embedding: str, priced: Priced) -> dict[str, Amount]:
    """The prices of everything that is no model: of a request, a month, and each token of the documents."""

    def setting(default: int, *path: str) -> int:
        return int(configured(root, environment, *path) or default)

    function = use.Function(memory_gb=setting(512, "router", "memory_mb") / 1024, seconds=ROUTER_SECONDS)
    corpus = use.Corpus(
        documents=0,
        bytes=round(MANY * use.PASSAGE_BYTES),
        chunk_tokens=setting(300, "chunking", "max_tokens"),
        overlap=setting(20, "chunking", "overlap_percentage") / 100,
        dimensions=setting(1024, "models", "embedding_dimensions"),
    )
    keys = KEYS if configured(root, environment, "encryption") == "customer_managed" else 0
    resident = Resident(alarm_metrics=ALARM_METRICS, keys=keys, checks_hosting=True, document_bytes=0, vector_bytes=0)
    stored = priced("s3_gb_month").times(corpus.bytes / GB) + priced("vectors_gb_month").times(corpus.vector_bytes / GB)
    return {
        "running": total(one.amount for one in use.running(function, priced)),
        "resident": total(one.amount for one in idle(resident, priced)) + priced("metric_month").times(MODE_METRICS),
        "stored_month": stored.times(1 / MANY),
        "indexed": total(one.amount for one in use.sync(corpus, embedding, priced)).times(1 / MANY),
        "read": priced("vectors_processed_tb").times(corpus.searched_bytes / 1e12 / MANY),
    }


def _customized(model: str) -> str:
    plain = foundation_model(model)
    return next((one.customization_id for one in BASE_MODELS if one.invocation_id == plain), plain)
