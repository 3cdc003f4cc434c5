"""Prices of tokens and searches, the cost of what was used, and what a cost limit leaves."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from arbiter.costs.ceiling import written
from arbiter.costs.tokens import Usage, most_tokens
from arbiter.errors import CostLimitExceeded

RANKED_TOKENS, RANKED_PASSAGES = 512, 100
"""Bedrock pricing page: a ranking holds up to 100 passages of up to 512 tokens, the question's included; a longer
passage counts as several."""
DEAREST_WRITE = 1.25
"""Times the price of input: a token that Anthropic's models write to the cache for five minutes (Anthropic's pricing),
and the most that is known of any; taken where the price book does not tell."""
SEARCH = "search"
"""The name under which the prices of a search stand."""
GUARDRAIL = "guardrail"
"""The name under which the prices of a guardrail's policies stand."""
UNIT_CHARACTERS, SCREENINGS = 1_000, 3
"""Bedrock pricing page: characters of a text unit, of which each begun one is billed; and how often a policy rounds up
for a call: the input, the output, and JSON that is screened by itself."""
LONGEST_TOKEN = 16
"""Characters of a token, taken for a limit on output that is not written yet; English has four to five."""


class Price(NamedTuple):
    """US dollars a token."""

    input: float
    output: float
    cached: float
    """A token read from the prompt cache."""
    written: float
    """A token written to it."""
    screened: float = 0.0
    """A character that a guardrail screens; what that costs is known from the call, this is for limits."""

    def cost(self, usage: Usage) -> float:
        """US dollars of a usage."""
        caching = usage.cached_tokens * self.cached + usage.cache_write_tokens * self.written
        return usage.input_tokens * self.input + usage.output_tokens * self.output + caching

    @property
    def when_caching(self) -> "Price":
        """These prices, with the dearest that an input token can have in a request with a cache point."""
        return self._replace(input=max(self.input, self.cached, self.written))

    def most(self, read: int, written: int, calls: int = 1) -> float:
        """The most US dollars that so many tokens cost in so many calls, with what a guardrail may bill for them."""
        characters = read + LONGEST_TOKEN * written + calls * SCREENINGS * UNIT_CHARACTERS
        return read * self.input + written * self.output + characters * self.screened


class SearchPrice(NamedTuple):
    """US dollars of the parts of a search; `None` while unknown.

    The vectors that S3 Vectors reads for a query are left out: their number is not known here, and at 0.004 US dollars
    a terabyte those of 10,000 passages cost a tenth of the query.
    """

    embedding: float | None = None
    """A token of the question."""
    query: float | None = None
    ranking: float | None = None
    hybrid_queries: int = 2
    """Queries of a hybrid search: one more, unless the store does both at once."""

    def cost(self, tokens: int, rankings: int = 0, *, hybrid: bool = False) -> float | None:
        """US dollars of a search with a question of so many tokens; `None` when a part's price is unknown."""
        queries = self.hybrid_queries if hybrid else 1
        parts = [(self.embedding, tokens), (self.query, queries), *([(self.ranking, rankings)] if rankings else [])]
        costs = [price * count for price, count in parts if price is not None]
        return sum(costs) if len(costs) == len(parts) else None


def rankings(passages: int, passage_tokens: int, question_tokens: int) -> int:
    """The rankings that are billed for reranking so many passages."""
    return math.ceil(passages * math.ceil((passage_tokens + question_tokens) / RANKED_TOKENS) / RANKED_PASSAGES)


def in_batch(model: str) -> str:
    """The name under which a model's prices and usage in batch inference stand."""
    return f"batch:{model}"


class Prices:
    """The known prices, by model id; tuned models under `custom:<base model id>`, in batch under `batch:<model id>`.

    Those of a search stand under `search`.
    """

    def __init__(self, table: Mapping[str, Mapping[str, Any]]) -> None:
        self.guardrail: Mapping[str, float | None] = table.get(GUARDRAIL, {})
        screened = sum(price or 0.0 for price in self.guardrail.values()) / 1_000 / UNIT_CHARACTERS
        # Where a policy of the guardrail has no price, no call of a model has one.
        priced = {} if None in self.guardrail.values() else table
        models = {model: entry for model, entry in priced.items() if model not in (SEARCH, GUARDRAIL)}
        self._prices = {model: _price(entry, screened) for model, entry in models.items()}
        self.search = search_price(table.get(SEARCH, {}))

    def of(self, model: str) -> Price | None:
        """The price of a foundation model or inference profile, when it is known."""
        return self._prices.get(model)

    def of_tuned(self, base_model: str) -> Price | None:
        """The price of a model tuned from `base_model`, when it is known."""
        return self._prices.get(f"custom:{base_model}")

    def bill(self, used: Mapping[str, Usage]) -> "Bill":
        """The cost of tokens by model."""
        prices = {model: self.of(model) for model in used}
        known = sum(price.cost(used[model]) for model, price in prices.items() if price)
        return Bill(known, tuple(model for model, price in prices.items() if price is None))


class Bill(NamedTuple):
    """US dollars as far as prices are known, and what has none."""

    known: float
    unknown: tuple[str, ...] = ()

    @property
    def usd(self) -> float | None:
        """US dollars; `None` when a price is unknown."""
        return None if self.unknown else self.known


def affordable_tokens(
    limit: float, price: Price | None, texts: list[str], wanted: int, *, reserved: int = 0, further: int = 0
) -> int:
    """Output tokens, at most `wanted`, with which the answer cannot cost more than `limit`.

    The tokens reserved, for reasoning, are paid for beside those of the answer, and further ones beside the texts.

    Raises:
        CostLimitExceeded: when not even one token fits, or no price is known.
    """
    if price is None:
        raise CostLimitExceeded(
            "limits.max_cost_usd cannot be kept: no price is known for the model. "
            "Add its price to the deployment's settings or leave the limit out."
        )
    input_cost, output_price = price.most(most_tokens(texts) + further, 0), price.most(0, 1, calls=0)
    fitting = wanted if output_price == 0 else int((limit - input_cost) / output_price) - reserved
    if input_cost > limit or fitting < 1:
        raise CostLimitExceeded(
            f"limits.max_cost_usd is {written(limit)}, and this request may need "
            f"{input_cost + output_price * (1 + reserved):.8f} US dollars for its input and one token of output. "
            "Raise the limit, shorten the input or ask for fewer results."
        )
    return min(wanted, fitting)


def _price(entry: Mapping[str, Any], screened: float) -> Price:
    paid, written = float(entry["input_per_1k"]), float(entry["output_per_1k"])
    read = float(entry.get("cached_per_1k", paid))
    kept = float(entry.get("cache_write_per_1k", paid * DEAREST_WRITE))
    return Price(paid / 1000, written / 1000, read / 1000, kept / 1000, screened)


def search_price(entry: Mapping[str, float]) -> SearchPrice:
    """The prices of a search as settings have them."""
    units = {"embedding_per_1k": 1_000, "queries_per_1m": 1_000_000, "rerank_per_1k": 1_000}
    embedding, query, ranking = (entry[name] / unit if name in entry else None for name, unit in units.items())
    return SearchPrice(embedding, query, ranking, int(entry.get("hybrid_queries", 2)))
