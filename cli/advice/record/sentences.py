"""The recommendation and its confidence as sentences."""

from typing import NamedTuple

from arbiter.evaluation.summary.groups import listed
from cli.advice.evidence.effects import PARTS
from cli.advice.record.decision import Decision
from cli.advice.rules.options import NAMES, Status
from cli.advice.rules.words import METHODS
from cli.advice.scenario.fields import FIELDS

MOST_OPEN = 4
"""Main questions that may be left open before the answer is called a guess."""


class Confidence(NamedTuple):
    """How far the recommendation can be relied on, in words."""

    level: str
    reason: str


def recommendation(decision: Decision) -> str:
    """The recommendation in one sentence."""
    advice = decision.advice
    steps = []
    prompts = _methods(decision, "prompting")
    if "retrieval" in advice.recommended:
        steps.append(f"add {_methods(decision, 'retrieval')} over your documents")
    if "fine_tuning" in advice.recommended:
        examples = decision.scenario.examples
        on = f" on your {examples:,.0f} examples" if examples else ""
        steps.append(f"tune a model{on} ({_methods(decision, 'fine_tuning')})")
    if "custom_model" in advice.recommended:
        steps.append(f"make a model of your own ({_methods(decision, 'custom_model')})")
    if "orchestration" in advice.recommended:
        steps.append(f"orchestrate models and tools ({_methods(decision, 'orchestration')})")
    start = f"Start with prompt engineering ({prompts})"
    if not steps:
        return f"Use prompt engineering alone ({prompts}): {_no_more(decision)}.{_later(decision)}{_beyond(decision)}"
    return f"{start}, then {', then '.join(steps)}.{_later(decision)}{_beyond(decision)}"


def _no_more(decision: Decision) -> str:
    """The reason why nothing is added now: nothing asks for it, or what does was overruled."""
    advice = decision.advice.approaches
    asked = [NAMES[name].lower() if name != "retrieval" else name for name, one in advice.items() if one.lost]
    if not asked:
        return "nothing known of your case asks for more now"
    return f"{listed(asked)} {'is' if len(asked) == 1 else 'are'} asked for, but overruled"


def _beyond(decision: Decision) -> str:
    limit = decision.scenario.cost_limit_usd
    return f" Even that costs more than your limit of ${limit:,.2f} a month." if 0 < limit < decision.month.usd else ""


def _later(decision: Decision) -> str:
    later = [NAMES[name].lower() if name != "retrieval" else "retrieval" for name in decision.advice.of(Status.LATER)]
    return f" Later, not now: {listed(later)}." if later else ""


def reasons(decision: Decision) -> list[tuple[str, str]]:
    """The first reason of each layer that is recommended beside prompting, and of prompting where it stands alone."""
    recommended = decision.advice.recommended
    names = [name for name in recommended if name != "prompting"] or list(recommended)
    return [(NAMES[name], decision.advice.approaches[name].fired[0].says) for name in names]


def meanings(decision: Decision) -> list[tuple[str, str]]:
    """Every method that is recommended, and what is done in it."""
    chosen = [one for name in decision.advice.recommended for one in decision.advice.methods_of(name)]
    return [(NAMES[one], METHODS[one]) for one in chosen]


def _methods(decision: Decision, approach: str) -> str:
    names = [NAMES[method] for method in decision.advice.methods_of(approach)]
    return ", ".join(name if name.endswith("RA") else name.lower() for name in names)


def confidence(decision: Decision) -> Confidence:
    """How far to trust it: a measurement beats a rule, and a rule on answers beats one on defaults."""
    evidence = decision.evidence
    open_questions = [
        field
        for field in FIELDS
        if field.main and field.name not in decision.scenario.given and field.name not in decision.scenario.measured
    ]
    if evidence and evidence.counts and evidence.winner:
        return _measured(decision)
    if evidence:
        why = evidence.doubts[0] if evidence.doubts else "its run has no two techniques that can be compared"
        return Confidence("low to moderate", f"by rule: the run {evidence.run} cannot decide. {why}")
    counted = [field.name.replace("_", " ") for field in FIELDS if field.name in decision.scenario.measured]
    also = f" and on measured {' and '.join(counted)}" if counted else ""
    if len(open_questions) > MOST_OPEN:
        answered = sum(field.main for field in FIELDS) - len(open_questions)
        reason = f"by rule{also}, and only {answered} of {answered + len(open_questions)} main questions were answered"
        return Confidence("low", f"{reason}; no answers were evaluated. A run on your questions beats rules.")
    reason = f"by rule, on your answers{also}; no answers were evaluated. A run on your questions beats rules."
    return Confidence("moderate", reason)


def _measured(decision: Decision) -> Confidence:
    evidence = decision.evidence
    assert evidence is not None  # noqa: S101 - the caller has looked
    findings = {name: evidence.finding(name) for name in ("retrieval", "fine_tuning")}
    unsure = [NAMES[name].lower() for name, one in findings.items() if one is None or one.outcome == "cannot_tell"]
    missing = [technique for technique in PARTS if technique not in evidence.arms]
    # Of a technique that failed on some, the comparison is of the others.
    scored = min(arm["quality"]["n"] for arm in evidence.arms.values() if arm["quality"])
    every = "" if scored == evidence.questions else f"{evidence.questions:,} "
    questions = f"measured on {scored:,} of your {every}questions"
    if unsure or missing or evidence.doubts:
        parts = [f"they cannot tell about {' and '.join(unsure)}"] if unsure else []
        parts += [f"{' and '.join(missing)} was not measured on the same model"] if missing else []
        parts += [f"there are doubts, the first of them: {evidence.doubts[0].rstrip('.')}"] if evidence.doubts else []
        return Confidence("moderate", f"{questions} (run {evidence.run}), but {'; '.join(parts)}.")
    return Confidence("high", f"{questions} (run {evidence.run}), with intervals that chance does not explain.")
