"""Assessments of a guardrail: what intervened and why, without the text that it was about, and what is billed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

INTERVENED = "guardrail_intervened"
"""Converse's stop reason of a call that a guardrail stopped, or whose answer it changed."""
UNITS = {
    "contentPolicyUnits": "content_per_1k",
    "topicPolicyUnits": "topics_per_1k",
    "sensitiveInformationPolicyUnits": "sensitive_per_1k",
    "contextualGroundingPolicyUnits": "grounding_per_1k",
}
"""botocore, GuardrailUsage: the units that are billed, and the figures of the price book. Words and expressions are
free; a unit has up to 1,000 characters."""

_FINDINGS = {
    "topicPolicy": ("topic", ("topics",), "name"),
    "contentPolicy": ("content", ("filters",), "type"),
    "wordPolicy": ("word", ("managedWordLists",), "type"),
    "sensitiveInformationPolicy": ("sensitive_information", ("piiEntities", "regexes"), "type"),
    "contextualGroundingPolicy": ("grounding", ("filters",), "type"),
}
"""By the policy's member: its name here, its lists of findings, and the member that names one of them."""
_ACTED = {"BLOCKED": "blocked", "ANONYMIZED": "masked"}


class Intervention(NamedTuple):
    """One reason why a guardrail stopped a call or changed its answer."""

    stage: str
    """`input` or `output`."""
    policy: str
    name: str | None
    """The topic, filter or kind of information; a word of one's own is not repeated."""
    action: str
    """`blocked` or `masked`."""


class Assessed(NamedTuple):
    """Everything that a guardrail did in one call of a model."""

    interventions: tuple[Intervention, ...] = ()
    units: Mapping[str, int] = {}
    """Billed units by the figure of the price book."""

    def plus(self, other: "Assessed") -> "Assessed":
        """The assessments of both."""
        return Assessed(
            (*self.interventions, *other.interventions),
            {name: self.units.get(name, 0) + other.units.get(name, 0) for name in {*self.units, *other.units}},
        )

    def cost(self, prices: Mapping[str, float | None]) -> float | None:
        """US dollars; `None` when a price is unknown."""
        parts = [(prices.get(figure), units) for figure, units in self.units.items() if units]
        known = [price * units / 1_000 for price, units in parts if price is not None]
        return sum(known) if len(known) == len(parts) else None


def of_trace(trace: Mapping[str, Any]) -> Assessed:
    """The assessments in the trace of a response of Converse, under `guardrail`."""
    given = _object(_object(trace).get("guardrail"))
    inputs = _object(given.get("inputAssessment")).values()
    outputs = [one for several in _object(given.get("outputAssessments")).values() for one in _list(several)]
    return of_assessments("input", inputs).plus(of_assessments("output", outputs))


def of_assessments(stage: str, assessments: Iterable[Any]) -> Assessed:
    """The assessments of one stage."""
    total = Assessed()
    for one in assessments:
        usage = _object(_object(_object(one).get("invocationMetrics")).get("usage"))
        units = {figure: count for name, figure in UNITS.items() if type(count := usage.get(name)) is int}
        total = total.plus(Assessed(tuple(dict.fromkeys(_interventions(stage, _object(one)))), units))
    return total


def _interventions(stage: str, assessment: Mapping[str, Any]) -> Iterator[Intervention]:
    for member, (policy, lists, naming) in _FINDINGS.items():
        assessed = _object(assessment.get(member))
        for finding in (_object(one) for name in lists for one in _list(assessed.get(name))):
            if action := _ACTED.get(str(finding.get("action"))):
                yield Intervention(stage, policy, _named(finding, naming), action)
        if policy == "word" and any(_object(one).get("action") in _ACTED for one in _list(assessed.get("customWords"))):
            # The word itself is a piece of the text.
            yield Intervention(stage, policy, None, "blocked")


def _named(finding: Mapping[str, Any], naming: str) -> str | None:
    # An expression is named by its settings, and has no type.
    name = finding.get(naming, finding.get("name"))
    return name if isinstance(name, str) else None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
