"""Changes of the recommendation: the nearest other value of each input that makes one, found by trying them."""

from collections.abc import Iterator
from dataclasses import replace
from math import floor
from typing import Any, NamedTuple

from arbiter.evaluation.summary.groups import listed
from cli.advice.record.decision import Decision, Known, decision_on
from cli.advice.rules.engine import RULES
from cli.advice.rules.options import NAMES
from cli.advice.scenario.fields import FIELDS, Field
from cli.advice.scenario.scenario import Scenario

MEASURED_ALREADY = ("input_tokens", "output_tokens", "region")
"""Inputs that move the bill alone, or are not chosen by their effect."""
MOST_LISTED = 8
STEP = 0.5
"""Weeks below a deadline that a rule names."""


class Flip(NamedTuple):
    """A change of one input, and what is recommended then and not now."""

    field: str
    value: Any
    words: str
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    distance: float
    """How far the input has to move: 0 where an answer changes to the next one, 1 and more where it doubles."""

    @property
    def effect(self) -> str:
        """The change of the recommendation in words."""
        added, dropped = _listed(self.added), _listed(self.dropped)
        many_in, many_out = len(self.added) > 1, len(self.dropped) > 1
        changes = [f"{added} {'join' if many_in else 'joins'} the recommendation"] if added else []
        return " and ".join([*changes, *([f"{dropped} {'drop' if many_out else 'drops'} out"] if dropped else [])])


def flips(decision: Decision, known: Known) -> list[Flip]:
    """The nearest change of each input that changes which approaches are recommended, from the nearest."""
    each = (_nearest(field, decision, known) for field in FIELDS if field.name not in MEASURED_ALREADY)
    return sorted((flip for flip in each if flip), key=lambda flip: flip.distance)[:MOST_LISTED]


def _nearest(field: Field, decision: Decision, known: Known) -> Flip | None:
    scenario = replace(decision.scenario, too_dear=frozenset(), too_slow=frozenset())
    for distance, value in sorted(_others(field, scenario, decision), key=lambda other: other[0]):
        then = decision_on(replace(scenario, **{field.name: value}), known)
        before, after = set(decision.advice.recommended), set(then.advice.recommended)
        if before != after:
            added = tuple(name for name in then.advice.recommended if name not in before)
            dropped = tuple(name for name in decision.advice.recommended if name not in after)
            return Flip(field.name, value, _words(field, scenario, value), added, dropped, distance)
    return None


def _others(field: Field, scenario: Scenario, decision: Decision) -> Iterator[tuple[float, Any]]:
    """Other values of an input, each with its distance."""
    now = getattr(scenario, field.name)
    if field.kind == "flag":
        yield 1.0, not now
    elif field.kind == "choice":
        places = list(field.allowed)
        yield from ((abs(places.index(value) - places.index(now)) / 2, value) for value in places if value != now)
    elif field.kind == "choices":
        yield from ((1.0, (*now, value)) for value in field.allowed if value not in now)
        yield from ((1.0, tuple(one for one in now if one != value)) for value in now)
    elif field.kind == "number":
        yield from (
            (abs(value - now) / max(now, 1.0), value) for value in _numbers(field, now, decision) if value != now
        )


def _numbers(field: Field, now: float, decision: Decision) -> set[float]:
    """The numbers at which some rule begins or ceases to fire, one below each; for limits, parts of the present one."""
    if field.name in ("latency_limit_ms", "cost_limit_usd"):
        return {now / 10, now / 2, now * 2, now * 10} if now else set()
    if field.name == "least_quality":
        arms = decision.evidence.arms.values() if decision.evidence else ()
        return {(floor(10 * arm["quality"]["mean"]) + 1) / 10 for arm in arms if arm["quality"]}
    bounds = {bound for rule in RULES for name, bound in rule.thresholds() if name == field.name}
    below = {bound - (1 if field.whole else STEP) for bound in bounds}
    return {value for value in bounds | below if field.least <= value <= field.most}


_OF_SEVERAL = {
    "use_cases": ("if it were also used for {}", "if it were not used for {}"),
    "requirements": ("if {} mattered too", "if {} did not matter"),
    "work": ("if a request also involved {}", "if no request involved {}"),
}
"""Words for a value that joins a list, and for one that leaves it."""


def _words(field: Field, scenario: Scenario, value: Any) -> str:
    now = getattr(scenario, field.name)
    if field.kind == "number":
        return _words_of_number(field, now, value)
    if field.kind == "choices":
        added, gone = [one for one in value if one not in now], [one for one in now if one not in value]
        return _OF_SEVERAL[field.name][0 if added else 1].format(field.allowed[(added or gone)[0]])
    if field.kind == "flag":
        return f"if the answer to “{field.question}” were {'yes' if value else 'no'}"
    return f"if the answer to “{field.question}” were “{field.allowed[value]}”"


def _words_of_number(field: Field, now: float, value: float) -> str:
    more, by = value > now, abs(value - now)
    if field.name == "examples":
        return f"with {by:,.0f} {'more' if more else 'fewer'} good examples ({value:,.0f} in all)"
    if field.name == "deadline_weeks":
        return f"with {value:g} weeks until it is in use" if more else f"with less than {value + STEP:g} weeks for it"
    if field.name == "requests_a_month":
        return f"with {value:,.0f} requests a month"
    if field.name == "least_quality":
        return f"if answers to what matters most must score {value:g} of 10 or more"
    unit = "US dollars a month" if field.name == "cost_limit_usd" else "milliseconds"
    return f"with a limit of {value:,.0f} {unit}"


def _listed(options: tuple[str, ...]) -> str:
    return listed([NAMES[option].lower() if option != "retrieval" else "retrieval" for option in options])
