"""The mode of a request that leaves it to `auto`: by profiles or rules, within the request's limits."""

from collections.abc import Mapping, Sequence
from typing import Any

from arbiter.answering.decision import Decision, Profiles, ProfileSource, decide
from arbiter.answering.expected import Expected, Taken, expected_of
from arbiter.answering.request import Limits, Request
from arbiter.answering.retry import Deadline
from arbiter.answering.work import Work
from arbiter.errors import (
    CostLimitExceeded,
    DeadlineExceeded,
    ProfileUnavailable,
    Throttled,
    TunedModelUnavailable,
)
from arbiter.modes import Mode
from arbiter.settings.answering import RouterSettings
from arbiter.tuned_models.service.pointer import TunedModel, TunedModels

PROFILE_SHARE = 0.2
"""Part of the time left that looking for profiles may take; rules decide in their place."""


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
            soon = (
                "; a profile of them is made within minutes of a sync" if isinstance(error, ProfileUnavailable) else ""
            )
            work.do_without(error, f"routed by rules that know nothing of the documents{soon}")
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
