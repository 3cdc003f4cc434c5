"""A rule of the taxonomy as data: an id, its source, a condition on the answers, and its effect on options."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from cli.advice.rules.options import Status

Kind = Literal["advise", "choose", "limit", "note"]
"""`advise` raises an option to a status, `choose` picks a method where its approach is advised, `limit` bounds a status
from above whatever else speaks for it, `note` only tells."""


class Check(NamedTuple):
    """A check of one answer: of a number (`at_least`, `below`), of a choice or of several (`any_of`, `none_of`)."""

    at_least: float | None = None
    below: float | None = None
    any_of: tuple[object, ...] = ()
    none_of: tuple[object, ...] = ()

    def holds(self, value: Any) -> bool:
        if self.at_least is not None and value < self.at_least:
            return False
        if self.below is not None and value >= self.below:
            return False
        values = set(value) if isinstance(value, tuple | frozenset) else {value}
        return not (self.any_of and not values & set(self.any_of)) and not values & set(self.none_of)


class Effect(NamedTuple):
    """The effect of a rule on an approach or a method."""

    kind: Kind
    target: str
    status: Status = Status.RECOMMENDED


class Rule(NamedTuple):
    """One rule; it fires where all checks of one of its conditions hold."""

    id: str
    source: str
    """Section of the AWS generative AI customization decision taxonomy, or of the later facts that it lacks."""
    says: str
    effects: tuple[Effect, ...]
    when: tuple[Mapping[str, Check], ...] = ({},)
    today: str = ""
    """Newer evidence that contradicts it or changes its cost."""
    yields: bool = False
    """Whether its limit gives way to a measurement: it is a rule of thumb, and no condition of the owner."""

    def fires(self, scenario: object) -> bool:
        return any(all(check.holds(getattr(scenario, name)) for name, check in one.items()) for one in self.when)

    def rank(self, scenario: object) -> int:
        """The place of the requirement that it answers, by which reasons are told: what matters most first."""
        ranked = tuple(getattr(scenario, "requirements", ()))
        asked = {value for one in self.when if (check := one.get("requirements")) for value in check.any_of}
        return min((ranked.index(value) for value in asked if value in ranked), default=len(ranked))

    def thresholds(self) -> Iterator[tuple[str, float]]:
        """The numbers at which it begins or ceases to fire, by field."""
        for condition in self.when:
            for name, check in condition.items():
                yield from ((name, bound) for bound in (check.at_least, check.below) if bound is not None)


def advise(*targets: str, later: bool = False) -> tuple[Effect, ...]:
    return tuple(Effect("advise", target, Status.LATER if later else Status.RECOMMENDED) for target in targets)


def choose(*methods: str, later: bool = False) -> tuple[Effect, ...]:
    return tuple(Effect("choose", method, Status.LATER if later else Status.RECOMMENDED) for method in methods)


def limit(status: Status, *targets: str) -> tuple[Effect, ...]:
    return tuple(Effect("limit", target, status) for target in targets)


def note(*targets: str) -> tuple[Effect, ...]:
    return tuple(Effect("note", target) for target in targets)


def at_least(number: float) -> Check:
    return Check(at_least=number)


def below(number: float) -> Check:
    return Check(below=number)


def between(least: float, end: float) -> Check:
    return Check(at_least=least, below=end)


def has(*values: object) -> Check:
    return Check(any_of=values)


def lacks(*values: object) -> Check:
    return Check(none_of=values)
