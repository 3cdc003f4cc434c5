"""The measures of each answer, and how one series of them differs from another on the same questions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from statistics import fmean
from typing import Any

from arbiter.evaluation.numbers.reading import Numbers
from arbiter.evaluation.numbers.records import Answer
from arbiter.evaluation.numbers.statistics import Interval, mean_interval
from arbiter.evaluation.run.conversation import as_asked
from arbiter.evaluation.run.plan import Plan
from cli.reporting.run.questions import questions
from cli.reporting.run.records import Records
from cli.reporting.run.telling import by_judge

MEASURES = ("quality", "latency", "tokens", "cost")

Entry = Mapping[str, Any]
Series = Mapping[str, float]
"""A value a question."""


@dataclass(frozen=True)
class Change:
    """A relative change, from so many cases; without an interval where they are too few."""

    value: float
    interval: Interval | None
    n: int


def measured(plan: Plan, records: Records) -> dict[str, dict[str, dict[str, float]]]:
    """Each measure by arm and question as it was asked: its text stays the same from run to run, not its number."""
    question_of = {case["id"]: as_asked(case) for case in records.cases}
    series: dict[str, dict[str, dict[str, float]]] = {measure: {} for measure in MEASURES}
    if records.numbers is not None:
        for answer, values in _of_numbers(plan, records.numbers):
            for measure, value in values.items():
                if value is not None and answer.case in question_of:
                    series[measure].setdefault(answer.arm, {})[question_of[answer.case]] = value
        return series
    for question in questions(plan, records):
        for shown in question.answers:
            for measure, value in _values(shown.response, shown.score).items():
                if value is not None:
                    series[measure].setdefault(shown.arm, {})[question_of.get(question.id, question.text)] = value
    return series


def _of_numbers(plan: Plan, numbers: Numbers) -> Iterator[tuple[Answer, dict[str, float | None]]]:
    """The same of a run whose records are too many to read."""
    scores = by_judge(numbers, plan)
    for answer in numbers.answers:
        if answer.timing:
            own = [given[answer.case, answer.arm] for given in scores.values() if (answer.case, answer.arm) in given]
            yield (
                answer,
                {
                    "quality": fmean(own) if own and len(own) == len(scores) else None,
                    "latency": answer.timing.total,
                    "tokens": answer.input_tokens + answer.output_tokens,
                    "cost": answer.cost_usd,
                },
            )


def _values(response: Entry | None, score: float | None) -> dict[str, float | None]:
    if response is None:
        return {}
    usage, spent = response.get("usage") or {}, response.get("latency_ms") or {}
    return {
        "quality": score,
        "latency": spent.get("total"),
        "tokens": usage.get("input_tokens", 0) + usage.get("output_tokens", 0),
        "cost": response.get("cost_usd"),
    }


def relative_change(ours: Series, base: Series, *, seed: str) -> Change | None:
    """The change of a mean relative to base on the cases of both; `None` where there is nothing to divide by.

    Its interval is that of the mean of the ratio's linearised residuals (Cochran 1977, section 6.4), paired by case.
    """
    shared = sorted(ours.keys() & base.keys())
    if not shared or not (below := fmean(base[case] for case in shared)):
        return None
    ratio = fmean(ours[case] for case in shared) / below
    residuals = [(ours[case] - ratio * base[case]) / below for case in shared]
    around = mean_interval(residuals, seed=seed, lowest=-inf, highest=inf)
    interval = around and (ratio - 1 + around[0], ratio - 1 + around[1])
    return Change(ratio - 1, interval, len(shared))


def texts(cases: Iterable[Entry]) -> set[str]:
    """The questions of a run, a follow-up with its conversation."""
    return set(map(as_asked, cases))
