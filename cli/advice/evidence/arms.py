"""The techniques of an evaluation run that can be compared: their arms, on one base model."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from arbiter.base_models import foundation
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.arms import ArmSummary
from arbiter.evaluation.summary.document import Summary

TECHNIQUES = ("base", "rag", "fine_tuned", "combined")
UNKNOWN = ""


class Stored(NamedTuple):
    """A run as it was read; a summary that was handed over alone has no plan."""

    summary: Summary
    plan: Plan | None

    @property
    def local(self) -> bool:
        """Whether stand-ins answered and judged."""
        # Summaries of former versions do not say, and their plan does.
        return self.summary["local"] or (self.plan is not None and self.plan.local)


class Comparable(NamedTuple):
    """The arm of each technique on one base model, and the techniques that another model answered in."""

    base_model: str
    arms: Mapping[str, ArmSummary]
    confounded: Mapping[str, str]
    """Base model by technique, where it is another one."""


def comparable(stored: Stored) -> Comparable:
    """The techniques that can be compared: those of the base model that most of them share."""
    by_base: dict[str, dict[str, ArmSummary]] = defaultdict(dict)
    for arm in stored.summary["arms"]:
        if arm["mode"] in TECHNIQUES and arm["quality"]:
            own = by_base[_base_of(arm)]
            if arm["mode"] not in own or arm["name"] == arm["mode"]:
                own[arm["mode"]] = arm
    if not by_base:
        return Comparable(UNKNOWN, {}, {})
    best = max(by_base, key=lambda model: (len(by_base[model]), "base" in by_base[model]))
    others = {
        technique: model
        for model, own in by_base.items()
        for technique in own
        if model != best and technique not in by_base[best]
    }
    return Comparable(best, by_base[best], others)


def _base_of(arm: ArmSummary) -> str:
    """The foundation model that answers in an arm, or that its tuned model was made from."""
    # Summaries of former versions name the price alone.
    return foundation(arm["base_model"] or (arm["priced_as"] or UNKNOWN).removeprefix("custom:"))
