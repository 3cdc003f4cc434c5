"""The gate: whether a candidate model may be published in place of the one that answers, condition by condition."""

from dataclasses import dataclass

from arbiter.evaluation.summary.arms import ArmSummary, received
from arbiter.evaluation.summary.document import Summary
from arbiter.tuned_models.training.decision import Condition, Decision

CANDIDATE = "candidate"
PRICE = (
    "Look it up with `arbiter cost --refresh` and deploy, or set evaluation.gate.max_cost_ratio to null: "
    "then any cost will do"
)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits that a candidate must keep."""

    margin: float
    minimum_cases: int
    max_latency_ratio: float | None
    """`None`: not limited, nor is the cost."""
    max_cost_ratio: float | None
    max_failure_rate: float


class NotComparable(ValueError):  # noqa: N818 - the name is what the pipeline catches
    """A summary that does not hold a candidate and one other arm."""


def decide(summary: Summary, limits: Limits) -> Decision:
    """The decision; every condition is judged, so that one run tells all that is in the way.

    Raises:
        NotComparable: the evaluation is not one of a candidate against an incumbent.
    """
    arms = {arm["name"]: arm for arm in summary["arms"]}
    others = [name for name in arms if name != CANDIDATE]
    if CANDIDATE not in arms or len(others) != 1:
        raise NotComparable(
            f"The evaluation {summary['run']} has the techniques {', '.join(arms)}: the gate needs "
            f'"{CANDIDATE}" and one other.'
        )
    candidate, incumbent = arms[CANDIDATE], arms[others[0]]
    n, lower = _lead(summary, incumbent["name"])
    conditions = [
        _enough(n, limits),
        _better(lower, incumbent["name"], limits),
        _answers(candidate, limits),
        _verdicts(candidate, incumbent, limits),
        _latency(candidate, incumbent, limits),
        _cost(candidate, incumbent, limits),
    ]
    return {"publish": all(condition["passed"] for condition in conditions), "conditions": conditions}


def _lead(summary: Summary, incumbent: str) -> tuple[int, float | None]:
    """On how many cases both were scored, and the lower bound of how far the candidate is ahead."""
    for comparison in summary["comparisons"]:
        if {comparison["a"], comparison["b"]} == {CANDIDATE, incumbent}:
            interval = comparison["interval"]
            if interval is None:
                return comparison["n"], None
            return comparison["n"], interval[0] if comparison["a"] == CANDIDATE else -interval[1]
    return 0, None


def _enough(n: int, limits: Limits) -> Condition:
    relation = "at least" if n >= limits.minimum_cases else "fewer than"
    scored = "1 question was" if n == 1 else f"{n:,} questions were"
    sentence = f"{scored} scored for both, {relation} the {limits.minimum_cases} demanded."
    return _condition("cases", n >= limits.minimum_cases, sentence)


def _better(lower: float | None, incumbent: str, limits: Limits) -> Condition:
    if lower is None:
        sentence = f"How the new model compares with {incumbent} is unknown: too few questions were scored for both."
        return _condition("quality", False, sentence)
    passed = lower > limits.margin
    relation = "above" if passed else "not above"
    sentence = (
        f"The new model's score less that of {incumbent} is at least {lower:+.2f} points (lower end of the 95 % "
        f"interval), {relation} the margin of {limits.margin:+.2f}."
    )
    return _condition("quality", passed, sentence)


def _answers(candidate: ArmSummary, limits: Limits) -> Condition:
    unanswered = sum(candidate["failed"].values()) + candidate["missing"]
    sentence = f"The new model left {unanswered} of {candidate['cases']} questions unanswered"
    return _share("failures", unanswered, candidate["cases"], sentence, limits)


def _verdicts(candidate: ArmSummary, incumbent: ArmSummary, limits: Limits) -> Condition:
    answered = received(candidate) + received(incumbent)
    scored = sum(arm["quality"]["n"] for arm in (candidate, incumbent) if arm["quality"])
    sentence = f"{answered - scored} of {answered} answers lack a valid verdict of some judge"
    return _share("verdicts", answered - scored, answered, sentence, limits)


def _share(name: str, count: int, of: int, sentence: str, limits: Limits) -> Condition:
    share = count / of if of else 1.0
    passed = share <= limits.max_failure_rate
    relation = "within" if passed else "above"
    return _condition(name, passed, f"{sentence} ({share:.1%}), {relation} the {limits.max_failure_rate:.1%} allowed.")


def _latency(candidate: ArmSummary, incumbent: ArmSummary, limits: Limits) -> Condition:
    ours, theirs = (_median(arm) for arm in (candidate, incumbent))
    in_batch = candidate["in_batch"] or incumbent["in_batch"]
    unknown = "answers of a batch inference job have no latency" if in_batch else "nothing was answered to time"
    return _ratio("latency", "Median latency", ours, theirs, limits.max_latency_ratio, unknown)


def _median(arm: ArmSummary) -> float | None:
    """Unknown as soon as a job gave an answer: the others are no sample of all."""
    total = None if arm["in_batch"] else arm["latency_ms"]["total"]
    return total["median"] if total else None


def _cost(candidate: ArmSummary, incumbent: ArmSummary, limits: Limits) -> Condition:
    ours, theirs = (arm["cost"]["per_answer_usd"] for arm in (candidate, incumbent))
    limit = limits.max_cost_ratio
    if limit is not None and None in (ours, theirs) and (bound := _dearest(candidate, incumbent)) is not None:
        relation = "within" if bound <= limit else "not surely within"
        sentence = (
            f"Cost per answer is at most {bound:.2f} times that of today's, {relation} the {limit:.2f} allowed, "
            "by the tokens: the price is unknown, and the same for both."
        )
        return _condition("cost", bound <= limit, sentence + ("" if bound <= limit else f" {PRICE}."))
    return _ratio("cost", "Cost per answer", ours, theirs, limit, f"a price is unknown. {PRICE}")


def _dearest(candidate: ArmSummary, incumbent: ArmSummary) -> float | None:
    """The most that the ratio of costs can be at any price of tokens, where both arms are priced alike."""
    if candidate["priced_as"] is None or candidate["priced_as"] != incumbent["priced_as"]:
        return None
    if not received(candidate) or not received(incumbent):
        return None
    ours, theirs = candidate["tokens"], incumbent["tokens"]
    means = ((ours["mean_input"], theirs["mean_input"]), (ours["mean_output"], theirs["mean_output"]))
    ratios = [own / other for own, other in means if own is not None and other]
    return max(ratios) if len(ratios) == len(means) else None


def _condition(name: str, passed: bool, sentence: str) -> Condition:
    return {"name": name, "passed": passed, "sentence": sentence}


def _ratio(
    name: str, what: str, ours: float | None, theirs: float | None, limit: float | None, unknown: str
) -> Condition:
    """A ratio held to its limit; an unknown one is not within it, for nobody would have looked at it."""
    if limit is None:
        return _condition(name, True, f"{what} was not judged: no limit is set.")
    if ours is None or theirs is None:
        return _condition(name, False, f"{what} cannot be held to the {limit:.2f} times allowed: {unknown}.")
    within = ours <= limit * theirs
    times = f"{ours / theirs:.2f} times that of today's" if theirs else f"{ours:g}, and today's is 0"
    return _condition(name, within, f"{what} is {times}, {'within' if within else 'above'} the {limit:.2f} allowed.")
