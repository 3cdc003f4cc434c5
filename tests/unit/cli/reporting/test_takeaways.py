"""The words below a chart hold of the arms that it shows, of those it leaves out, and of ties."""

import io
from typing import Any

import pytest
from rich.console import Console

from arbiter.evaluation.summary.document import Summary
from cli.reporting import page
from cli.reporting.figures import agreement, cost, effort, quality
from cli.reporting.run.listing import ListedRun
from cli.reporting.view import show_runs
from tests.unit.arbiter.evaluation.summary.test_conclusion import scored

FIVE, EIGHT = dict.fromkeys(range(20), 5), dict.fromkeys(range(20), 8)
ALL_BEATEN = " Any other technique is beaten by one of these in cost or in quality, and not better in the other."


LONG = "rag has the highest mean, 8.00 of 10 on its 20 questions. Not held against it, for want of scores: combined."


def priced(scores: dict[str, dict[int, int]], prices: list[float | None]) -> Any:
    found: Any = scored(scores, 20)
    for arm, price in zip(found["arms"], prices, strict=True):
        arm["cost"]["per_1000_usd"] = price
    return found


@pytest.mark.parametrize(
    ("scores", "prices", "told"),
    [
        ({"base": FIVE, "rag": FIVE}, [1.0, 1.0], "base, rag."),
        ({"base": FIVE}, [1.0], "base."),
        ({"base": FIVE, "rag": EIGHT}, [2.0, 1.0], f"rag.{ALL_BEATEN}"),
        ({"base": FIVE, "rag": EIGHT}, [2.0, None], "base. Not shown, for want of a price: rag."),
        ({"base": FIVE, "rag": {0: 9}}, [2.0, 1.0], "base. Not held against them, for want of scores: rag."),
        ({"base": FIVE, "rag": EIGHT}, [0.0, 0.0], f"rag.{ALL_BEATEN}"),
    ],
)
def test_what_is_worth_its_price_is_told_of_what_was_compared(scores: Any, prices: Any, told: str) -> None:
    found = priced(scores, prices)
    if "want of scores" in told:  # Of a third one, or there would be too few questions for anything.
        found = priced({**scores, "combined": FIVE}, [*prices, 3.0])
        told = told.replace("base.", f"base.{ALL_BEATEN}")
    assert cost.cost(found).takeaway == f"Worth considering (on the line): {told}"


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        ({"base": FIVE, "rag": FIVE}, "base and rag have the highest mean, 5.00 of 10."),
        ({"base": EIGHT}, "base has a mean of 8.00 of 10."),
        ({"base": FIVE, "rag": EIGHT, "combined": {0: 10}}, LONG),
    ],
)
def test_the_highest_mean_is_told_of_those_that_may_be_held_against_each_other(scores: Any, told: str) -> None:
    assert quality.quality(scored(scores, 20)).takeaway == f"{told} Bars are 95 % intervals."


def test_means_of_different_questions_are_no_comparison() -> None:
    halves = {"base": dict.fromkeys(range(12), 5), "rag": dict.fromkeys(range(1, 13), 9)}
    found = priced(halves, [1.0, 2.0])
    assert quality.quality(found).takeaway.startswith("Every technique lacks the score of many questions")
    assert cost.cost(found).takeaway == quality.ALL_SPARSE


def test_nobody_is_the_fastest_where_all_take_the_same_time() -> None:
    found: Any = scored({"base": FIVE, "rag": FIVE}, 20)
    assert effort.latency(found).takeaway.startswith("Bars are means")
    found["arms"][1]["latency_ms"]["total"] = {"mean": 7.0, "median": 7.0, "p95": 7.0}
    assert effort.latency(found).takeaway.startswith("rag takes the least time on average. Bars")


def test_judges_without_an_answer_in_common_are_not_called_silent() -> None:
    found: Summary = scored({"base": {}}, 1)
    assert agreement.severity(found).takeaway == "No answer has a score of every judge."


@pytest.mark.parametrize(("names", "today"), [(("candidate", "in_service"), "in_service"), (("base", "rag"), None)])
def test_a_gates_run_explains_its_techniques(names: tuple[str, ...], today: str | None) -> None:
    run = ListedRun(run="r", started_at="", started_by="me", cases=1, arms=names, summarised=True)
    console = Console(width=100, file=io.StringIO())
    with console.capture() as captured:
        show_runs(console, [run])

    found: Any = {"arms": [{"name": name} for name in names]}
    assert page._answers_today(found) == today
    assert ("a newly tuned model" in captured.get()) == (today is not None)
