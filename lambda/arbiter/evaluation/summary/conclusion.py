"""The conclusion of an evaluation run in plain sentences: which technique wins, by how much, and what is cheapest."""

from collections.abc import Iterator, Mapping, Sequence
from math import inf

from arbiter.costs.amount import dollars
from arbiter.evaluation.numbers.comparison import UNTOLD, Comparison, points, questions_for
from arbiter.evaluation.numbers.statistics import HIGHEST
from arbiter.evaluation.summary.arms import ArmSummary
from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.summary.groups import Group, groups, listed, other

CLEAR_LENGTH = 0.8
"""Share of another technique's output tokens below which an answer is called shorter."""
MATTERS = 1.0
"""Points of 10: a cheaper technique is called as good only where the questions would show that it loses so many."""
NAMED = 5
NO_SCORE = "No answer has a verdict of every judge: quality cannot be told."


def conclude(summary: Summary) -> list[str]:
    """The sentences that a reader should take away; the reasons to be careful are the `caveats` and the `doubts`."""
    compared = groups(summary)
    if not compared:
        return [NO_SCORE]
    if len(compared) == 1:
        return list(_concluded(compared[0]))
    sentences = [f"On {group.model}: {sentence}" for group in compared for sentence in _concluded(group)]
    within = [c["sentence"] for group in compared for c in group.comparisons]
    across = [c["sentence"] for c in summary["comparisons"] if c["verdict"] not in ("confounded", "too_few")]
    return [*sentences, *(f"The same technique on two models: {s}" for s in across if s not in within)]


def _concluded(group: Group) -> Iterator[str]:
    if group.too_few:
        n = max(c["n"] for c in group.comparisons)
        number = "1 question was" if n == 1 else f"{n} questions were"
        lead = "Nothing can be said:"
        yield f"{lead} {number} scored for two techniques, and with fewer than {group.fewest} chance decides."
        return
    yield from _standing(group)
    for name, part in group.sparse.items():
        yield f"{name} has a score on {part} alone: its mean of {group.scores[name]:.2f} says nothing of the others."
    yield from _cheapest(group)
    yield from _shorter(group.arms)


def _standing(group: Group) -> Iterator[str]:
    best, scores, equal = group.best, group.scores, group.equal
    if len(scores) == 1:
        yield f"{best} alone could be scored: {scores[best]:.2f} of 10 on average."
    elif not group.beaten:
        yield from _undecided(group)
    else:
        leads = listed([_lead(best, comparison) for comparison in group.beaten])
        highest = scores[best] == max(scores.values()) and best not in group.sparse
        mean = f"{scores[best]:.2f} of 10"
        wins = f"scores highest, {mean}" if highest else f"wins on the questions in common ({mean} on all its own)"
        yield f"{best} {wins}: {leads}."
        if equal:
            close = [c for c in group.comparisons if best in (c["a"], c["b"]) and other(best, c) in equal]
            yield f"Not distinguishable from {best}: {listed(equal)}{_shows(close)}."


def _undecided(group: Group) -> Iterator[str]:
    """Nothing is told apart from the best technique; others may be told apart from each other."""
    best, equal, comparisons = group.best, group.equal, group.comparisons
    if not equal:
        yield f"No winner: {best} {group.lead}, and too few questions have a score of it and of another technique."
    elif apart := [c["sentence"] for c in comparisons if c["verdict"] not in UNTOLD]:
        own = [c for c in comparisons if best in (c["a"], c["b"])]
        yield f"No winner: {best} {group.lead}, not distinguishable from {listed(equal)}{_shows(own)}."
        yield from apart[:NAMED]
    else:
        close = {best, *equal}
        names = dict.fromkeys(name for c in comparisons for name in (c["a"], c["b"]) if name in close)
        yield f"No winner: {listed(list(names))} are not distinguishable on these questions{_shows(comparisons)}."


def _lead(best: str, comparison: Comparison) -> str:
    """How far ahead of one other arm."""
    sign = 1 if comparison["a"] == best else -1
    difference = comparison["difference"] or 0.0
    low, high = sorted(sign * end for end in comparison["interval"] or (difference, difference))
    lead = f"{points(difference)} better than {other(best, comparison)}"
    return f"{lead} (95 % interval {low:.2f} to {high:.2f})"


def _shows(comparisons: Sequence[Comparison]) -> str:
    """The difference that every one of these comparisons would have shown."""
    known = [(c["smallest_detectable"], c["n"]) for c in comparisons if c["smallest_detectable"] is not None]
    if not known:
        return ""
    detectable, n = max(known)
    if detectable > HIGHEST:
        return f" ({n:,} questions are too few to show a difference on this scale)"
    return f" ({n:,} questions show a difference of {detectable:.1f} points or more)"


def _cheapest(group: Group) -> Iterator[str]:
    """The cheapest technique that is as good as the best, where the questions could have shown that it is not."""
    best = group.best
    as_good = [best, *(name for name in group.equal if name not in group.sparse)]
    prices = {arm["name"]: arm["cost"]["per_1000_usd"] for arm in group.arms if arm["name"] in as_good}
    known = {name: price for name, price in prices.items() if price is not None}
    if len(group.arms) < 2 or not known:
        return
    beside = {other(best, c): c for c in group.comparisons if best in (c["a"], c["b"])}
    shown = {name: c["smallest_detectable"] or 0.0 for name, c in beside.items() if name in known}
    resolved = [name for name in known if shown.get(name, 0.0) <= MATTERS]
    cheapest = min(resolved, key=lambda name: (known[name], name != best), default=best)
    doubted = [name for name in known if name not in resolved and known[name] < known.get(cheapest, inf)]
    if not doubted:
        price = _priced(group, cheapest, prices)
        yield f"Cheapest technique that is not distinguishably worse than the best: {cheapest}, {price}."
        return
    if cheapest != best:
        near = f"within {shown[cheapest]:.1f} points of it by these questions"
        yield f"Cheaper than {best}, and {near}: {cheapest}, {_priced(group, cheapest, prices)}."
    name = min(doubted, key=known.__getitem__)
    yield (
        f"Whether {name}, which is cheaper ({_price(known[name])} per 1,000 answers), is as good as {best} cannot be "
        f"said: {beside[name]['n']} questions show a difference of {shown[name]:.1f} points or more; about "
        f"{questions_for(MATTERS, beside[name]):,} would show one of {MATTERS:.0f}."
    )


def _priced(group: Group, cheapest: str, prices: Mapping[str, float | None]) -> str:
    """The price of the cheapest technique, and of what it stands beside."""
    best, price = group.best, prices[cheapest]
    also = "; it is also the best" if group.beaten else ""
    rest = also if cheapest == best else f" ({best}: {_price(prices[best])})"
    as_cheap = [name for name, other_price in prices.items() if other_price == price and name != cheapest]
    rest += f"; {listed(as_cheap)} {'cost' if len(as_cheap) > 1 else 'costs'} as much" if as_cheap else ""
    unpriced = [name for name, other_price in prices.items() if other_price is None and name != best]
    rest += f"; the price of {listed(unpriced)} is not known" if unpriced else ""
    return f"{_price(price)} per 1,000 answers{rest}"


def _price(price: float | None) -> str:
    return "price unknown" if price is None else dollars(price)


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
