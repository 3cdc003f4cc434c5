"""The cost of answers: prices by model, the cost of tokens used, and the tokens that a cost limit leaves."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from arbiter.errors import CostLimitExceeded

_TURN_OVERHEAD = 64
"""Tokens that a chat template may add to a turn; more than any model family's."""


class Usage(NamedTuple):
    """Tokens that were read and written."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0

    def plus(self, other: "Usage") -> "Usage":
        """The tokens of both."""
        return Usage(*(sum(counts) for counts in zip(self, other, strict=True)))


class Price(NamedTuple):
    """US dollars a token."""

    input: float
    output: float
    cached: float

    def cost(self, usage: Usage) -> float:
        """US dollars of a usage."""
        return usage.input_tokens * self.input + usage.output_tokens * self.output + usage.cached_tokens * self.cached


def in_batch(model: str) -> str:
    """The name under which a model's prices and usage in batch inference stand."""
    return f"batch:{model}"


class Prices:
    """The known prices, by model id; tuned models under `custom:<base model id>`, in batch under `batch:<model id>`."""

    def __init__(self, table: Mapping[str, Mapping[str, Any]]) -> None:
        self._prices = {model: _price(entry) for model, entry in table.items()}

    def of(self, model: str) -> Price | None:
        """The price of a foundation model or inference profile, when it is known."""
        return self._prices.get(model)

    def of_tuned(self, base_model: str) -> Price | None:
        """The price of a model tuned from `base_model`, when it is known."""
        return self._prices.get(f"custom:{base_model}")


def most_tokens(texts: Iterable[str]) -> int:
    """The most input tokens that texts can have.

    No model's token is shorter than one byte, so the bytes of the input bound its tokens from above: pessimistic by a
    factor of about four for English, and never wrong.
    """
    return sum(len(text.encode()) + _TURN_OVERHEAD for text in texts)


def affordable_tokens(limit: float, price: Price | None, texts: list[str], wanted: int, reserved: int = 0) -> int:
    """Output tokens, at most `wanted`, with which the answer cannot cost more than `limit`.

    The tokens reserved, for reasoning, are paid for beside those of the answer.

    Raises:
        CostLimitExceeded: when not even one token fits, or no price is known.
    """
    if price is None:
        raise CostLimitExceeded(
            "limits.max_cost_usd cannot be kept: no price is known for the model. "
            "Add its price to the deployment's settings or leave the limit out."
        )
    input_cost = most_tokens(texts) * price.input
    fitting = wanted if price.output == 0 else int((limit - input_cost) / price.output) - reserved
    if input_cost > limit or fitting < 1:
        raise CostLimitExceeded(
            f"limits.max_cost_usd is {limit:g}, and this request may need "
            f"{input_cost + price.output * (1 + reserved):.8f} US dollars for its input and one token of output. "
            "Raise the limit, shorten the input or ask for fewer results."
        )
    return min(wanted, fitting)


def _price(entry: Mapping[str, Any]) -> Price:
    paid = float(entry["input_per_1k"])
    return Price(paid / 1000, float(entry["output_per_1k"]) / 1000, float(entry.get("cached_per_1k", paid)) / 1000)
