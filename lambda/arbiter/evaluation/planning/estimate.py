"""The most that an evaluation takes: calls, tokens and dollars, before the first call is made."""

import heapq
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from arbiter.costs.prices import Bill, Prices, SearchPrice
from arbiter.costs.tokens import Usage
from arbiter.costs.tokens import estimated_tokens as tokens
from arbiter.evaluation.native.jobs import MOST_PROMPTS, eligible
from arbiter.evaluation.native.request import LEVELS, instructions
from arbiter.evaluation.planning.answering import Sizes, answers, passages, reasoning, replies, screening, searches
from arbiter.evaluation.run.arms import Arm
from arbiter.evaluation.run.conversation import as_asked
from arbiter.evaluation.run.plan import Estimated
from arbiter.evaluation.verdicts.judging import VERDICT_TOKENS
from arbiter.evaluation.verdicts.prompts import PAIRWISE, grading

FORMAT_TOKENS = 500
"""Tokens that Bedrock adds to the instructions of a native evaluation job: documented nowhere."""
ORDERS = 2
"""A pair is shown in both orders."""


class Spending(NamedTuple):
    """The models that answer and judge, and their prices as far as they are known."""

    base_model: str
    tuned_model: str
    """The price's name of a tuned model that is not known: `custom:<base model id>`."""
    tuned: Mapping[str, str]
    """That of the model behind each pointer and training run."""
    judges: Sequence[str]
    prices: Prices
    ceiling_usd: float | None
    searching: Mapping[str, SearchPrice] = MappingProxyType({})
    """The prices of a search in each of the further knowledge bases."""

    def priced_as(self, arm: Arm) -> str:
        """The name that the price of an arm's model stands under."""
        if arm.specialised:
            return self.tuned.get(arm.tuned, self.tuned_model)
        return arm.model or self.base_model

    def searched_at(self, arm: Arm) -> SearchPrice:
        """The prices of an arm's searches."""
        return self.prices.search if arm.knowledge_base is None else self.searching[arm.knowledge_base]


class Asked(NamedTuple):
    """The verdicts that a run asks of each judge about each answer."""

    repeat: int
    pairwise: bool
    native: bool
    """Whether Bedrock's own evaluation jobs judge as well."""


class Counts(NamedTuple):
    """How many answers and verdicts there will be."""

    answers: int
    verdicts: int
    native_verdicts: int


class Estimate(NamedTuple):
    """The most that an evaluation takes if nothing is asked twice; `usd` is `None` when a price is unknown."""

    answers: int
    verdicts: int
    native_verdicts: int
    """Verdicts of Bedrock's own evaluation jobs."""
    input_tokens: int
    output_tokens: int
    usd: float | None
    known_usd: float
    """The part of it whose prices are known."""
    unknown_prices: tuple[str, ...]
    ceiling_usd: float | None

    @property
    def too_much(self) -> bool:
        """Whether even what is known passes the ceiling."""
        return self.ceiling_usd is not None and self.known_usd > self.ceiling_usd

    def dump(self) -> Estimated:
        return {
            "answers": self.answers,
            "verdicts": self.verdicts,
            "native_verdicts": self.native_verdicts,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "usd": self.usd,
            "known_usd": self.known_usd,
            "unknown_prices": list(self.unknown_prices),
            "ceiling_usd": self.ceiling_usd,
        }


def estimate(
    cases: Sequence[Mapping[str, Any]],
    arms: Sequence[Arm],
    *,
    sizes: Sizes,
    spending: Spending,
    asked: Asked,
) -> Estimate:
    """The most that answers and verdicts of some cases take."""
    used: dict[str, Usage] = defaultdict(lambda: Usage(0, 0))
    for arm in arms:
        model = spending.priced_as(arm)
        _add(used, model, answers(cases, arm, sizes))
        _add(used, model, reasoning(model, len(cases)))
        planner = arm.model or spending.base_model
        _add(used, planner, replies(cases, arm, sizes, planner))
    judged = [_verdicts(cases, arm, sizes, asked.repeat) for arm in arms]
    pairs = math.comb(len(arms), 2) * ORDERS if asked.pairwise else 0
    native = longest_of_a_job(cases) if asked.native else ()
    for judge in spending.judges:
        for usage in [*judged, _comparisons(cases, sizes, pairs), *[_native(native, sizes)] * len(arms)]:
            _add(used, judge, usage)
        _add(used, judge, reasoning(judge, len(cases) * (len(arms) * asked.repeat + pairs) + len(native) * len(arms)))
    each_judge = len(cases) * (len(arms) * asked.repeat + pairs)
    counts = Counts(
        answers=len(cases) * len(arms),
        verdicts=each_judge * len(spending.judges),
        native_verdicts=len(native) * len(arms) * len(spending.judges),
    )
    beside = [searches(cases, arm, sizes, spending.searched_at(arm)) for arm in arms]
    beside += [screening(cases, arm, sizes, spending.prices) for arm in arms]
    return _priced(used, spending, counts, beside)


def longest_of_a_job(cases: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The cases of a native evaluation job, where more than it takes are there those with the most to read."""
    return heapq.nlargest(MOST_PROMPTS, eligible(cases), key=_known)


def _priced(used: Mapping[str, Usage], spending: Spending, counts: Counts, further: Sequence[Bill]) -> Estimate:
    bills = [spending.prices.bill(used), *further]
    known = sum(bill.known for bill in bills)
    unknown = tuple(dict.fromkeys(name for bill in bills for name in bill.unknown))
    return Estimate(
        **counts._asdict(),
        input_tokens=sum(usage.input_tokens for usage in used.values()),
        output_tokens=sum(usage.output_tokens for usage in used.values()),
        usd=None if unknown else round(known, 6),
        known_usd=round(known, 6),
        unknown_prices=unknown,
        ceiling_usd=spending.ceiling_usd,
    )


def _verdicts(cases: Sequence[Mapping[str, Any]], arm: Arm, sizes: Sizes, repeat: int) -> Usage:
    fixed = tokens(grading(grounded=arm.grounded)) + sizes.answer_tokens + passages(arm, sizes)
    read = sum(_known(case) + fixed for case in cases)
    return Usage(read * repeat, len(cases) * VERDICT_TOKENS * repeat)


def _comparisons(cases: Sequence[Mapping[str, Any]], sizes: Sizes, pairs: int) -> Usage:
    fixed = tokens(PAIRWISE) + 2 * sizes.answer_tokens
    return Usage(sum(_known(case) + fixed for case in cases) * pairs, len(cases) * VERDICT_TOKENS * pairs)


def _native(cases: Sequence[Mapping[str, Any]], sizes: Sizes) -> Usage:
    """A job of one judge over one arm, which is shown no passages."""
    fixed = tokens(instructions(referenced=True)) + sum(map(tokens, LEVELS.values())) + FORMAT_TOKENS
    read = sum(_known(case) + fixed + sizes.answer_tokens for case in cases)
    return Usage(read, len(cases) * VERDICT_TOKENS)


def _known(case: Mapping[str, Any]) -> int:
    return tokens(as_asked(case)) + tokens(case.get("reference", ""))


def _add(used: dict[str, Usage], model: str, more: Usage) -> None:
    before = used[model]
    used[model] = Usage(before.input_tokens + more.input_tokens, before.output_tokens + more.output_tokens)
