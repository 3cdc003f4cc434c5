"""The decision record: everything that the terminal, the page and `--json` show."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cli.advice.evidence.arms import Stored
from cli.advice.money.bills import NAMES as TECHNIQUES
from cli.advice.money.break_even import BreakEven, break_evens
from cli.advice.money.sensitivity import Swing, swings
from cli.advice.record.decision import Decision, Known, decision_on
from cli.advice.record.flips import Flip, flips
from cli.advice.record.roadmap import Phase, next_command, roadmap, tools
from cli.advice.record.sentences import Confidence, confidence, recommendation
from cli.advice.rules.engine import Verdict
from cli.advice.rules.options import NAMES, OF_METHOD
from cli.advice.rules.rule import Rule
from cli.advice.scenario.scenario import Scenario

VOLUMES = (1_000, 10_000, 100_000, 1_000_000)
SWINGS = 3
TAXONOMY = "AWS generative AI customization decision taxonomy"


@dataclass(frozen=True, kw_only=True)
class Record:
    """One case decided."""

    name: str
    decision: Decision
    sentence: str
    confidence: Confidence
    flips: tuple[Flip, ...]
    phases: tuple[Phase, ...]
    break_evens: tuple[BreakEven, ...]
    stored: Stored | None
    untold: tuple[str, ...]
    """Prices that are unknown, and for want of which some crossings cannot be told."""
    swings: tuple[Swing, ...]

    @property
    def next_command(self) -> str:
        return next_command(self.phases)

    def dump(self) -> dict[str, Any]:
        """The record as JSON."""
        decision = self.decision
        return {
            "name": self.name,
            "recommendation": self.sentence,
            "confidence": self.confidence._asdict(),
            "cost_per_month": decision.month.dump(),
            "next_command": self.next_command,
            "approaches": [_verdict(verdict, decision) for verdict in decision.advice.approaches.values()],
            "evidence": _evidence(decision),
            "money": self._money(),
            "flips": [{**flip._asdict(), "effect": flip.effect} for flip in self.flips],
            "roadmap": [
                {**phase._asdict(), "steps": [step._asdict() for step in phase.steps]} for phase in self.phases
            ],
            "tools": tools(decision),
            "answers": decision.scenario.answers(),
            "answered": sorted(decision.scenario.given),
            "measured": dict(decision.scenario.measured),
            "source": TAXONOMY,
        }

    def _money(self) -> dict[str, Any]:
        decision = self.decision
        return {
            "technique": decision.technique,
            "requests_a_month": decision.volumes.requests,
            "techniques": {
                name: {
                    "name": TECHNIQUES[name],
                    "fixed_per_month": cost.fixed(decision.volumes.use).dump(),
                    "per_request": cost.request.dump(),
                    "per_month": cost.month(decision.volumes.use).dump(),
                }
                for name, cost in decision.shown.items()
            },
            "break_evens": [one._asdict() for one in self.break_evens],
            "unknown_prices": list(self.untold),
            "sensitivity": [one._asdict() for one in self.swings],
        }


def record_of(name: str, scenario: Scenario, known: Known, done: frozenset[str] = frozenset()) -> Record:
    """Decide a case and write it down.

    Args:
        done: the steps of the roadmap that the deployment has behind it: documents, examples, run, tuned.
    """
    decision = decision_on(scenario, known)
    known_costs = {name: cost for name, cost in decision.shown.items() if not cost.month(decision.volumes.use).unknown}
    unknown = [name for cost in decision.shown.values() for name in cost.month(decision.volumes.use).unknown]
    return Record(
        name=name,
        decision=decision,
        sentence=recommendation(decision),
        confidence=confidence(decision),
        flips=tuple(flips(decision, known)),
        stored=known.stored,
        phases=roadmap(decision, done),
        break_evens=tuple(one for one in break_evens(known_costs, decision.volumes.use) if one.requests >= 1),
        untold=tuple(dict.fromkeys(unknown)),
        swings=tuple(islice(swings(decision.technique, decision.volumes, known.figures), SWINGS)),
    )


def _verdict(verdict: Verdict, decision: Decision) -> dict[str, Any]:
    rules = {"why": verdict.fired, "notes": decision.advice.notes[verdict.option]}
    methods = [one for name, one in decision.advice.methods.items() if OF_METHOD[name] == verdict.option]
    return {
        "id": verdict.option,
        "name": NAMES[verdict.option],
        "status": verdict.status.words,
        "by_rule_alone": decision.by_rule.approaches[verdict.option].status.words,
        **{name: [_rule(rule) for rule in each] for name, each in rules.items()},
        "lost": _lost(verdict),
        "methods": [
            {
                "id": one.option,
                "name": NAMES[one.option],
                "status": one.status.words,
                "why": [rule.id for rule in one.fired],
                "lost": _lost(one),
            }
            for one in methods
        ],
    }


def _rule(rule: Rule) -> dict[str, str]:
    return {"id": rule.id, "source": rule.source, "says": rule.says, "today": rule.today}


def _lost(verdict: Verdict) -> list[dict[str, str]]:
    return [{"rule": loser.id, "against": winner.id} for loser, winner in verdict.lost]


def _evidence(decision: Decision) -> Mapping[str, Any] | None:
    evidence = decision.evidence
    if evidence is None:
        return None
    return {
        "run": evidence.run,
        "questions": evidence.questions,
        "base_model": evidence.base_model,
        "overrules": evidence.counts,
        "borne_out": evidence.winner,
        "by_rule_alone": evidence.prior,
        "findings": [{**finding._asdict(), "words": finding.words} for finding in evidence.findings],
        "doubts": list(evidence.doubts),
    }
