"""The comparisons between the techniques of a run, in both directions."""

from collections.abc import Mapping

from arbiter.evaluation.numbers.comparison import Comparison
from cli.advice.evidence.arms import Comparable

Pairs = Mapping[tuple[str, str], Comparison]


def pairs_of(comparisons: list[Comparison], group: Comparable) -> Pairs:
    """The comparisons between techniques in both directions."""
    technique_of = {arm["name"]: technique for technique, arm in group.arms.items()}
    pairs: dict[tuple[str, str], Comparison] = {}
    for one in comparisons:
        a, b = technique_of.get(one["a"]), technique_of.get(one["b"])
        if a and b and one["difference"] is not None:
            pairs[a, b], pairs[b, a] = one, turned(one)
    return pairs


def turned(one: Comparison) -> Comparison:
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


def verdict_between(pairs: Pairs, a: str, b: str) -> str:
    comparison = pairs.get((a, b))
    return comparison["verdict"] if comparison else "too_few"


def at_most(comparison: Comparison, points: float) -> bool:
    return comparison["interval"] is not None and comparison["interval"][1] < points
