"""The prices of a search in a deployment's knowledge base, as `arbiter.costs.prices` reads them."""

from typing import Any

from arbiter.costs.amount import Amount
from arbiter.costs.prices import SEARCH
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook


def search_prices(book: PriceBook, settings: Settings) -> dict[str, Any]:
    """Known prices under `search`; none where none is known. A store that searches by both at once bills one query."""
    knowledge = settings.knowledge_base
    both = knowledge.managed or knowledge.existing is not None
    known = _known(book, settings, managed=knowledge.managed, both=both)
    return {SEARCH: known} if known else {}


def compared(book: PriceBook, settings: Settings) -> dict[str, Any]:
    """The further knowledge bases of an evaluation, as the functions that plan and answer it take them."""
    return {
        name: {**base.model_dump(), "prices": _known(book, settings, managed=base.managed, both=True)}
        for name, base in settings.evaluation.knowledge_bases.items()
    }


def _known(book: PriceBook, settings: Settings, *, managed: bool, both: bool) -> dict[str, float]:
    rerank = settings.models.rerank
    asked = _managed(book, settings) if managed else _vectors(book, settings)
    if rerank:
        asked["rerank_per_1k"] = book.amount("rerank_per_1k", rerank, region=settings.region)
    known = {name: amount.usd for name, amount in asked.items() if not amount.unknown}
    return {**known, "hybrid_queries": 1} if known and both else known


def _vectors(book: PriceBook, settings: Settings) -> dict[str, Amount]:
    return {
        "embedding_per_1k": book.amount("input_per_1k", settings.models.embedding, region=settings.region),
        "queries_per_1m": book.amount("vector_queries_per_1m", region=settings.region),
    }


def _managed(book: PriceBook, settings: Settings) -> dict[str, Amount]:
    """The embedding of the question is part of the query's price."""
    search = book.amount("managed_searches_per_1k", region=settings.region)
    return {"embedding_per_1k": search.times(0), "queries_per_1m": search.times(1_000)}
