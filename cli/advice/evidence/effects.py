"""The measured effect of an approach, or of a way of prompting: what it adds, with its interval."""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from arbiter.evaluation.numbers.comparison import Comparison, questions_for
from arbiter.evaluation.summary.document import Summary
from cli.advice.evidence.pairs import Pairs, at_most, turned

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
        by = f"{self.difference:+z.2f} points"
        if self.interval:
            by += f", 95 % interval {self.interval[0]:+z.2f} to {self.interval[1]:+z.2f}"
        measured = f"{self.with_it} against {self.without_it}: {by}, {self.n:,} questions"
        more = f" About {self.needed:,} questions would show a difference of {WORTH} points." if self.needed else ""
        return f"{measured}. {_SAYS[self.outcome]}{more}"


_SAYS: Mapping[Outcome, str] = {
    "adds": "It is better, and chance does not explain it.",
    "harms": "It is worse, and chance does not explain it.",
    "too_little": f"It adds less than {WORTH} points, the least that is worth a layer.",
    "cannot_tell": "These questions cannot tell.",
}


def effect_of(approach: str, around: str, pairs: Pairs) -> Finding | None:
    """The effect of an approach beside what is at work in the technique chosen, else beside what was measured."""
    beside = [part for part in PARTS[around] if part != approach]
    other = "fine_tuning" if approach == "retrieval" else "retrieval"
    for rest in (beside, [other] if not beside else []):
        having, lacking = TECHNIQUE[frozenset((approach, *rest))], TECHNIQUE[frozenset(rest)]
        if comparison := pairs.get((having, lacking)):
            return _judged(approach, having, lacking, comparison)
    return None


def effects_of_prompting(summary: Summary, compared: list[Comparison]) -> Iterator[Finding]:
    """The effect of each way of prompting: arms that differ in nothing else."""
    arms = {arm["name"]: arm for arm in summary["arms"]}
    for one in compared:
        for pair in (one, turned(one)):
            a, b = arms.get(pair["a"]), arms.get(pair["b"])
            if not a or not b or pair["difference"] is None:
                continue
            alike = ("mode", "base_model", "tuned_run", "retrieval", "knowledge_base")
            same = all(a.get(name) == b.get(name) for name in alike)
            if same and a["prompting"] in PROMPTINGS and b["prompting"] in (None, "zero_shot"):
                yield _judged(a["prompting"], a["name"], b["name"], pair)


def _judged(option: str, having: str, lacking: str, comparison: Comparison) -> Finding:
    outcome: Outcome = "cannot_tell"
    if comparison["verdict"] == "worse":
        outcome = "harms"
    elif at_most(comparison, WORTH):
        outcome = "too_little"
    elif comparison["verdict"] == "better":
        outcome = "adds"
    more = questions_for(WORTH, comparison) if outcome == "cannot_tell" else None
    needed = more if more and more > comparison["n"] else None
    interval = comparison["interval"]
    ends = (interval[0], interval[1]) if interval else None
    return Finding(option, outcome, having, lacking, comparison["n"], comparison["difference"] or 0.0, ends, needed)
