"""The plan of a run: which documents give how many pairs, and what that will take, before anything is paid for."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from arbiter.costs.ceiling import unpriced
from arbiter.costs.tokens import Prices, Usage
from arbiter.generation import prompts
from arbiter.generation.order import Order
from arbiter.generation.sources.allotment import allot, document_id, weighted
from arbiter.generation.sources.documents import is_document, why_unreadable
from arbiter.generation.sources.passages import BYTES_PER_TOKEN
from arbiter.model_parameters import reasoning_tokens
from arbiter.training_data.split import held_out, swapped

SPARE = 1.3
"""Pairs asked for, for each that is wanted: verification and deduplication drop some."""
PAIRS_A_CALL = 5
OUTPUT_A_PAIR = 130
OUTPUT_A_VERDICT = 60
_PER_TURN = 20

Needs = Mapping[str, tuple[Usage, Usage]]
"""Document -> tokens of the generator and of the verifier."""


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
        if self.usd is not None and self.ceiling["usd"] is not None and self.usd > self.ceiling["usd"]:
            over = f"about {self.usd:.2f} US dollars are needed and {self.ceiling['usd']:.2f} allowed"
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


@dataclass(frozen=True, kw_only=True)
class Planning:
    """Plans runs by the settings of a deployment."""

    generator: str
    verifier: str
    prices: Prices
    held_out_percentage: int
    passage_tokens: int
    results: int
    ceiling: Ceiling

    def plan(self, order: Order, sizes: Mapping[str, int]) -> tuple[list[Share], Estimate]:
        """Allot the pairs of an order to documents, given as key -> bytes."""
        documents = {key: size for key, size in sizes.items() if is_document(key)}
        left_out = {key: why for key, size in documents.items() if (why := why_unreadable(key, size))}
        read = {key: size for key, size in documents.items() if key not in left_out}
        moved = swapped(read, self.held_out_percentage)
        side = {
            key: size
            for key, size in read.items()
            if (held_out(key, self.held_out_percentage) != (key == moved)) == (order.purpose == "evaluation")
        }
        allotted = allot(side, math.ceil(order.pairs * SPARE))
        needs = {key: self._need(side[key], pairs, order) for key, pairs in allotted.items()}
        estimate = self._estimate(order, allotted, needs, left_out, len(read) - len(side))
        return self._shares(allotted, needs, estimate, moved), estimate

    def _need(self, size: int, pairs: int, order: Order) -> tuple[Usage, Usage]:
        """Tokens of the generator and of the verifier for one document."""
        passage = min(self.passage_tokens, size // BYTES_PER_TOKEN + 1)
        calls = math.ceil(pairs / PAIRS_A_CALL)
        asking = prompts.generator_prompt("", "", order.kinds)
        checking = prompts.support_prompt([""], "", "")
        turn = weighted(order.kinds)
        absent = turn.count("out_of_scope") / len(turn)
        read = _tokens(checking.texts()) + passage + OUTPUT_A_PAIR + round(absent * self.results * self.passage_tokens)
        return (
            Usage(
                calls * (_tokens(asking.texts()) + passage),
                pairs * OUTPUT_A_PAIR + calls * reasoning_tokens(self.generator),
            ),
            Usage(pairs * read, pairs * (OUTPUT_A_VERDICT + reasoning_tokens(self.verifier))),
        )

    def _estimate(
        self, order: Order, allotted: Mapping[str, int], needs: Needs, left_out: dict[str, str], other_side: int
    ) -> Estimate:
        generator, verifier = (_sum(need[model] for need in needs.values()) for model in (0, 1))
        unknown = list(self.prices.bill({self.generator: generator, self.verifier: verifier}).unknown)
        allowed = min(self.ceiling.tokens, order.max_tokens or self.ceiling.tokens)
        return Estimate(
            pairs=order.pairs,
            asked=sum(allotted.values()),
            documents=len(allotted),
            left_out=left_out,
            other_side=other_side,
            generator=_named(generator),
            verifier=_named(verifier),
            tokens=_all(generator) + _all(verifier),
            usd=self._cost(generator, verifier),
            unknown_prices=unknown,
            ceiling={"tokens": allowed, "usd": self.ceiling.usd},
        )

    def _cost(self, generator: Usage, verifier: Usage) -> float | None:
        asks, checks = self.prices.bill({self.generator: generator}), self.prices.bill({self.verifier: verifier})
        return None if asks.usd is None or checks.usd is None else round(asks.usd + checks.usd, 6)

    def _shares(self, allotted: Mapping[str, int], needs: Needs, estimate: Estimate, moved: str | None) -> list[Share]:
        """Each document's part of the ceilings, as its part of the estimate is; together they never exceed them."""
        shares = []
        for key, pairs in allotted.items():
            tokens, usd = _all(needs[key][0]) + _all(needs[key][1]), self._cost(*needs[key])
            allowed = tokens * estimate.ceiling["tokens"] // estimate.tokens
            ceiling = estimate.ceiling["usd"]
            affordable = ceiling * usd / estimate.usd if usd and estimate.usd and ceiling is not None else None
            shares.append(Share(document_id(key), key, pairs, allowed, affordable, moved))
        return shares


def _tokens(texts: Iterable[str]) -> int:
    return sum(len(text.encode()) // BYTES_PER_TOKEN + _PER_TURN for text in texts)


def _sum(usages: Iterable[Usage]) -> Usage:
    listed = list(usages)
    return Usage(sum(usage.input_tokens for usage in listed), sum(usage.output_tokens for usage in listed))


def _all(usage: Usage) -> int:
    return usage.input_tokens + usage.output_tokens


def _named(usage: Usage) -> dict[str, int]:
    return {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
