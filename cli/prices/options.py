"""The cost that each option of a request adds to it, at the most: further searches, replies of a model, tokens."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from arbiter.answering.retrieval import BOUNDS
from arbiter.costs import use
from arbiter.costs.amount import Amount, Charge, total
from arbiter.costs.tokens import Usage
from arbiter.evaluation.planning.answering import replies
from cli.prices.basis import CASE, PLAIN, added, sizes
from cli.prices.configuration import Pricing
from stacks.settings.environment import Settings


def options(pricing: Pricing) -> Iterator[Charge]:
    """A line for each option that the deployment offers and that costs anything, for one request in mode rag."""
    settings = pricing.settings
    for strategy, bounds in BOUNDS.items():
        if bounds.replies:
            searches = _searched(pricing, pricing.search()).times(bounds.searches - 1)
            planned = replies([CASE], PLAIN._replace(retrieval={"strategy": strategy}), sizes(settings), _base(pricing))
            counts = f"{bounds.replies + 1} calls of a model, {bounds.searches} searches"
            yield _line(f"{strategy} ({counts})", _tokens(pricing, planned) + searches)
    own = settings.knowledge_base.embeds and settings.hybrid_search  # Other stores do both in one query.
    if own and settings.retrieval.search != "hybrid":
        yield _line("hybrid", _searched(pricing, replace(pricing.search(), hybrid=True), only="by words"))
    if rerank := settings.models.rerank:
        yield _line("rerank", _searched(pricing, pricing.search(rerank), only="reranking"))
    for technique in _techniques(settings):
        yield _line(technique, _tokens(pricing, added(settings, technique)))


def _techniques(settings: Settings) -> Sequence[str]:
    """The promptings that the deployment has, but for what every request gets."""
    files = {"few_shot": settings.prompting.examples, "house": settings.prompting.house}
    names = [*(name for name, file in files.items() if file), "chain_of_thought"]
    return [name for name in names if name != settings.prompting.technique]


def _searched(pricing: Pricing, search: use.Search, *, only: str = "") -> Amount:
    """The price of one search, or of those parts of it whose name ends so."""
    lines = use.searching(search, pricing.priced, pricing.corpus)
    return total(line.amount for line in lines if line.name.endswith(only))


def _tokens(pricing: Pricing, usage: Usage) -> Amount:
    read, written = (pricing.priced(name, _base(pricing)) for name in ("input_per_1k", "output_per_1k"))
    return read.times(usage.input_tokens / 1_000) + written.times(usage.output_tokens / 1_000)


def _base(pricing: Pricing) -> str:
    return pricing.settings.models.base


def _line(name: str, amount: Amount) -> Charge:
    return Charge(name, amount, use.REQUEST)
