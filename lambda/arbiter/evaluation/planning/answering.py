"""The most that the answers of an arm take: the answers themselves, the searches, and the replies that plan those."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from arbiter.answering.prompts import CHAIN_OF_THOUGHT, EXAMPLES, GROUNDING, JUDGE, REWRITE, SPLIT, SYSTEM
from arbiter.answering.request import Prompting, Request, Retrieval, Search
from arbiter.answering.retrieval import BOUNDS, Bounds, Query, rewrites
from arbiter.answering.writer import STEP_TOKENS
from arbiter.costs.prices import GUARDRAIL, SEARCH, Bill, Prices, SearchPrice
from arbiter.costs.tokens import Usage
from arbiter.costs.tokens import estimated_tokens as tokens
from arbiter.costs.use import units_of
from arbiter.evaluation.run.arms import Arm
from arbiter.evaluation.run.conversation import as_asked, turns
from arbiter.model_parameters import reasoning_tokens


class Sizes(NamedTuple):
    """The sizes that the deployment is set to."""

    results: int
    passage_tokens: int
    answer_tokens: int
    example_tokens: int = 600
    """Of the owner's examples in a prompt."""
    house_tokens: int = 0
    """Of the house prompt."""
    thinking_tokens: int = 1_024
    """Of the reasoning before an answer, where a prompting asks for it."""
    search: Search | None = None
    prompting: Prompting = "zero_shot"
    """The technique of an arm that names none."""


def answers(cases: Sequence[Mapping[str, Any]], arm: Arm, sizes: Sizes) -> Usage:
    """The tokens of an arm's answers."""
    techniques = {
        "few_shot": tokens(EXAMPLES) + sizes.example_tokens,
        "chain_of_thought": tokens(CHAIN_OF_THOUGHT),
        "house": tokens(EXAMPLES) + sizes.house_tokens,
    }
    own, technique = arm.asked or {}, arm.prompting or sizes.prompting
    schema = tokens(json.dumps(own["format"])) if "format" in own else 0
    fixed = tokens(own.get("system") or SYSTEM) + schema + techniques.get(technique, 0) + passages(arm, sizes)
    asked = sum(tokens(as_asked(case)) + fixed for case in cases)
    thinking = sizes.thinking_tokens if technique == "chain_of_thought" else 0
    written = own.get("limits", {}).get("max_output_tokens") or sizes.answer_tokens
    return Usage(asked, len(cases) * (written + thinking))


def searches(cases: Sequence[Mapping[str, Any]], arm: Arm, sizes: Sizes, price: SearchPrice) -> Bill:
    """The searches of an arm, as many as its strategy may make of a question."""
    if not arm.mode.grounded:
        return Bill(0.0)
    options = arm.retrieval or {}
    search, rerank = options.get("search") or sizes.search, bool(options.get("rerank"))
    query = Query("", _results(arm, sizes), Retrieval(search=search, rerank=rerank))
    most = _bounds(arm).searches
    costs = [query.cost(price, tokens(as_asked(case)), sizes.passage_tokens) for case in cases]
    known = [cost * most for cost in costs if cost is not None]
    return Bill(sum(known), () if len(known) == len(costs) else (SEARCH,))


def replies(cases: Sequence[Mapping[str, Any]], arm: Arm, sizes: Sizes, model: str) -> Usage:
    """The tokens of the replies by which a strategy plans the searches of an arm."""
    if not arm.grounded:
        return Usage(0, 0)
    bounds = _bounds(arm)
    shown = bounds.passages * _results(arm, sizes) * sizes.passage_tokens * len(cases)
    counts = [bounds.replies + _rewrites(arm, case) for case in cases]
    each = max(tokens(SPLIT), tokens(JUDGE), tokens(REWRITE))
    read = sum((tokens(as_asked(case)) + each) * count for case, count in zip(cases, counts, strict=True))
    return Usage(read + shown, (STEP_TOKENS + reasoning_tokens(model)) * sum(counts))


def screening(cases: Sequence[Mapping[str, Any]], arm: Arm, sizes: Sizes, prices: Prices) -> Bill:
    """The guardrail's part of an arm's answers, and of the replies that plan their searches; a price may be unknown."""
    policies = prices.guardrail
    units: dict[str, int] = defaultdict(int)
    quoted = passages(arm, sizes)
    for case in cases:
        answer, planned = answers([case], arm, sizes), replies([case], arm, sizes, arm.model or "")
        # Planning calls are screened as a whole, and each begins its units anew.
        once = units_of(policies, Usage(answer.input_tokens - quoted, answer.output_tokens), quoted)
        often = units_of(policies, planned, 0) if any(planned) else {}
        for policy, count in once.items():
            units[policy] += count + often.get(policy, 0) + (2 * _bounds(arm).replies if often else 0)
    known = sum(units[policy] * price / 1_000 for policy, price in policies.items() if price is not None)
    return Bill(known, (GUARDRAIL,) if None in policies.values() else ())


def reasoning(model: str, calls: int) -> Usage:
    """The tokens that a model may spend before each reply; models are allowed them beside the reply's own."""
    return Usage(0, calls * reasoning_tokens(model))


def passages(arm: Arm, sizes: Sizes) -> int:
    """Tokens of the passages that an answer is given, and of what is said about them."""
    if not arm.grounded:
        return 0
    return tokens(GROUNDING) + _results(arm, sizes) * sizes.passage_tokens


def _results(arm: Arm, sizes: Sizes) -> int:
    return int((arm.retrieval or {}).get("results") or sizes.results)


def _rewrites(arm: Arm, case: Mapping[str, Any]) -> bool:
    options = arm.retrieval or {}
    return rewrites(Request("", history=turns(case), retrieval=Retrieval(**options)))


def _bounds(arm: Arm) -> Bounds:
    return BOUNDS[(arm.retrieval or {}).get("strategy") or "basic"]
