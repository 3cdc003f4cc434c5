"""The questions of a run that tell most, where it has more of them than a page can hold."""

from collections.abc import Iterable, Sequence
from statistics import fmean

from arbiter.evaluation.numbers.reading import Numbers
from arbiter.evaluation.numbers.records import Verdict
from arbiter.evaluation.run.plan import Plan

FAILED_SHARE = 4
"""At most one in so many questions is shown because something failed, however much did."""

Answered = tuple[str, str]
"""A case's id and an arm's name."""


def by_judge(numbers: Numbers, plan: Plan) -> dict[str, dict[Answered, float]]:
    """Each judge's score of each answer: its mean over repeats."""
    by_answer: dict[str, dict[Answered, float]] = {judge: {} for judge in plan.judges}
    for record in numbers.verdicts:
        scores: dict[str, list[float]] = {}
        for verdict in record.verdicts:
            if verdict.score is not None and asked(plan, verdict.judge, verdict.repeat):
                scores.setdefault(verdict.judge, []).append(verdict.score)
        for judge, given in scores.items():
            by_answer[judge][record.case, record.arm] = fmean(given)
    return by_answer


def asked(plan: Plan, judge: str, repeat: int = 0) -> bool:
    """Whether the plan asks for a verdict: an earlier start of the run may have asked others, or more often."""
    return judge in plan.judges and repeat < plan.repeat


def most_telling(plan: Plan, numbers: Numbers, cases: Sequence[str], most: int) -> set[str]:
    """Some failures, then the questions on which arms or judges lie furthest apart, then any."""
    apart, order = _apart(plan, numbers), {case: index for index, case in enumerate(cases)}
    failed = {record.case for record in numbers.answers if record.failure} | {
        record.case for record in numbers.verdicts if any(map(_failed, record.verdicts))
    }
    shown = set(sorted(failed & order.keys(), key=order.__getitem__)[: most // FAILED_SHARE])
    ordered = sorted(order, key=lambda case: (-apart.get(case, -1.0), order[case]))
    for case in ordered:
        if len(shown) == most:
            break
        shown.add(case)
    return shown


def _failed(verdict: Verdict) -> bool:
    return verdict.failure is not None


def _apart(plan: Plan, numbers: Numbers) -> dict[str, float]:
    """By case: the points between its best arm and its worst, or between two judges of an answer where that is more."""
    scores = by_judge(numbers, plan)
    means: dict[str, list[float]] = {}
    distances: dict[str, float] = {}
    for answer in {answer for given in scores.values() for answer in given}:
        given = [own[answer] for own in scores.values() if answer in own]
        distances[answer[0]] = max(distances.get(answer[0], 0.0), _range(given))
        if len(given) == len(scores):
            means.setdefault(answer[0], []).append(fmean(given))
    return {case: max(between, _range(means.get(case, ()))) for case, between in distances.items()}


def _range(values: Iterable[float]) -> float:
    known = list(values)
    return max(known) - min(known) if known else 0.0
