"""The rules executed: for each approach and method a status, the rules that decided it and those that lost."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cli.advice.rules import constraints, data_bands, later_facts, methods, requirements, uses
from cli.advice.rules.options import APPROACHES, OF_METHOD, Approach, Status
from cli.advice.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *constraints.RULES,
    *requirements.RULES,
    *data_bands.RULES,
    *methods.RULES,
    *uses.RULES,
    *later_facts.RULES,
)
MEASUREMENT = "Measurement"
"""The source of a rule that was made from a run."""
DEFAULT = Status.NOT_NOW
"""An option that no rule asks for: nothing is done for its own sake."""


class Verdict(NamedTuple):
    """The advice on one option, with its reasons."""

    option: str
    status: Status
    fired: tuple[Rule, ...] = ()
    """The rules that decided it: those that ask for it, or the limits that bind."""
    lost: tuple[tuple[Rule, Rule], ...] = ()
    """Rules that asked for more, each with the limit that it lost against."""


class Advice(NamedTuple):
    """The verdicts on all approaches and methods, by id."""

    approaches: Mapping[str, Verdict]
    methods: Mapping[str, Verdict]
    notes: Mapping[str, tuple[Rule, ...]]

    def of(self, status: Status) -> tuple[str, ...]:
        """The approaches of a status, from the least complex."""
        return tuple(name for name, verdict in self.approaches.items() if verdict.status is status)

    @property
    def recommended(self) -> tuple[str, ...]:
        return self.of(Status.RECOMMENDED)

    def methods_of(self, approach: str, status: Status = Status.RECOMMENDED) -> tuple[str, ...]:
        return tuple(name for name, one in self.methods.items() if OF_METHOD[name] == approach and one.status is status)


def decide(scenario: object, measured: Iterable[Rule] = ()) -> Advice:
    """Execute every rule on a scenario; `measured` are those made from measurements, to which rules of thumb yield."""
    fired: Fired = {}
    holding = (rule for rule in (*RULES, *measured) if rule.fires(scenario))
    for rule in sorted(holding, key=lambda rule: rule.rank(scenario)):
        for effect in rule.effects:
            fired.setdefault((effect.kind, effect.target), []).append((rule, effect.status))
    methods = {method.id: _method(method.id, fired) for approach in APPROACHES for method in approach.methods}
    notes = {one.id: tuple(rule for rule, _ in _of(fired, "note", one.id)) for one in APPROACHES}
    return Advice({one.id: _approach(one, methods, fired) for one in APPROACHES}, methods, notes)


Leveled = tuple[Rule, Status]
Fired = dict[tuple[str, str], list[Leveled]]
"""The rules that fire by kind of effect and option, each with the status that it names."""


def _method(method: str, fired: Fired) -> Verdict:
    """A method is asked for by name, or chosen within an approach that is asked for; then limits bind."""
    approach = OF_METHOD[method]
    asked = list(_of(fired, "advise", method))
    wanted = _of(fired, "advise", approach)
    for choice, status in _of(fired, "choose", method):
        asked += [(choice, min(status, level)) for _, level in wanted]
    limits = [*_of(fired, "limit", method), *_of(fired, "limit", approach)]
    return _bound(method, asked, limits, _proof((*asked, *wanted)))


def _approach(approach: Approach, methods: Mapping[str, Verdict], fired: Fired) -> Verdict:
    """An approach stands as its best method does; its reasons are the rules on it, and those of that method."""
    best = max((methods[method.id] for method in approach.methods), key=lambda verdict: verdict.status)
    wanted, limits = _of(fired, "advise", approach.id), _of(fired, "limit", approach.id)
    own = _bound(approach.id, wanted, limits, _proof(wanted))
    if own.status == best.status:
        return own
    return best._replace(option=approach.id, fired=_once((*best.fired, *own.fired)))


def _proof(asked: Iterable[Leveled]) -> Rule | None:
    """The measurement that speaks for an option."""
    return next((rule for rule, _ in asked if rule.source == MEASUREMENT), None)


def _bound(option: str, asked: list[Leveled], limits: list[Leveled], proof: Rule | None) -> Verdict:
    """The highest status asked for, as far as no limit binds; rules of thumb give way to a measurement."""
    yielded = [rule for rule, _ in limits if proof and rule.yields]
    binds = [(rule, level) for rule, level in limits if not (proof and rule.yields)]
    wish = max((status for _, status in asked), default=DEFAULT)
    cap = min((status for _, status in binds), default=Status.RECOMMENDED)
    status = min(wish, cap)
    binding = [rule for rule, level in binds if level == cap] if cap < wish else []
    lost = [(rule, binding[0]) for rule, level in asked if binding and level > status]
    lost += [(rule, proof) for rule in yielded if proof]
    return Verdict(option, status, _once(binding or (rule for rule, level in asked if level == wish)), _pairs(lost))


def _of(fired: Fired, kind: str, target: str) -> list[Leveled]:
    return fired.get((kind, target), [])


def _pairs(lost: Iterable[tuple[Rule, Rule]]) -> tuple[tuple[Rule, Rule], ...]:
    return tuple({(loser.id, winner.id): (loser, winner) for loser, winner in lost}.values())


def _once(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Each rule once, by its id: rules hold mappings, and cannot be hashed."""
    return tuple({rule.id: rule for rule in rules}.values())
