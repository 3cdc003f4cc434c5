"""The techniques that a conclusion may compare: those on one base model, and the verdict on them in a few words."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from arbiter.evaluation.numbers.comparison import UNTOLD, Comparison, fewest_questions
from arbiter.evaluation.summary.arms import ArmSummary, sparse
from arbiter.evaluation.summary.document import Summary


class Group(NamedTuple):
    """The scored arms on one base model, which are compared with each other."""

    model: str | None
    arms: Sequence[ArmSummary]
    scores: Mapping[str, float]
    """The mean score of each."""
    comparisons: Sequence[Comparison]
    fewest: int
    """The fewest questions that anything is said of."""

    @property
    def best(self) -> str:
        """The arm with the highest mean of those that lose to no other.

        A mean alone decides nothing: an arm that failed on the hard questions has the mean of the easy ones.
        """
        losers = {loser(c) for c in self.comparisons}
        unbeaten = [name for name in self.scores if name not in losers]
        return max(unbeaten or self.scores, key=self.scores.__getitem__)

    @property
    def lead(self) -> str:
        """The best arm's standing where it beats none: one that another beats may have a higher mean."""
        return "scores highest" if self.scores[self.best] == max(self.scores.values()) else "is beaten by none"

    @property
    def beaten(self) -> list[Comparison]:
        """The comparisons that the best arm wins."""
        return [c for c in self._own() if loser(c) not in (None, self.best)]

    @property
    def sparse(self) -> dict[str, str]:
        """The arms that lack the score of many questions, and of how many they have one, in words."""
        scored = ((arm, arm["quality"]["n"]) for arm in self.arms if arm["quality"] and sparse(arm))
        return {arm["name"]: f"{n} of {arm['cases']} questions" for arm, n in scored}

    @property
    def equal(self) -> list[str]:
        """The arms that the best one is not told apart from."""
        return [other(self.best, c) for c in self._own() if c["verdict"] == "not_distinguishable"]

    @property
    def too_few(self) -> bool:
        """Whether nothing can be said of any two of them."""
        return bool(self.comparisons) and all(c["verdict"] == "too_few" for c in self.comparisons)

    def _own(self) -> list[Comparison]:
        return [c for c in self.comparisons if self.best in (c["a"], c["b"]) and c["n"]]


def groups(summary: Summary) -> list[Group]:
    """The scored arms by base model; all of them together where no two are confounded."""
    scored = [arm for arm in summary["arms"] if arm["quality"]]
    mixed = any(c["verdict"] == "confounded" for c in summary["comparisons"])
    fewest = fewest_questions(sum(c["verdict"] != "confounded" for c in summary["comparisons"]))
    grouped = []
    for model in dict.fromkeys(arm["base_model"] if mixed else None for arm in scored):
        arms = [arm for arm in scored if not mixed or arm["base_model"] == model]
        scores = {arm["name"]: arm["quality"]["mean"] for arm in arms if arm["quality"]}
        own = [c for c in summary["comparisons"] if {c["a"], c["b"]} <= scores.keys()]
        grouped.append(Group(model, arms, scores, own, fewest))
    return grouped


def headline(summary: Summary) -> str:
    """The verdict in a few words, for who reads nothing else."""
    compared = groups(summary)
    if not compared:
        return "Quality cannot be told: no answer has a score of every judge"
    headlines = [_headline(group) for group in compared]
    if len(compared) > 1:
        headlines = [f"on {group.model}, {one}" for group, one in zip(compared, headlines, strict=True)]
    sentence = "; ".join(headlines)
    return sentence[:1].upper() + sentence[1:]


def _headline(group: Group) -> str:
    best, equal = group.best, group.equal
    if group.too_few:
        n = max(c["n"] for c in group.comparisons)
        return f"nothing can be said: {'1 question is' if n == 1 else f'{n} questions are'} too few"
    if len(group.scores) == 1:
        return f"{best} alone was scored, so nothing is compared"
    if group.beaten:
        part = f" on the {group.sparse[best]} that it has a score of" if best in group.sparse else ""
        return f"{best} answers best{part}" + (f"; {listed(equal)} may be as good" if equal else "")
    apart = any(c["verdict"] not in UNTOLD for c in group.comparisons)
    return (
        f"no winner: {best} {group.lead}, but not distinguishably"
        if apart
        else "no technique is shown to be better than another"
    )


def models_of(summary: Summary) -> str:
    """Which model answered in which technique, in a sentence; empty for a run that did not record it."""
    answering: dict[str, list[str]] = {}
    for arm in summary["arms"]:
        own = arm["base_model"] or "a model that is not known"
        model = f"the model of run {arm['tuned_run']}, tuned from {own}" if arm["tuned_run"] else arm["base_model"]
        if model:
            answering.setdefault(model, []).append(arm["name"])
    parts = [f"{listed(names)} with {model}" for model, names in answering.items()]
    return f"Answered: {'; '.join(parts)}." if parts else ""


def listed(names: Sequence[str]) -> str:
    """Names in a sentence, the last after "and"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def other(name: str, comparison: Comparison) -> str:
    """The other arm of a comparison."""
    return comparison["b"] if comparison["a"] == name else comparison["a"]


def loser(comparison: Comparison) -> str | None:
    """The arm that is worse by a comparison; `None` where the two are not told apart."""
    return {"better": comparison["b"], "worse": comparison["a"]}.get(comparison["verdict"])
