"""The decision on a case: rules, the owner's limits in money and time, and measurements, brought together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from arbiter.costs.amount import Amount
from arbiter.costs.technique import TechniqueCost
from cli.advice.evidence.arms import Stored
from cli.advice.evidence.effects import PARTS, TECHNIQUE
from cli.advice.evidence.findings import Demand, Evidence, evidence_of
from cli.advice.evidence.rules import measured_rules
from cli.advice.money.bills import HOSTED, SYNCS_A_MONTH, Figures, Tokens, Volumes, bill, bill_of, bills
from cli.advice.rules.engine import MEASUREMENT, Advice, decide
from cli.advice.rules.options import Status
from cli.advice.rules.rule import Rule, advise
from cli.advice.scenario.scenario import Scenario

LAYERS = ("retrieval", "fine_tuning", "custom_model", "orchestration")
"""The layers that may be added to prompting, and have a bill of their own."""
TUNED_ON = 100
"""Examples that a training is reckoned with where there are fewer."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """Everything known beside the answers: a run, prices, and sizes that were measured."""

    figures: Figures
    stored: Stored | None = None
    passage_tokens: float = 1_500
    corpus_tokens: float = 50_000
    example_tokens: float = 0


@dataclass(frozen=True)
class Decision:
    """The advice, and everything that it rests on."""

    scenario: Scenario
    advice: Advice
    by_rule: Advice
    """The advice of the rules alone, without a run."""
    evidence: Evidence | None
    volumes: Volumes
    figures: Figures

    @cached_property
    def costs(self) -> Mapping[str, TechniqueCost]:
        """The bill of each technique. A case that is only tried for its advice needs none."""
        return bills(self.volumes, self.figures)

    @property
    def layers(self) -> frozenset[str]:
        """The approaches recommended beside prompting that have a bill."""
        return frozenset(self.advice.recommended) & frozenset(LAYERS)

    @property
    def technique(self) -> str:
        """The technique whose bill is that of the recommendation."""
        return bill_of(self.layers, own=self.own)

    @property
    def own(self) -> bool:
        """Whether a model of one's own is recommended that is more than a distilled one."""
        return bool(set(self.advice.methods_of("custom_model")) - {"distillation"})

    @property
    def shown(self) -> Mapping[str, TechniqueCost]:
        """The bills that matter: what Arbiter answers in, what may replace it, and the recommendation as it stands and
        with orchestration."""
        orchestrated = bill_of(self.layers | {"orchestration"}, own=self.own)
        names = dict.fromkeys((*PARTS, HOSTED, "distilled", self.technique, orchestrated))
        return {name: self.costs[name] for name in names}

    @property
    def month(self) -> Amount:
        """The cost of the recommendation a month, at the owner's volume."""
        return self.costs[self.technique].month(self.volumes.use)


def decision_on(scenario: Scenario, known: Known) -> Decision:
    """Decide a case."""
    evidence = _evidence(scenario, known)
    volumes = volumes_of(scenario, known, evidence)
    too_dear = _too_dear(scenario, volumes, known.figures)
    limited = replace(scenario, too_slow=_too_slow(scenario, evidence), too_dear=too_dear)
    if limited != scenario:
        evidence = _evidence(limited, known)
    rules = measured_rules(evidence)
    decision = Decision(limited, *_advised(limited, rules), evidence, volumes, known.figures)
    while scenario.cost_limit_usd and decision.month.usd > scenario.cost_limit_usd and decision.layers:
        # Each layer is within the limit, and all together are not: the dearest goes.
        dearest = max(decision.layers, key=lambda name: _saved(decision, name))
        limited = replace(limited, too_dear=limited.too_dear | {dearest})
        advice, by_rule = _advised(limited, rules)
        decision = replace(decision, scenario=limited, advice=advice, by_rule=by_rule)
    return decision


def _advised(scenario: Scenario, measured: Sequence[Rule]) -> tuple[Advice, Advice]:
    """The advice with what was measured, and that of the rules alone."""
    by_rule = decide(scenario)
    return decide(scenario, measured) if measured else by_rule, by_rule


def _evidence(scenario: Scenario, known: Known) -> Evidence | None:
    """The run as evidence among the layers that are open: those that a measurement could get recommended."""
    if known.stored is None:
        return None
    asked = [Rule(f"measured.{name}", MEASUREMENT, "", advise(name)) for name in PARTS["combined"]]
    opened = decide(scenario, asked).approaches
    closed = [name for name in PARTS["combined"] if opened[name].status is not Status.RECOMMENDED]
    first = next(iter(scenario.requirements), "")
    return evidence_of(known.stored, _technique(decide(scenario)), closed, Demand(first, scenario.least_quality))


def volumes_of(scenario: Scenario, known: Known, evidence: Evidence | None) -> Volumes:
    """Everything that bills count: measured where a run counted it."""
    measured = {
        technique: Tokens(arm["tokens"]["mean_input"] or 0.0, arm["tokens"]["mean_output"] or 0.0)
        for technique, arm in (evidence.arms if evidence else {}).items()
        if arm["tokens"]["mean_input"] is not None
    }
    return Volumes(
        requests=scenario.requests_a_month,
        input_tokens=scenario.input_tokens,
        output_tokens=scenario.output_tokens,
        passage_tokens=known.passage_tokens,
        corpus_tokens=0 if scenario.corpus == "none" else known.corpus_tokens,
        syncs=SYNCS_A_MONTH[scenario.knowledge_changes],
        examples=max(scenario.examples, TUNED_ON),
        example_tokens=known.example_tokens,
        measured=measured,
    )


def _technique(advice: Advice) -> str:
    return TECHNIQUE[frozenset(advice.recommended) & frozenset(("retrieval", "fine_tuning"))]


def _too_dear(scenario: Scenario, volumes: Volumes, figures: Figures) -> frozenset[str]:
    if not scenario.cost_limit_usd:
        return frozenset()
    alone = {name: bill(bill_of(frozenset((name,))), volumes, figures) for name in LAYERS}
    months = {name: cost.month(volumes.use).usd for name, cost in alone.items()}
    return frozenset(name for name, usd in months.items() if usd > scenario.cost_limit_usd)


def _too_slow(scenario: Scenario, evidence: Evidence | None) -> frozenset[str]:
    """The approaches of which every technique was measured, and each was too slow for one answer in twenty."""
    if not scenario.latency_limit_ms or not evidence or not evidence.counts:
        return frozenset()
    waits: dict[str, list[float]] = {}
    for technique, arm in evidence.arms.items():
        if total := arm["latency_ms"]["total"]:
            for part in PARTS[technique]:
                waits.setdefault(part, []).append(total["p95"])
    return frozenset(part for part, each in waits.items() if min(each) > scenario.latency_limit_ms)


def _saved(decision: Decision, layer: str) -> float:
    without = decision.costs[bill_of(decision.layers - {layer}, own=decision.own)]
    return decision.month.usd - without.month(decision.volumes.use).usd
