"""The conclusion of an evaluation run in plain sentences: who wins, what is cheapest, and what to doubt."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from arbiter.evaluation.numbers.statistics import HIGHEST

POOR_AGREEMENT = 0.4
"""Weighted kappa below which agreement is no more than fair (Landis & Koch 1977)."""
CLEAR_LENGTH = 0.8
"""Share of another arm's output tokens below which an answer is called shorter."""
NAMED = 5

Row = Mapping[str, Any]


def conclude(summary: Row, run: Row, unreadable: Sequence[str] = ()) -> list[str]:
    """What a reader should take away, and every reason to be careful with it."""
    return [*_findings(summary), *_warnings(summary, run, unreadable)]


def _findings(summary: Row) -> Iterator[str]:
    scored = [arm for arm in summary["arms"] if arm["quality"]]
    if not scored:
        yield "No answer has a verdict of every judge: quality cannot be told."
        return
    best = max(scored, key=lambda arm: arm["quality"]["mean"])
    beaten, equal = _against(best["name"], summary["comparisons"])
    if len(scored) == 1:
        yield f"{best['name']} alone could be scored: {best['quality']['mean']:.2f} of 10 on average."
    elif not beaten:
        yield from _undecided(best["name"], equal, summary["comparisons"])
    else:
        leads = _listed([_lead(best["name"], comparison) for comparison in beaten])
        yield f"{best['name']} scores highest, {best['quality']['mean']:.2f} of 10: {leads}."
        if equal:
            close = [c for c in summary["comparisons"] if {best["name"], *equal} >= {c["a"], c["b"]}]
            yield f"Not distinguishable from {best['name']}: {_listed(equal)}{_shows(close)}."
    yield from _cheapest(best, equal, scored)
    yield from _shorter(scored)


def _undecided(best: str, equal: Sequence[str], comparisons: Sequence[Row]) -> Iterator[str]:
    """Nobody is told apart from the arm that scores highest; others may be told apart from each other."""
    if not equal:
        yield f"No winner: {best} scores highest, and no question has a score of it and of another arm."
    elif apart := [c["sentence"] for c in comparisons if c["verdict"] != "not_distinguishable"]:
        own = [c for c in comparisons if best in (c["a"], c["b"])]
        yield f"No winner: {best} scores highest, not distinguishable from {_listed(equal)}{_shows(own)}."
        yield from apart[:NAMED]
    else:
        named = {best, *equal}
        both = [name for c in comparisons for name in (c["a"], c["b"]) if name in named]
        names = _listed(list(dict.fromkeys(both)))
        yield f"No winner: {names} are not distinguishable on these questions{_shows(comparisons)}."


def _against(best: str, comparisons: Sequence[Row]) -> tuple[list[Row], list[str]]:
    """The comparisons that an arm wins, and the arms that it is not told apart from."""
    own = [c for c in comparisons if best in (c["a"], c["b"]) and c["n"]]
    equal = [c["b"] if c["a"] == best else c["a"] for c in own if c["verdict"] == "not_distinguishable"]
    return [c for c in own if c["verdict"] != "not_distinguishable"], equal


def _lead(best: str, comparison: Row) -> str:
    """How far ahead of one other arm; a difference with a p-value has an interval unless there are two questions."""
    other, sign = (comparison["b"], 1) if comparison["a"] == best else (comparison["a"], -1)
    low, high = sorted(sign * end for end in comparison["interval"] or [comparison["difference"]] * 2)
    ahead = sign * comparison["difference"]
    return f"{ahead:.2f} points better than {other} (95 % interval {low:.2f} to {high:.2f})"


def _shows(comparisons: Sequence[Row]) -> str:
    """The difference that every one of these comparisons would have shown."""
    found = [c["smallest_detectable"] for c in comparisons if c["smallest_detectable"] is not None]
    n = max((c["n"] for c in comparisons), default=0)
    if found and max(found) > HIGHEST:
        return f" ({n} questions are too few to show a difference on this scale)"
    return f" ({n} questions show a difference of {max(found):.1f} points or more)" if found else ""


def _cheapest(best: Row, equal: Sequence[str], scored: Sequence[Row]) -> Iterator[str]:
    good = [arm for arm in scored if arm["name"] == best["name"] or arm["name"] in equal]
    priced = [arm for arm in good if arm["cost"]["per_answer_usd"] is not None]
    if len(scored) < 2 or not priced:
        return
    cheapest = min(priced, key=lambda arm: arm["cost"]["per_answer_usd"])
    price = f"${cheapest['cost']['per_1000_usd']:.4g} per 1,000 answers"
    rest = "; it is also the best" if cheapest is best else f" ({best['name']}: {_price(best)})"
    yield f"Cheapest arm that is not distinguishably worse than the best: {cheapest['name']}, {price}{rest}."


def _price(arm: Row) -> str:
    price = arm["cost"]["per_1000_usd"]
    return "price unknown" if price is None else f"${price:.4g}"


def _shorter(scored: Sequence[Row]) -> Iterator[str]:
    timed = [arm for arm in scored if arm["latency_ms"]["generate"] and arm["tokens"]["mean_output"]]
    if len(timed) < 2:
        return
    fastest = min(timed, key=lambda arm: arm["latency_ms"]["generate"]["median"])
    longest = max(timed, key=lambda arm: arm["tokens"]["mean_output"])
    ours, theirs = fastest["tokens"]["mean_output"], longest["tokens"]["mean_output"]
    if ours < CLEAR_LENGTH * theirs:
        yield (
            f"{fastest['name']} generates fastest, with {ours:.0f} output tokens an answer where {longest['name']} "
            f"writes {theirs:.0f}: a shorter answer is faster, so compare the time per output token too."
        )


def _warnings(summary: Row, run: Row, unreadable: Sequence[str]) -> Iterator[str]:
    yield from _gaps(summary["arms"])
    for pair in summary["judges_agreement"]["pairs"]:
        kappa = pair["weighted_kappa"]
        if pair["n"] and kappa is not None and kappa < POOR_AGREEMENT:
            yield f"Judges {pair['a']} and {pair['b']} agree poorly (weighted kappa {kappa:.2f}): read the verdicts."
    failures = {judge: sum(codes.values()) for judge, codes in summary["judges_agreement"]["failures"].items()}
    if failed := [f"{judge} {count}" for judge, count in failures.items() if count]:
        yield f"Verdicts that failed and count for nothing: {_listed(failed)}."
    if unreadable:
        more = f" and {len(unreadable) - NAMED} more" if len(unreadable) > NAMED else ""
        yield f"Records that cannot be read and were left out: {', '.join(unreadable[:NAMED])}{more}."
    yield from _leaks(summary)
    unknown = [arm["name"] for arm in summary["arms"] if arm["answered"] and arm["cost"]["total_usd"] is None]
    if unknown:
        yield f"The price is unknown for {_listed(unknown)}: look it up with `arbiter cost --refresh`."
    if run.get("local"):
        yield (
            "Everything was answered and judged on the local AWS: the figures say nothing about the models of Bedrock."
        )


def _gaps(arms: Sequence[Row]) -> Iterator[str]:
    gaps = []
    for arm in arms:
        codes = [f"{count} {code}" for code, count in arm["failed"].items()]
        missing = [f"{arm['missing']} missing"] if arm["missing"] else []
        unjudged = [f"{arm['unjudged']} without a verdict of every judge"] if arm["unjudged"] else []
        if reasons := codes + missing + unjudged:
            lacking = sum(arm["failed"].values()) + arm["missing"] + arm["unjudged"]
            gaps.append(f"{arm['name']} {lacking} of {arm['cases']} ({', '.join(reasons)})")
    if gaps:
        yield f"Not every answer could be scored, and none of these counts as a zero: {'; '.join(gaps)}."


def _leaks(summary: Row) -> Iterator[str]:
    """What a model may have got right by having seen it."""
    leakage, cases = summary["leakage"], summary["cases"]
    for run, count in leakage["training"].items():
        yield (
            f"{count} of {cases} questions are asked in the training set of run {run} too: its model may only remember "
            "the answers, so believe no lead of it before these questions are replaced."
        )
    if leakage["documents"]:
        arms = _listed([f"{arm['name']} {arm['leaked']}" for arm in summary["arms"] if arm["leaked"]])
        yield (
            f"{leakage['documents']} of {cases} questions stand word for word in a document that an answer was given "
            f"({arms}): retrieval finds these more easily than what people ask."
        )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
