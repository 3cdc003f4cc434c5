"""The conclusion of an evaluation run in plain sentences: which technique wins, by how much, and what is cheapest."""

from collections.abc import Iterator, Sequence

from arbiter.evaluation.numbers.comparison import Comparison
from arbiter.evaluation.numbers.statistics import HIGHEST
from arbiter.evaluation.summary.arms import ArmSummary
from arbiter.evaluation.summary.document import Summary

CLEAR_LENGTH = 0.8
"""Share of another technique's output tokens below which an answer is called shorter."""
NAMED = 5

Scores = dict[str, float]
"""The mean score of each arm that has one."""


def conclude(summary: Summary) -> list[str]:
    """The sentences that a reader should take away; the reasons to be careful with them are the `doubts`."""
    scores = {arm["name"]: arm["quality"]["mean"] for arm in summary["arms"] if arm["quality"]}
    if not scores:
        return ["No answer has a verdict of every judge: quality cannot be told."]
    scored = [arm for arm in summary["arms"] if arm["name"] in scores]
    best = max(scores, key=scores.__getitem__)
    beaten, equal = _against(best, summary["comparisons"])
    return [
        *_standing(best, scores, beaten, equal, summary["comparisons"]),
        *_cheapest(best, equal, scored),
        *_shorter(scored),
    ]


def _standing(
    best: str,
    scores: Scores,
    beaten: Sequence[Comparison],
    equal: Sequence[str],
    comparisons: Sequence[Comparison],
) -> Iterator[str]:
    if len(scores) == 1:
        yield f"{best} alone could be scored: {scores[best]:.2f} of 10 on average."
    elif not beaten:
        yield from _undecided(best, equal, comparisons)
    else:
        leads = listed([_lead(best, comparison) for comparison in beaten])
        yield f"{best} scores highest, {scores[best]:.2f} of 10: {leads}."
        if equal:
            close = [c for c in comparisons if {best, *equal} >= {c["a"], c["b"]}]
            yield f"Not distinguishable from {best}: {listed(equal)}{_shows(close)}."


def _undecided(best: str, equal: Sequence[str], comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Nothing is told apart from the technique that scores highest; others may be told apart from each other."""
    if not equal:
        yield f"No winner: {best} scores highest, and no question has a score of it and of another technique."
    elif apart := [c["sentence"] for c in comparisons if c["verdict"] != "not_distinguishable"]:
        own = [c for c in comparisons if best in (c["a"], c["b"])]
        yield f"No winner: {best} scores highest, not distinguishable from {listed(equal)}{_shows(own)}."
        yield from apart[:NAMED]
    else:
        close = {best, *equal}
        names = dict.fromkeys(name for c in comparisons for name in (c["a"], c["b"]) if name in close)
        yield f"No winner: {listed(list(names))} are not distinguishable on these questions{_shows(comparisons)}."


def _against(best: str, comparisons: Sequence[Comparison]) -> tuple[list[Comparison], list[str]]:
    """The comparisons that an arm wins, and the arms that it is not told apart from."""
    own = [c for c in comparisons if best in (c["a"], c["b"]) and c["n"]]
    equal = [c["b"] if c["a"] == best else c["a"] for c in own if c["verdict"] == "not_distinguishable"]
    return [c for c in own if c["verdict"] != "not_distinguishable"], equal


def _lead(best: str, comparison: Comparison) -> str:
    """How far ahead of one other arm; a difference with a p-value has an interval unless there are two questions."""
    other, sign = (comparison["b"], 1) if comparison["a"] == best else (comparison["a"], -1)
    difference = comparison["difference"] or 0.0
    low, high = sorted(sign * end for end in comparison["interval"] or (difference, difference))
    return f"{sign * difference:.2f} points better than {other} (95 % interval {low:.2f} to {high:.2f})"


def _shows(comparisons: Sequence[Comparison]) -> str:
    """The difference that every one of these comparisons would have shown."""
    detectable = [c["smallest_detectable"] for c in comparisons if c["smallest_detectable"] is not None]
    n = max((c["n"] for c in comparisons), default=0)
    if detectable and max(detectable) > HIGHEST:
        return f" ({n} questions are too few to show a difference on this scale)"
    return f" ({n} questions show a difference of {max(detectable):.1f} points or more)" if detectable else ""


def _cheapest(best: str, equal: Sequence[str], scored: Sequence[ArmSummary]) -> Iterator[str]:
    prices = {arm["name"]: arm["cost"]["per_1000_usd"] for arm in scored if arm["name"] in (best, *equal)}
    known = {name: price for name, price in prices.items() if price is not None}
    if len(scored) < 2 or not known:
        return
    cheapest = min(known, key=known.__getitem__)
    rest = "; it is also the best" if cheapest == best else f" ({best}: {_price(prices[best])})"
    price = f"{_price(known[cheapest])} per 1,000 answers"
    yield f"Cheapest technique that is not distinguishably worse than the best: {cheapest}, {price}{rest}."


def _price(price: float | None) -> str:
    return "price unknown" if price is None else f"${price:.4g}"


def _shorter(scored: Sequence[ArmSummary]) -> Iterator[str]:
    lengths = {arm["name"]: length for arm in scored if (length := arm["tokens"]["mean_output"])}
    times = {
        arm["name"]: generate["median"]
        for arm in scored
        if (generate := arm["latency_ms"]["generate"]) and arm["name"] in lengths
    }
    if len(times) < 2:
        return
    fastest, longest = min(times, key=times.__getitem__), max(times, key=lengths.__getitem__)
    if lengths[fastest] < CLEAR_LENGTH * lengths[longest]:
        yield (
            f"{fastest} generates fastest, with {lengths[fastest]:.0f} output tokens an answer where {longest} "
            f"writes {lengths[longest]:.0f}: a shorter answer is faster, so compare the time per output token too."
        )


def listed(names: Sequence[str]) -> str:
    """Names in a sentence, the last after "and"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
