"""The time and money that an answer in each mode is expected to take, before a mode is chosen."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from arbiter.answering.prompts import GROUNDING, build_prompt, build_splitting, output_tokens
from arbiter.answering.request import Limits, Request
from arbiter.answering.retrieval import BOUNDS, Query, most_replies
from arbiter.answering.writer import STEP_TOKENS
from arbiter.costs.ceiling import written
from arbiter.costs.prices import Price, Prices
from arbiter.costs.tokens import most_tokens, schema_tokens
from arbiter.model_parameters import reasoning_tokens
from arbiter.modes import Mode
from arbiter.settings.answering import RouterSettings

BYTES_PER_TOKEN = 4.5
"""Of passages, which are cut by tokens and paid for, at most, by bytes; English has four to five."""
OUTPUT_TOKENS = 150
"""Tokens of a usual answer before any run has counted them."""
USUAL_CALL_MS, LEAST_CALL_MS = 400.0, 100.0
"""Milliseconds of one call, of the model or of the search, before any run has timed them: estimates, low enough to
rule out nothing that might have held."""
LEAST_SHARE = 0.5
"""Part of a mode's measured median that its fastest answers take."""


class Taken(NamedTuple):
    """The time and money that an answer takes."""

    milliseconds: float
    cost_usd: float | None
    """`None` where no price is known."""

    def holds(self, limits: Limits) -> bool:
        """Tell if both limits are kept; a cost that is not known keeps none."""
        return not any(self.broken(limits))

    def broken(self, limits: Limits) -> Iterator[str]:
        """A clause on each limit that is not kept."""
        most, latest = limits.max_cost_usd, limits.max_latency_ms
        if most is not None and self.cost_usd is None:
            yield "has no known price, so limits.max_cost_usd cannot be kept"
        elif most is not None and self.cost_usd is not None and self.cost_usd > most:
            yield f"may cost {self.cost_usd:.8f} US dollars, and limits.max_cost_usd is {written(most)}"
        if latest is not None and self.milliseconds > latest:
            yield f"takes about {self.milliseconds:,.0f} ms, and limits.max_latency_ms is {latest:,}"


class Expected(NamedTuple):
    """The usual answer of a mode, and the least that any answer of it takes: fast, and of one token."""

    usual: Taken
    least: Taken


def expected_of(request: Request, settings: RouterSettings, measured: Mapping[str, Any]) -> dict[Mode, Expected]:
    """The time and cost of an answer in each mode: as the last run measured the mode, else as estimated.

    Costs are bounds, as those that a model is called with: no token is shorter than a byte.
    """
    prices = _prices(settings)
    searching, replies = _searching(request, settings, prices[False]), most_replies(request)
    own = most_tokens(build_prompt(request, ()).texts()) + schema_tokens(request.format.asked_schema)
    results = request.retrieval.results or settings.results
    passages = len(GROUNDING) + round(results * settings.passage_tokens * BYTES_PER_TOKEN)
    longest = output_tokens(request, settings)
    expected = {}
    for mode in Mode:
        known = measured.get(mode.value) or {}
        read = own + (passages if mode.grounded else 0)
        written = min(longest, round(known.get("output_tokens") or OUTPUT_TOKENS))
        # Before the answer: the search, and a model's reply where one is asked for.
        further = min(1, replies) if mode.grounded else 0
        calls = 1 + mode.grounded + further
        median = known.get("milliseconds")
        price, searched = prices[mode.specialised], searching if mode.grounded else (0.0, 0.0)
        usual_ms, least_ms = USUAL_CALL_MS * calls, LEAST_CALL_MS * calls
        if median:
            usual_ms, least_ms = median + USUAL_CALL_MS * further, median * LEAST_SHARE + LEAST_CALL_MS * further
        expected[mode] = Expected(
            Taken(usual_ms, _cost(price, read, written, settings, searched[1])),
            Taken(least_ms, _cost(price, read, 1, settings, searched[0])),
        )
    return expected


def _prices(settings: RouterSettings) -> dict[bool, Price | None]:
    """The price of the base model, and of the tuned one: the dearest, for which is in service is not looked up here."""
    prices = Prices(settings.prices)
    own = [] if settings.tuned_model else [prices.of(name) for name in settings.prices if name.startswith("custom:")]
    tuned = max((price for price in own if price), key=lambda price: price.output, default=None)
    return {False: prices.of(settings.base_model), True: tuned}


def _searching(request: Request, settings: RouterSettings, price: Price | None) -> tuple[float | None, float | None]:
    """The cost of the fewest and of the most searches, and replies of the base model, before the answer."""
    bounds, replies = BOUNDS[request.retrieval.strategy], most_replies(request)
    results = request.retrieval.results or settings.results
    query = Query(request.question, results, request.retrieval)
    one = query.cost(Prices(settings.prices).search, len(query.text.encode()), settings.passage_tokens)
    if one is None or not replies:
        return one, one
    if price is None:
        return None, None
    asked = most_tokens(build_splitting(request, bounds.searches).texts()) * price.input
    written = (STEP_TOKENS + reasoning_tokens(settings.base_model)) * price.output
    passages = bounds.passages * results * settings.passage_tokens * BYTES_PER_TOKEN * price.input
    return one + asked + price.output, one * bounds.searches + replies * (asked + written) + passages


def _cost(
    price: Price | None, read: int, written: int, settings: RouterSettings, searched: float | None
) -> float | None:
    if price is None or searched is None:
        return None
    return searched + read * price.input + (written + reasoning_tokens(settings.base_model)) * price.output
