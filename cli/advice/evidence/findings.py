"""The evidence of a run: which technique it bears out, and what retrieval and tuning each add, with intervals."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from arbiter.evaluation.numbers.comparison import FEWEST_QUESTIONS, fewest_questions
from arbiter.evaluation.summary.arms import ArmSummary, sparse
from arbiter.evaluation.summary.document import Summary
from cli.advice.evidence.arms import TECHNIQUES, Comparable, Stored, comparable
from cli.advice.evidence.effects import PARTS, WORTH, Finding, effect_of, effects_of_prompting
from cli.advice.evidence.pairs import Pairs, at_most, pairs_of, verdict_between


class Evidence(NamedTuple):
    """A run as evidence."""

    run: str
    questions: int
    arms: Mapping[str, ArmSummary]
    """By technique, those that can be compared."""
    winner: str | None
    """The technique that the measurement bears out; `None` where it bears out none."""
    findings: tuple[Finding, ...]
    doubts: tuple[str, ...]
    """Reasons to be careful, the gravest first."""
    base_model: str
    counts: bool
    """Whether it may overrule a rule: not where stand-ins answered, or too few questions were asked."""

    prior: str
    """The technique that the rules alone would choose."""

    def finding(self, option: str) -> Finding | None:
        return next((one for one in self.findings if one.option == option), None)


class Demand(NamedTuple):
    """The quality that is demanded, of 10: on the questions of a kind where the run has that tag, else on all."""

    kind: str = ""
    least: float = 0


NONE = Demand()


def evidence_of(stored: Stored, prior: str, excluded: Collection[str] = (), demand: Demand = NONE) -> Evidence:
    """The evidence of a run, where the rules alone would choose the technique `prior`.

    Args:
        excluded: approaches that are not open, however well they do.
    """
    group = comparable(stored)
    most = max((arm["quality"]["n"] for arm in group.arms.values() if arm["quality"]), default=0)
    compared = [one for one in stored.summary["comparisons"] if one["verdict"] not in ("confounded", "too_few")]
    fewest = fewest_questions(sum(one["verdict"] != "confounded" for one in stored.summary["comparisons"]))
    pairs = pairs_of(compared, group)
    means = {
        technique: arm["quality"]["mean"]
        for technique, arm in group.arms.items()
        if arm["quality"] and not sparse(arm) and not set(PARTS[technique]) & set(excluded)
    }
    scores = _scores(stored.summary, group, demand.kind)
    able = {technique: mean for technique, mean in means.items() if scores[technique] >= demand.least}
    winner = _winner(able or means, pairs, prior) if most >= fewest and len(means) > 1 else None
    effects = [effect_of(approach, winner or prior, pairs) for approach in ("retrieval", "fine_tuning")]
    return Evidence(
        stored.summary["run"],
        stored.summary["cases"],
        group.arms,
        winner,
        (*filter(None, effects), *effects_of_prompting(stored.summary, compared)),
        (*stored.summary["caveats"], *_doubts(group, most, fewest), *_unmet(demand, able), *stored.summary["doubts"]),
        group.base_model,
        most >= fewest and not stored.local,
        prior,
    )


def _scores(summary: Summary, group: Comparable, kind: str) -> dict[str, float]:
    """The mean score by technique on the questions of a kind; on all where they are too few to say anything."""
    overall = {technique: arm["quality"]["mean"] for technique, arm in group.arms.items() if arm["quality"]}
    tagged = next((tag["arms"] for tag in summary["tags"] if tag["tag"] == kind), {})
    own = {technique: tagged.get(group.arms[technique]["name"]) for technique in overall}
    means = {name: one["mean"] for name, one in own.items() if one and one["n"] >= FEWEST_QUESTIONS}
    return {name: overall[name] if (mean := means.get(name)) is None else mean for name in overall}


def _unmet(demand: Demand, able: Mapping[str, float]) -> list[str]:
    if not demand.least or able:
        return []
    return [
        f"No technique that is open reaches the {demand.least:g} of 10 that are demanded; the best of them is told."
    ]


def _doubts(group: Comparable, most: int, fewest: int) -> list[str]:
    doubts = []
    if group.confounded:
        named = ", ".join(
            f"{technique} by {model or 'a model unknown'}" for technique, model in group.confounded.items()
        )
        rest = ", ".join(group.arms)
        doubts.append(
            f"Technique and model are confounded: {rest} stand on {group.base_model or 'a model unknown'}, {named}. "
            "No conclusion is drawn across them; evaluate them on one base model."
        )
    if most < fewest:
        doubts.append(f"{most} questions have a score: below {fewest} nothing can be said. Ask at least {fewest}.")
    return doubts


def _winner(means: Mapping[str, float], pairs: Pairs, prior: str) -> str:
    """The technique that the measurement bears out.

    That is the simplest one that is surely no worse than the best by `WORTH` points; else, among those that cannot be
    told from the best, the one nearest to what the rules say.
    """
    # Means are of different questions where some answers failed: what loses on common ones is not the best by its mean.
    unbeaten = [one for one in means if all(verdict_between(pairs, other, one) != "better" for other in means)] or means
    best = max(unbeaten, key=lambda technique: (means[technique], -TECHNIQUES.index(technique)))
    level = [one for one in unbeaten if one == best or verdict_between(pairs, best, one) != "better"]
    no_worse = [
        one
        for one in means
        if len(PARTS[one]) < len(PARTS[best]) and (comparison := pairs.get((best, one))) and at_most(comparison, WORTH)
    ]
    if no_worse:
        return min(no_worse, key=lambda one: (len(PARTS[one]), -means[one]))
    return min(level, key=lambda one: (len(set(PARTS[one]) ^ set(PARTS[prior])), len(PARTS[one]), -means[one]))
