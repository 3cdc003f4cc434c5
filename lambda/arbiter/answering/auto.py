"""The mode of a request that leaves it to `auto`: by profiles or rules, within the request's limits."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from arbiter.answering.decision import Decision, Profiles, ProfileSource, decide
from arbiter.answering.prompts import GROUNDING, build_prompt
from arbiter.answering.request import Limits, Request
from arbiter.answering.retrieval import MOST_SEARCHES, Query
from arbiter.answering.retry import Deadline
from arbiter.answering.work import Work
from arbiter.answering.writer import TunedModels
from arbiter.costs.tokens import Price, Prices, most_tokens
from arbiter.errors import (
    CostLimitExceeded,
    DeadlineExceeded,
    ProfileUnavailable,
    Throttled,
    TunedModelUnavailable,
)
from arbiter.model_parameters import reasoning_tokens
from arbiter.modes import Mode
from arbiter.settings.answering import RouterSettings
from arbiter.tuned_models.service.pointer import TunedModel

PROFILE_SHARE = 0.2
"""Part of the time left that looking for profiles may take; rules decide in their place."""
BYTES_PER_TOKEN = 4.5
"""Of passages, which are cut by tokens and paid for, at most, by bytes; English has four to five."""
OUTPUT_TOKENS = 150
"""Tokens of a usual answer before any run has counted them."""
USUAL_CALL_MS, LEAST_CALL_MS = 400.0, 100.0
"""Milliseconds of one call, of the model or of the search, before any run has timed them: estimates, low enough to
rule out nothing that might have held."""
LEAST_SHARE = 0.5
"""Part of a mode's measured median that its fastest answers take."""


class Auto:
    """Decides for requests by the profiles that are kept, where there are any."""

    def __init__(self, settings: RouterSettings, tuned_models: TunedModels, profiles: ProfileSource | None) -> None:
        self._settings, self._tuned_models, self._profiles = settings, tuned_models, profiles

    def decide(self, work: Work) -> Decision:
        """Decide for a request; without a profile by rules, which the answer then says.

        Raises:
            CostLimitExceeded, DeadlineExceeded: no mode holds the limits of the request.
        """
        request = work.request
        decision = decide(request, self._current_profiles(work))
        if request.limits.max_cost_usd is None and request.limits.max_latency_ms is None:
            return decision
        return within(decision, request, expected_of(request, self._settings, self._measured(work)))

    def _current_profiles(self, work: Work) -> Profiles | None:
        if self._profiles is None:
            return None
        until = work.deadline.share(PROFILE_SHARE)
        try:
            return self._profiles.current(self._in_service(work, until), until.remaining())
        except (DeadlineExceeded, ProfileUnavailable, Throttled) as error:
            work.do_without(error, "routed by rules that know nothing of the documents")
            return None

    def _measured(self, work: Work) -> Mapping[str, Any]:
        until = work.deadline.share(PROFILE_SHARE)
        try:
            return self._profiles.measured(until.remaining()) if self._profiles else {}
        except (DeadlineExceeded, ProfileUnavailable, Throttled):
            return {}

    def _in_service(self, work: Work, until: Deadline) -> TunedModel | None:
        """The tuned model whose profile counts; one that cannot be looked up is missed where it is to answer."""
        try:
            return work.attempts(1, until=until).run(self._tuned_models.current)
        except (DeadlineExceeded, Throttled, TunedModelUnavailable):
            return None


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
            yield f"may cost {self.cost_usd:.8f} US dollars, and limits.max_cost_usd is {most:g}"
        if latest is not None and self.milliseconds > latest:
            yield f"takes about {self.milliseconds:,.0f} ms, and limits.max_latency_ms is {latest:,}"


class Expected(NamedTuple):
    """The usual answer of a mode, and the least that any answer of it takes: fast, and of one token."""

    usual: Taken
    least: Taken


def within(decision: Decision, request: Request, expected: Mapping[Mode, Expected]) -> Decision:
    """The decision for the mode that the scores call for most among those that the limits allow.

    Raises:
        CostLimitExceeded, DeadlineExceeded: no mode holds the limits; names the cheapest.
    """
    order = sorted(Mode, key=decision.distance)
    chosen = fitting(order, expected, request.limits)
    ruled_out = {
        mode: " and ".join(expected[mode].usual.broken(request.limits))
        for mode in order
        if not expected[mode].usual.holds(request.limits)
    }
    return decision.limited_to(chosen, {mode: why for mode, why in ruled_out.items() if mode != chosen})


def fitting(order: Sequence[Mode], expected: Mapping[Mode, Expected], limits: Limits) -> Mode:
    """The first mode in order whose usual answer holds the limits; else the cheapest that can hold them at all.

    Raises:
        CostLimitExceeded, DeadlineExceeded: no mode can; names the cheapest.
    """
    for mode in order:
        if expected[mode].usual.holds(limits):
            return mode
    by_cost = sorted(order, key=lambda mode: _dearness(expected[mode].least))
    for mode in by_cost:
        if expected[mode].least.holds(limits):
            return mode
    cheapest = expected[by_cost[0]].least
    sentence = (
        f"No mode holds the limits of this request: even {by_cost[0].value}, the cheapest, "
        f"{' and '.join(cheapest.broken(limits))}. Raise the limits or shorten the input."
    )
    in_time = Limits(max_latency_ms=limits.max_latency_ms)
    if any(expected[mode].least.holds(in_time) for mode in order):
        raise CostLimitExceeded(sentence)
    raise DeadlineExceeded(sentence, retryable=False)


def _dearness(taken: Taken) -> tuple[bool, float, float]:
    return taken.cost_usd is None, taken.cost_usd or 0.0, taken.milliseconds


def expected_of(request: Request, settings: RouterSettings, measured: Mapping[str, Any]) -> dict[Mode, Expected]:
    """The time and cost of an answer in each mode: as the last run measured the mode, else as estimated.

    Costs are bounds, as those that a model is called with: no token is shorter than a byte.
    """
    prices, searching = _prices(settings), _searching(request, settings)
    own = most_tokens(build_prompt(request, ()).texts())
    results = request.retrieval.results or settings.results
    passages = len(GROUNDING) + round(results * settings.passage_tokens * BYTES_PER_TOKEN)
    longest = request.limits.max_output_tokens or settings.max_output_tokens
    expected = {}
    for mode in Mode:
        known = measured.get(mode.value) or {}
        read = own + (passages if mode.grounded else 0)
        written = min(longest, round(known.get("output_tokens") or OUTPUT_TOKENS))
        calls = 1 + mode.grounded
        median = known.get("milliseconds")
        price, searched = prices[mode.specialised], searching if mode.grounded else (0.0, 0.0)
        expected[mode] = Expected(
            Taken(median or USUAL_CALL_MS * calls, _cost(price, read, written, settings, searched[1])),
            Taken(
                median * LEAST_SHARE if median else LEAST_CALL_MS * calls,
                _cost(price, read, 1, settings, searched[0]),
            ),
        )
    return expected


def _prices(settings: RouterSettings) -> dict[bool, Price | None]:
    """The price of the base model, and of the tuned one: the dearest, for which is in service is not looked up here."""
    prices = Prices(settings.prices)
    own = [] if settings.tuned_model else [prices.of(name) for name in settings.prices if name.startswith("custom:")]
    tuned = max((price for price in own if price), key=lambda price: price.output, default=None)
    return {False: prices.of(settings.base_model), True: tuned}


def _searching(request: Request, settings: RouterSettings) -> tuple[float | None, float | None]:
    """The cost of the fewest and of the most searches that the request's strategy makes."""
    query = Query(request.question, request.retrieval.results or settings.results, request.retrieval)
    one = query.cost(Prices(settings.prices).search, len(query.text.encode()), settings.passage_tokens)
    most = 1 if request.retrieval.strategy == "basic" else MOST_SEARCHES
    return one, None if one is None else one * most


def _cost(
    price: Price | None, read: int, written: int, settings: RouterSettings, searched: float | None
) -> float | None:
    if price is None or searched is None:
        return None
    return searched + read * price.input + (written + reasoning_tokens(settings.base_model)) * price.output
