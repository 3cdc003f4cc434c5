"""Measurements as rules: each stands beside the taxonomy's, and overrules those that are rules of thumb."""

from collections.abc import Iterator

from cli.advice.evidence.effects import PARTS, PROMPTINGS
from cli.advice.evidence.findings import Evidence
from cli.advice.rules.engine import MEASUREMENT
from cli.advice.rules.options import NAMES, Status
from cli.advice.rules.rule import Rule, advise, limit


def measured_rules(evidence: Evidence | None) -> list[Rule]:
    """The rules of a run; none where it bears out no technique, or may not overrule."""
    if not evidence or not evidence.counts:
        return []
    return [*(_of_approaches(evidence) if evidence.winner else ()), *_of_prompting(evidence)]


def _of_approaches(evidence: Evidence) -> Iterator[Rule]:
    """A rule for each approach that the winning technique has against the prior, or that was shown to pay or not to."""
    winning, before = PARTS[evidence.winner or "base"], PARTS[evidence.prior]
    for approach in ("retrieval", "fine_tuning"):
        finding = evidence.finding(approach)
        outcome = finding.outcome if finding else "cannot_tell"
        if approach in winning and (approach not in before or outcome == "adds"):
            yield _rule(evidence, approach, pays=True)
        elif approach not in winning and (approach in before or outcome in ("harms", "too_little")):
            yield _rule(evidence, approach, pays=False)


def _of_prompting(evidence: Evidence) -> Iterator[Rule]:
    for method in PROMPTINGS:
        finding = evidence.finding(method)
        if finding and finding.outcome != "cannot_tell":
            yield _rule(evidence, method, pays=finding.outcome == "adds")


def _rule(evidence: Evidence, option: str, *, pays: bool) -> Rule:
    finding = evidence.finding(option)
    words = finding.words if finding else f"{evidence.winner} is borne out, and not {evidence.prior}."
    effects = advise(option) if pays else limit(Status.NOT_NOW, option)
    return Rule(f"measured.{option}", MEASUREMENT, f"{NAMES[option]}, run {evidence.run}: {words}", effects)
