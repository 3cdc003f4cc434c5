"""Bounds of a request: the most money and tokens that answering it can take."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from arbiter.answering.asked.format import LARGEST_SCHEMA
from arbiter.answering.prompting.files import MOST_HOUSE_TOKENS
from arbiter.answering.prompts import GROUNDING, build_prompt, build_splitting, output_tokens
from arbiter.answering.request import Request
from arbiter.answering.retrieval import BOUNDS, Query, most_replies
from arbiter.answering.writer import STEP_TOKENS
from arbiter.costs.prices import Price, Prices
from arbiter.costs.tokens import TOOL_TOKENS, Usage, most_tokens, schema_tokens
from arbiter.costs.use import PASSAGE_BYTES
from arbiter.edge.budgets import PICO, Budget, Spent, pico
from arbiter.errors import CostLimitExceeded
from arbiter.model_parameters import reasoning_tokens
from arbiter.settings.answering import RouterSettings

if TYPE_CHECKING:  # Only where a guardrail is deployed.
    from arbiter.guarding.assessment import Assessed

FRAME = 600
"""Bytes around a passage in the prompt: its tags, and an address in S3."""
HOUSE = "house"
"""The prompting whose prompt is the owner's, and cached."""


def most_of(request: Request, settings: RouterSettings, budget: Budget) -> Spent:
    """The most that a request can take: its question, its passages and its longest answer, at the dearer model's price.

    Bounds, not estimates: no token is shorter than a byte. A second call is counted where one may be paid for: an
    answer in JSON may be repaired, a tuned model that was too slow be stood in for.

    Raises:
        CostLimitExceeded: money is limited, and a price is not known.
    """
    may_ground = request.mode is None or request.mode.grounded
    written = output_tokens(request, settings) + reasoning_tokens(settings.base_model)
    own, quoted = most_tokens(build_prompt(request, ()).texts()) + _schema_tokens(request), 0
    shown = {"few_shot": settings.example_tokens, HOUSE: MOST_HOUSE_TOKENS}.get(request.prompting, 0)
    own += math.ceil(shown * PASSAGE_BYTES) + (FRAME if shown else 0)
    if may_ground:
        results = request.retrieval.results or settings.results
        quoted = len(GROUNDING) + results * (math.ceil(settings.passage_tokens * PASSAGE_BYTES) + FRAME)
    bounds = BOUNDS[request.retrieval.strategy if may_ground else "basic"]
    steps = most_replies(request) if may_ground else 0
    planning = steps * most_tokens(build_splitting(request, 1).texts()) + bounds.passages * quoted
    read = _calls(request) * (own + quoted) + planning
    written = _calls(request) * written + steps * STEP_TOKENS
    if budget.pico is None:
        return Spent(0, read + written)
    price, searches = _price(request, settings), _searches(request, settings) if may_ground else 0.0
    if price is None or searches is None:
        raise CostLimitExceeded("The budget in US dollars cannot be kept: a price is not known to this deployment.")
    usd = price.most(read, written, _calls(request) + steps) + searches
    if request.limits.max_cost_usd is not None:
        usd = min(usd, request.limits.max_cost_usd)
    return Spent(pico(usd), read + written)


def within(request: Request, most: Spent) -> Request:
    """The request with its reservation as its cost limit, which the answering path keeps."""
    return request._replace(limits=request.limits._replace(max_cost_usd=most.pico / PICO))


def _schema_tokens(request: Request) -> int:
    if request.prompting == HOUSE:
        return LARGEST_SCHEMA + TOOL_TOKENS  # The house may want JSON by a schema that is not known here.
    return schema_tokens(request.format.asked_schema)


def _calls(request: Request) -> int:
    return (
        1
        + (request.format.type == "json" or request.prompting == HOUSE)
        + (request.may_degrade and _specialised(request))
    )


def _specialised(request: Request) -> bool:
    return request.mode is None or request.mode.specialised


def _price(request: Request, settings: RouterSettings) -> Price | None:
    price = _dearest(settings, _specialised(request))
    return price.when_caching if price and request.prompting == HOUSE else price


def _dearest(settings: RouterSettings, specialised: bool) -> Price | None:
    prices = Prices(settings.prices)
    known = [prices.of(settings.base_model)]
    if specialised:
        tuned = [prices.of(name) for name in settings.prices if name.startswith("custom:")]
        known += tuned
    return None if None in known else max(price for price in known if price)


def used_usd(used: Usage, settings: RouterSettings) -> float:
    """US dollars of tokens at the dearer model's price; nothing where it is unknown."""
    price = _dearest(settings, specialised=True)
    return price.cost(used) if price else 0.0


def screened_usd(assessed: Iterable["Assessed"], settings: RouterSettings) -> float:
    """US dollars that a guardrail billed; nothing where the price of a policy is unknown."""
    prices = Prices(settings.prices).guardrail
    return sum(one.cost(prices) or 0.0 for one in assessed)


def broken_usd(broken: Iterable[Usage], request: Request, settings: RouterSettings) -> float:
    """The most US dollars of replies that broke off, as they were reserved: a guardrail bills for those, too."""
    price = _price(request, settings)
    return sum(price.most(usage.input_tokens, usage.output_tokens) for usage in broken) if price else 0.0


def searches_usd(request: Request, settings: RouterSettings) -> float:
    """US dollars of the most searches that a request makes; nothing where their price is unknown."""
    return _searches(request, settings) or 0.0


def _searches(request: Request, settings: RouterSettings) -> float | None:
    query = Query(request.question, request.retrieval.results or settings.results, request.retrieval)
    # A search for a question in a conversation holds earlier questions, too.
    longest = len(request.question.encode()) + sum(len(turn.text.encode()) for turn in request.history)
    one = query.cost(Prices(settings.prices).search, longest, settings.passage_tokens)
    return None if one is None else one * BOUNDS[request.retrieval.strategy].searches
