"""The spending of one document's pairs so far, and whether the next call still fits into its share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from arbiter.costs.prices import Prices
from arbiter.costs.tokens import Usage
from arbiter.model_parameters import reasoning_tokens


class ShareSpent(Exception):  # noqa: N818 - no failure: the end that was agreed on
    """The next call could take more than the document's share."""


@dataclass
class Spending:
    """Tokens and dollars by model."""

    tokens: int
    usd: float | None
    prices: Prices
    used: dict[str, Usage] = field(default_factory=dict)

    def add(self, model: str, usage: Usage) -> None:
        before = self.used.get(model, Usage(0, 0))
        self.used[model] = Usage(*(a + b for a, b in zip(before, usage, strict=True)))

    def require(self, model: str, tokens: int, most_output: int) -> None:
        """Make sure that a call fits, what the model may spend on reasoning included.

        Raises:
            ShareSpent: it might not.
        """
        most_output += reasoning_tokens(model)
        cost = self.cost_of({model: Usage(tokens, most_output)})
        spent = self.cost_of(self.used)
        too_dear = self.usd is not None and cost is not None and spent is not None and spent + cost > self.usd
        if too_dear or self.total() + tokens + most_output > self.tokens:
            raise ShareSpent

    def total(self) -> int:
        return sum(sum(usage) for usage in self.used.values())

    def cost_of(self, used: Mapping[str, Usage]) -> float | None:
        """US dollars; `None` when a price is unknown."""
        return self.prices.bill(used).usd

    def dump(self) -> dict[str, Any]:
        return {model: usage._asdict() for model, usage in self.used.items()}

    def load(self, used: Mapping[str, Mapping[str, int]]) -> None:
        """Go on from what an earlier attempt has taken."""
        self.used = {model: Usage(**usage) for model, usage in used.items()}


@dataclass
class Reservation(Spending):
    """Takes the most that each call may, before it is known what it took: what a batch inference job asks at once."""

    def require(self, model: str, tokens: int, most_output: int) -> None:
        """Make sure that a call fits beside all that were reserved before it.

        Raises:
            ShareSpent: it might not.
        """
        super().require(model, tokens, most_output)
        super().add(model, Usage(tokens, most_output + reasoning_tokens(model)))

    def add(self, model: str, usage: Usage) -> None:
        """Nothing: it is reserved already."""
