"""The plan of a run: which documents give how many pairs, and what that will take, before anything is paid for."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arbiter.costs.prices import Prices
from arbiter.costs.tokens import Usage, total
from arbiter.generation import prompts
from arbiter.generation.estimate import Ceiling, Estimate, Share
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
        generator, verifier = (total(need[model] for need in needs.values()) for model in (0, 1))
        bills = [self.prices.bill({model: used}) for model, used in self._by_model(generator, verifier)]
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
            known_usd=round(sum(bill.known for bill in bills), 6),
            unknown_prices=list(dict.fromkeys(name for bill in bills for name in bill.unknown)),
            ceiling={"tokens": allowed, "usd": self.ceiling.usd},
        )

    def _cost(self, generator: Usage, verifier: Usage) -> float | None:
        bills = [self.prices.bill({model: used}) for model, used in self._by_model(generator, verifier)]
        return None if any(bill.unknown for bill in bills) else round(sum(bill.known for bill in bills), 6)

    def _by_model(self, generator: Usage, verifier: Usage) -> tuple[tuple[str, Usage], ...]:
        """The tokens of each role; both may be one model's."""
        return (self.generator, generator), (self.verifier, verifier)

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


def _all(usage: Usage) -> int:
    return usage.input_tokens + usage.output_tokens


def _named(usage: Usage) -> dict[str, int]:
    return {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
