"""The tokens and the cost of a run, and the share of each document in them."""

from dataclasses import asdict, dataclass
from typing import Any

from arbiter.costs.ceiling import unpriced


@dataclass(frozen=True)
class Share:
    """The pairs that one document is to give, and what they may take: a line of the plan."""

    id: str
    document: str
    pairs: int
    tokens: int
    usd: float | None
    """`None` when the price of a model is unknown: then the tokens alone are the limit."""
    swapped: str | None = None
    """The one document of all that is not on the side that its name draws."""

    def dump(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """The most that a run may take."""

    tokens: int
    usd: float | None


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The tokens and the cost of a run, as far as sizes tell."""

    pairs: int
    asked: int
    """Pairs that are asked for; below `pairs` when the documents are too short to yield more."""
    documents: int
    left_out: dict[str, str]
    """Document -> why it cannot be read."""
    other_side: int
    """Documents kept for the other purpose."""
    generator: dict[str, int]
    verifier: dict[str, int]
    tokens: int
    usd: float | None
    known_usd: float
    """The part of it whose prices are known."""
    unknown_prices: list[str]
    ceiling: dict[str, Any]

    def dump(self) -> dict[str, Any]:
        return asdict(self)

    def problems(self, *, accepts_unknown: bool = False) -> list[str]:
        """Why the run must not start; an unknown price is accepted or is a reason."""
        problems = []
        if not self.asked:
            problems.append(self._no_document())
        if self.tokens > self.ceiling["tokens"]:
            over = f"about {self.tokens:,} tokens are needed and {self.ceiling['tokens']:,} allowed"
            problems.append(f"{over}; ask for fewer pairs, or raise generation.max_tokens")
        if self.unknown_prices and self.ceiling["usd"] is not None and not accepts_unknown:
            problems.append(unpriced(self.unknown_prices, "generation.max_cost_usd", self.ceiling["usd"]))
        if self.ceiling["usd"] is not None and self.known_usd > self.ceiling["usd"]:
            about = "more than" if self.unknown_prices else "about"
            over = f"{about} {self.known_usd:.2f} US dollars are needed and {self.ceiling['usd']:.2f} allowed"
            problems.append(f"{over}; ask for fewer pairs, or raise generation.max_cost_usd")
        return problems

    def _no_document(self) -> str:
        unread = f" ({len(self.left_out)} cannot be read)" if self.left_out else ""
        if not self.other_side:
            return f"no document gives pairs, for there is none with text{unread}; upload documents first"
        if self.other_side == 1:
            return (
                f"the only document with text is kept for the other purpose{unread}: training and evaluation never "
                "share one, so that questions measure what was not trained; upload a second document"
            )
        return (
            f"all {self.other_side} documents are kept for the other purpose{unread}, as "
            "generation.held_out_percentage is set; change it and deploy"
        )
