"""Two arms on the same cases: how much they differ, how sure that is, and what these cases could show at all."""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations, islice
from math import ceil, log2
from typing import Literal, NotRequired, TypedDict, cast

from arbiter.evaluation.numbers.clusters import Documents, evidence
from arbiter.evaluation.numbers.significance import SIGNIFICANCE, holm, sign_flip_p, smallest_detectable
from arbiter.evaluation.numbers.statistics import (
    HIGHEST,
    mean,
    mean_interval,
)

Bounds = Sequence[float]
"""Both ends of a 95 % interval: a tuple as it is computed, a list as it is read."""
Outcome = Literal["better", "worse", "not_distinguishable", "too_few", "confounded"]
"""`too_few` questions to say anything; `confounded`: technique and base model both differ."""
UNTOLD: tuple[Outcome, ...] = ("not_distinguishable", "too_few", "confounded")
FEWEST_QUESTIONS = 10
"""Fewer draw no conclusion: seven techniques' 21 comparisons cannot be told apart by fewer, see `fewest_questions`."""

NONE: Documents = {}
SHOWN = 0.005
"""Points below which a difference of two digits is written as 0."""


class Comparison(TypedDict):
    """The paired comparison of arm `a` with arm `b`, as the summary holds it; `None` where there are too few pairs."""

    a: str
    b: str
    n: int
    clusters: NotRequired[int]
    """The independent ones among them, where questions about one document go together."""
    difference: float | None
    interval: Bounds | None
    p: float | None
    p_adjusted: float | None
    wins: int
    ties: int
    losses: int
    smallest_detectable: float | None
    verdict: Outcome
    sentence: str


Scores = Mapping[str, Mapping[int, float]]
"""By arm and case."""


def compare_all(
    scores: Scores, *, seed: str, documents: Documents = NONE, confounded: Collection[tuple[str, str]] = ()
) -> list[Comparison]:
    """Every pair of arms, each on the cases that count for both."""
    return compare_parts({seed: scores}, documents=documents, confounded=confounded)[0]


def compare_parts(
    parts: Mapping[str, Scores],
    *,
    documents: Documents = NONE,
    to: str | None = None,
    confounded: Collection[tuple[str, str]] = (),
) -> list[list[Comparison]]:
    """Every pair of arms, or those of one arm, on each of several parts of the questions, which their seeds name.

    The p-values are corrected over all of them (Holm 1979) but the confounded ones, which nothing is concluded of:
    of many tags compared, each by itself, some would seem to differ. Questions about one document count by document.
    """
    arms = next(iter(parts.values()), {})
    pairs = [pair for pair in combinations(arms, 2) if to is None or to in pair]
    family = len(parts) * sum(pair not in confounded for pair in pairs)
    raw = [
        _compare(a, b, _differences(scores[a], scores[b]), documents, seed=f"{seed}/{a}/{b}", family=family)
        for seed, scores in parts.items()
        for a, b in pairs
    ]
    raw = [{**c, "p": None, "verdict": "confounded"} if (c["a"], c["b"]) in confounded else c for c in raw]
    adjusted = holm([comparison["p"] for comparison in raw])
    outcomes = (_outcome(comparison, p, family) for comparison, p in zip(raw, adjusted, strict=True))
    rows = ({**comparison, "sentence": _sentence(comparison, family)} for comparison in outcomes)
    return [cast("list[Comparison]", [*islice(rows, len(pairs))]) for _ in parts]


def fewest_questions(family: int = 1) -> int:
    """The fewest questions that anything is said of, where so many comparisons are made at once.

    When every one of n questions leans the same way the sign-flip test gives 2 / 2^n: no less can come of it.
    """
    return max(FEWEST_QUESTIONS, ceil(log2(2 * max(1, family) / SIGNIFICANCE)))


def questions_for(difference: float, comparison: Comparison) -> int | None:
    """About how many questions would show a difference; `None` where these tell nothing of the spread."""
    shown = comparison["smallest_detectable"]
    return None if shown is None else ceil(comparison["n"] * (shown / difference) ** 2)


def _differences(ours: Mapping[int, float], theirs: Mapping[int, float]) -> dict[int, float]:
    return {case: ours[case] - theirs[case] for case in sorted(ours.keys() & theirs.keys())}


def _compare(
    a: str, b: str, differences: Mapping[int, float], documents: Documents, *, seed: str, family: int
) -> Comparison:
    single, (values, sums, clusters) = [*differences.values()], evidence(differences, documents)
    wins, losses = sum(d > 1e-9 for d in single), sum(d < -1e-9 for d in single)
    compared = Comparison(
        a=a,
        b=b,
        n=len(single),
        difference=mean(single),
        interval=mean_interval(values, seed=seed, lowest=-HIGHEST, highest=HIGHEST),
        p=sign_flip_p(sums) if len(sums) > 1 else None,
        p_adjusted=None,
        wins=wins,
        ties=len(single) - wins - losses,
        losses=losses,
        smallest_detectable=smallest_detectable(values, tests=family),
        verdict="not_distinguishable",
        sentence="",
    )
    return {**compared, "clusters": clusters} if clusters else compared


def _outcome(comparison: Comparison, p: float | None, family: int) -> Comparison:
    """The comparison with its p-value, corrected for a family of them, and which arm is better by it."""
    if comparison["verdict"] == "confounded":
        return comparison
    if comparison["n"] < fewest_questions(family):
        return {**comparison, "p_adjusted": p, "verdict": "too_few"}
    direction: Outcome = "better" if (comparison["difference"] or 0.0) > 0 else "worse"
    told_apart = p is not None and p <= SIGNIFICANCE
    return {**comparison, "p_adjusted": p, "verdict": direction if told_apart else "not_distinguishable"}


def _sentence(c: Comparison, family: int) -> str:
    a, b, n, difference, p = c["a"], c["b"], c["n"], c["difference"], c["p_adjusted"]
    if difference is None:
        return f"{a} and {b} cannot be compared: no question has a score of both."
    if c["verdict"] == "confounded":
        return f"{a} and {b} differ in technique and in base model: which of them makes a difference cannot be said."
    if c["verdict"] == "too_few" or p is None:
        number = "1 question has" if n == 1 else f"{n:,} questions have"
        return f"{a} and {b}: {number} a score of both; with fewer than {fewest_questions(family)} nothing can be said."
    better, other = (a, b) if difference > 0 else (b, a)
    low, high = sorted((1 if difference > 0 else -1) * end for end in c["interval"] or (difference, difference))
    counted = f" in {c['clusters']:,} groups by document" if "clusters" in c else ""
    sure = f"(95 % interval {low:.2f} to {high:.2f}, {n:,} questions{counted})"
    gap = f"{points(difference)} {sure}"
    corrected = f" after correction for {family} comparisons" if family > 1 else ""
    if c["verdict"] not in UNTOLD:
        return f"{better} is better than {other} by {gap}; {_p(p)}{corrected}."
    if c["wins"] == c["losses"] == 0:
        return f"{a} and {b} are not distinguishable: every one of {n:,} questions has the same score."
    ahead = f"{better} is ahead by {gap}" if abs(difference) >= SHOWN else f"neither is ahead {sure}"
    # An interval above zero would read as a contradiction without what speaks against it.
    chance = f", but {_p(p)}{corrected}" if low > 0 else ""
    return f"{a} and {b} are not distinguishable: {ahead}{chance}{_would_show(c['smallest_detectable'])}."


def points(difference: float) -> str:
    """The size of a difference in words: what is more than chance is never called 0."""
    return f"{abs(difference):.2f} points" if abs(difference) >= SHOWN else "less than 0.01 points"


def _would_show(detectable: float | None) -> str:
    if detectable is None:
        return ""
    return (
        "; these are too few to show a difference on this scale"
        if detectable > HIGHEST
        else (f"; these would show {detectable:.1f} or more")
    )


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
