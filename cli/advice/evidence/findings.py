"""The evidence of a run: which technique it bears out, and what retrieval and tuning each add, with intervals."""

from collections.abc import Collection, Iterator, Mapping
from typing import Literal, NamedTuple

from arbiter.evaluation.numbers.comparison import FEWEST_QUESTIONS, Comparison, fewest_questions, questions_for
from arbiter.evaluation.summary.arms import ArmSummary
from arbiter.evaluation.summary.document import Summary
from cli.advice.evidence.arms import TECHNIQUES, Comparable, Stored, comparable

Outcome = Literal["adds", "harms", "too_little", "cannot_tell"]
WORTH = 0.5
"""Points of 10 that a layer has to add to be worth its price."""
PARTS = {"base": (), "rag": ("retrieval",), "fine_tuned": ("fine_tuning",), "combined": ("retrieval", "fine_tuning")}
"""The approaches that are at work in each technique, beside prompting."""
PROMPTINGS = ("few_shot", "chain_of_thought")
TECHNIQUE = {frozenset(parts): technique for technique, parts in PARTS.items()}


class Finding(NamedTuple):
    """The measured effect of an approach, or of a way of prompting: answers with it less those without it."""

    option: str
    outcome: Outcome
    with_it: str
    without_it: str
    n: int
    difference: float
    interval: tuple[float, float] | None
    needed: int | None
    """About how many questions would tell, where these cannot."""

    @property
    def words(self) -> str:
        """The finding as a sentence."""
        by = f"{self.difference:+.2f} points"
        if self.interval:
            by += f", 95 % interval {self.interval[0]:+.2f} to {self.interval[1]:+.2f}"
        measured = f"{self.with_it} against {self.without_it}: {by}, {self.n:,} questions"
        more = f" About {self.needed:,} questions would show a difference of {WORTH} points." if self.needed else ""
        return f"{measured}. {_SAYS[self.outcome]}{more}"


_SAYS: Mapping[Outcome, str] = {
    "adds": "It is better, and chance does not explain it.",
    "harms": "It is worse, and chance does not explain it.",
    "too_little": f"It adds less than {WORTH} points, the least that is worth a layer.",
    "cannot_tell": "These questions cannot tell.",
}


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
    pairs = _pairs(compared, group)
    means = {
        technique: arm["quality"]["mean"]
        for technique, arm in group.arms.items()
        if arm["quality"] and not set(PARTS[technique]) & set(excluded)
    }
    scores = _scores(stored.summary, group, demand.kind)
    able = {technique: mean for technique, mean in means.items() if scores[technique] >= demand.least}
    winner = _winner(able or means, pairs, prior) if most >= fewest and len(means) > 1 else None
    found = [_finding(approach, winner or prior, pairs) for approach in ("retrieval", "fine_tuning")]
    return Evidence(
        stored.summary["run"],
        stored.summary["cases"],
        group.arms,
        winner,
        (*filter(None, found), *_of_prompting(stored.summary, compared)),
        (*stored.summary["caveats"], *_doubts(group, most, fewest), *_unmet(demand, able), *stored.summary["doubts"]),
        group.base_model,
        most >= fewest and not stored.local,
        prior,
    )


def _scores(summary: Summary, group: Comparable, kind: str) -> dict[str, float]:
    """The mean score by technique on the questions of a kind; on all where they are too few to say anything."""
    found = {technique: arm["quality"]["mean"] for technique, arm in group.arms.items() if arm["quality"]}
    tagged = next((tag["arms"] for tag in summary["tags"] if tag["tag"] == kind), {})
    own = {technique: tagged.get(group.arms[technique]["name"]) for technique in found}
    means = {name: one["mean"] for name, one in own.items() if one and one["n"] >= FEWEST_QUESTIONS}
    return {name: found[name] if (mean := means.get(name)) is None else mean for name in found}


def _unmet(demand: Demand, able: Mapping[str, float]) -> list[str]:
    if not demand.least or able:
        return []
    return [
        f"No technique that is open reaches the {demand.least:g} of 10 that are demanded; the best of them is told."
    ]


def _doubts(group: Comparable, most: int, fewest: int) -> list[str]:
    found = []
    if group.confounded:
        named = ", ".join(
            f"{technique} by {model or 'a model unknown'}" for technique, model in group.confounded.items()
        )
        rest = ", ".join(group.arms)
        found.append(
            f"Technique and model are confounded: {rest} stand on {group.base_model or 'a model unknown'}, {named}. "
            "No conclusion is drawn across them; evaluate them on one base model."
        )
    if most < fewest:
        found.append(f"{most} questions have a score: below {fewest} nothing can be said. Ask at least {fewest}.")
    return found


Pairs = Mapping[tuple[str, str], Comparison]


def _pairs(comparisons: list[Comparison], group: Comparable) -> Pairs:
    """The comparisons between techniques in both directions."""
    technique_of = {arm["name"]: technique for technique, arm in group.arms.items()}
    found: dict[tuple[str, str], Comparison] = {}
    for one in comparisons:
        a, b = technique_of.get(one["a"]), technique_of.get(one["b"])
        if a and b and one["difference"] is not None:
            found[a, b], found[b, a] = one, _turned(one)
    return found


def _turned(one: Comparison) -> Comparison:
    swapped = {"better": "worse", "worse": "better"}
    interval = one["interval"]
    return {
        **one,
        "a": one["b"],
        "b": one["a"],
        "difference": -(one["difference"] or 0.0),
        "interval": (-interval[1], -interval[0]) if interval else None,
        "verdict": swapped.get(one["verdict"], one["verdict"]),  # type: ignore[typeddict-item]
    }


def _winner(means: Mapping[str, float], pairs: Pairs, prior: str) -> str:
    """The technique that the measurement bears out.

    That is the simplest one that is surely no worse than the best by `WORTH` points; else, among those that cannot be
    told from the best, the one nearest to what the rules say.
    """
    best = max(means, key=lambda technique: (means[technique], -TECHNIQUES.index(technique)))
    level = [one for one in means if one == best or _verdict(pairs, best, one) != "better"]
    no_worse = [
        one
        for one in means
        if len(PARTS[one]) < len(PARTS[best]) and (found := pairs.get((best, one))) and _at_most(found, WORTH)
    ]
    if no_worse:
        return min(no_worse, key=lambda one: (len(PARTS[one]), -means[one]))
    return min(level, key=lambda one: (len(set(PARTS[one]) ^ set(PARTS[prior])), len(PARTS[one]), -means[one]))


def _verdict(pairs: Pairs, a: str, b: str) -> str:
    found = pairs.get((a, b))
    return found["verdict"] if found else "too_few"


def _at_most(found: Comparison, points: float) -> bool:
    return found["interval"] is not None and found["interval"][1] < points


def _finding(approach: str, around: str, pairs: Pairs) -> Finding | None:
    """The effect of an approach beside what is at work in the technique chosen, else beside what was measured."""
    beside = [part for part in PARTS[around] if part != approach]
    other = "fine_tuning" if approach == "retrieval" else "retrieval"
    for rest in (beside, [other] if not beside else []):
        having, lacking = TECHNIQUE[frozenset((approach, *rest))], TECHNIQUE[frozenset(rest)]
        if found := pairs.get((having, lacking)):
            return _judged(approach, having, lacking, found)
    return None


def _of_prompting(summary: Summary, compared: list[Comparison]) -> Iterator[Finding]:
    """The effect of each way of prompting: arms that differ in nothing else."""
    arms = {arm["name"]: arm for arm in summary["arms"]}
    for one in compared:
        for pair in (one, _turned(one)):
            a, b = arms.get(pair["a"]), arms.get(pair["b"])
            if not a or not b or pair["difference"] is None:
                continue
            same = all(a.get(name) == b.get(name) for name in ("mode", "base_model", "tuned_run", "retrieval"))
            if same and a["prompting"] in PROMPTINGS and b["prompting"] in (None, "zero_shot"):
                yield _judged(a["prompting"], a["name"], b["name"], pair)


def _judged(option: str, having: str, lacking: str, found: Comparison) -> Finding:
    outcome: Outcome = "cannot_tell"
    if found["verdict"] == "worse":
        outcome = "harms"
    elif _at_most(found, WORTH):
        outcome = "too_little"
    elif found["verdict"] == "better":
        outcome = "adds"
    needed = questions_for(WORTH, found) if outcome == "cannot_tell" else None
    interval = found["interval"]
    ends = (interval[0], interval[1]) if interval else None
    return Finding(option, outcome, having, lacking, found["n"], found["difference"] or 0.0, ends, needed)
