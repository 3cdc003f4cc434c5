"""The decision record is one file that needs nothing, says the same as the terminal, and can be read on a phone."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from arbiter.costs.amount import Amount
from cli.advice.evidence.arms import Stored
from cli.advice.page.amounts import money, requests
from cli.advice.page.page import render
from cli.advice.record.record import Record, record_of
from cli.advice.scenario.scenario import Scenario
from tests.unit.cli.advice.known import FIGURES, KNOWN
from tests.unit.cli.advice.planted import planted
from tests.unit.cli.reporting.browser import Browser, browsing, chromium
from tests.unit.cli.reporting.parsed import Parsed
from tests.unit.cli.reporting.test_browser import WITHOUT

HOSTILE = "<script>window.broken=1</script>" + "wide" * 40
SCENARIO = Scenario(
    use_cases=("customer_support",), requirements=("facts", "style"), examples=800, work=("outside_tools",)
)


@cache
def run() -> Stored:
    return planted({"base": 4.0, "rag": 7.0, "fine_tuned": 5.5, "combined": 8.5})


@cache
def record(name: str = "Help desk", *, measured: bool = True) -> Record:
    return record_of(name, SCENARIO, replace(KNOWN, stored=run() if measured else None))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None and os.environ.get(WITHOUT) == "1":
        pytest.skip(f"{WITHOUT}=1: nothing here looks at the record in a browser")
    assert program is not None, f"There is no Chromium: install it, or skip with {WITHOUT}=1."
    with browsing(program) as browser:
        yield browser


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("measured", [False, True])
def test_it_opens_without_network_complaint_or_sideways_scroll(
    browser: Browser, tmp_path: Path, width: int, dark: bool, measured: bool
) -> None:
    file = tmp_path / "record.html"
    file.write_text(render(record(HOSTILE, measured=measured)))
    browser.open(file, width=width, dark=dark)
    assert browser.complaints == []
    assert [url for url in browser.requests if url != file.as_uri() and not url.startswith("data:")] == []
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert browser.run("window.broken") is None
    assert browser.run("matchMedia('(prefers-color-scheme: dark)').matches") is dark


def test_the_page_needs_nothing_else_and_is_the_same_for_the_same_case() -> None:
    page = render(record())
    assert page == render(record.__wrapped__())
    assert not re.search(r"<script|<link(?![^>]*data:)|@import|url\(", page)
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)


def test_it_begins_with_the_recommendation_its_confidence_cost_and_next_command() -> None:
    made = record()
    text = Parsed.of(render(made)).text
    places = [text.index(part) for part in (made.sentence[:60], made.confidence.reason, "a month", made.next_command)]
    assert places == sorted(places)
    assert places[-1] < text.index("Weeks 1 to 2")


def test_it_says_first_what_is_done_why_and_what_would_change_it_in_plain_words() -> None:
    made = record()
    first = " ".join(Parsed.of(render(made)).text.partition("Weeks 1 to 2")[0].split())
    assert "LoRA: a small addition to the model is trained, and its own weights stay" in first
    assert f"Retrieval (RAG): {made.decision.advice.approaches['retrieval'].fired[0].says}" in first
    assert all(flip.effect in first for flip in made.flips[:3])


def test_the_bill_is_told_part_by_part_and_its_parts_make_the_whole() -> None:
    made = record()
    name = "The month of the recommendation: orchestration of a tuned model with retrieval"
    rows = Parsed.of(render(made)).tables[name]
    amounts = [float(row["A month"].lstrip("≥ $").replace(",", "")) for row in rows.values()]
    assert set(rows) >= {"Arbiter itself, and what it stores", "Training", "Tuned model kept", "Requests"}
    assert sum(amounts[:-1]) == pytest.approx(amounts[-1], abs=0.02)
    assert amounts[-1] == pytest.approx(made.decision.month.usd, abs=0.01)


def test_rule_and_measurement_stand_side_by_side_with_the_interval() -> None:
    row = Parsed.of(render(record())).tables["Rule and measurement"]["Retrieval (RAG)"]
    assert row["By rule"] == "recommended"
    assert row["Decided"] == "recommended"
    assert " to " in row["95 % interval"]


def test_where_they_disagree_the_page_says_so() -> None:
    stored = planted({"base": 8.0, "rag": 5.0, "fine_tuned": 5.0, "combined": 5.0})
    made = record_of("x", SCENARIO, replace(KNOWN, stored=stored))
    assert "Rule and measurement disagree about retrieval (rag) and fine-tuning" in Parsed.of(render(made)).text


def test_without_a_run_no_number_of_quality_is_shown() -> None:
    parsed = Parsed.of(render(record(measured=False)))
    assert "every recommendation here is by rule" in parsed.text
    assert not {"Rule and measurement", "The techniques as measured"} & parsed.tables.keys()
    assert "in the run" not in parsed.text


def test_the_owners_volume_is_marked_and_has_a_column() -> None:
    page = render(record())
    assert ">10,000</text>" in page
    assert "10,000 a month" in next(iter(Parsed.of(page).tables["Cost a month by technique and requests"].values()))


def test_an_unknown_price_is_no_number() -> None:
    figures = FIGURES._replace(
        hosting_hour=Amount.of_unknown("an hour"), training=Amount(0.0), storage_month=Amount(0.0)
    )
    made = record_of("x", SCENARIO, replace(KNOWN, figures=figures))
    rows = Parsed.of(render(made)).tables["Cost a month by technique and requests"]
    assert rows["a tuned model hosted by the hour"]["A month, whatever the requests"] == "unknown, ≥ $7.00"
    assert "an hour" in made.untold
    assert "hosted" not in {name for one in made.break_evens for name in (one.above, one.below)}


def test_a_break_even_volume_says_what_it_costs_in_quality() -> None:
    text = Parsed.of(render(record())).text
    assert re.search(r"requests a month, a tuned model costs less than retrieval, and scored \d\.\d points worse", text)


@pytest.mark.parametrize(
    ("amount", "words"),
    [(Amount(2.0), "$2.00"), (Amount(2.0, lower_bound=True), "at least $2.00"), (Amount.of_unknown("x"), "unknown")],
)
def test_a_lower_bound_says_so(amount: Amount, words: str) -> None:
    assert money(amount) == words


@pytest.mark.parametrize(("count", "words"), [(7.2, "7"), (41_267, "41,000"), (1_234_567, "1,200,000")])
def test_requests_are_told_in_two_figures(count: float, words: str) -> None:
    assert requests(count) == words
