"""Of a run with more questions than a page can hold the most telling are shown, and every number counts them all."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from arbiter.evaluation.numbers import extraction
from arbiter.evaluation.numbers.condensed import condense, condensed_key, dump
from arbiter.evaluation.numbers.reading import Numbers
from cli.reporting.comparisons.measures import measured
from cli.reporting.report import report
from cli.reporting.run import records
from cli.reporting.run.listing import ListedRun, list_runs
from cli.reporting.run.records import read_run
from cli.reporting.run.telling import by_judge, most_telling
from cli.reporting.view import show_runs
from tests.unit.cli.reporting.synthetic_run import Synthetic, make
from tests.unit.cli.reporting.test_report import Results

pytestmark = pytest.mark.slow

SHOWN = 8


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Results:
    """A run of forty questions, of which a page may hold eight."""
    monkeypatch.setattr(records, "MOST_SHOWN", SHOWN)
    made = make(40, pairwise=False)
    plan = replace(made.plan, start="first")
    deployment = Results(Synthetic(plan, made.records))
    ids = [case["id"] for case in made.records.cases]
    content = dump(condense(ids, made.records.answers, made.records.verdicts, ()), "first")
    deployment.bucket.objects[condensed_key(plan.run, 0)] = content
    return deployment


def test_the_most_telling_questions_are_shown_and_it_is_said_that_there_are_more(
    deployment: Results, tmp_path: Path
) -> None:
    page = report(deployment, "synthetic", out=tmp_path / "page.html").path.read_text()
    assert page.count('<article class="question"') == SHOWN
    assert "The 8 most telling of 40 questions" in page
    assert "<code>evaluations/synthetic/</code>" in page


def test_records_of_the_questions_shown_alone_are_read_and_numbers_of_all(deployment: Results) -> None:
    stored, whole = read_run(deployment, "synthetic").records, make(40, pairwise=False)
    assert stored.shown is not None
    assert {one["case"]["id"] for one in stored.answers} == stored.shown
    assert len(stored.shown) == SHOWN
    ours, theirs = measured(whole.plan, stored), measured(whole.plan, whole.records)
    assert json.dumps(ours, sort_keys=True) == json.dumps(theirs, sort_keys=True)


def test_a_quarter_of_what_is_shown_failed_and_the_rest_lies_furthest_apart() -> None:
    made = make(40, pairwise=False)
    numbers = Numbers(
        [extraction.answer(one) for one in made.records.answers],
        [extraction.verdicts(one) for one in made.records.verdicts],
        [],
    )
    ids = [case["id"] for case in made.records.cases]
    shown = most_telling(made.plan, numbers, ids, SHOWN)
    scores = by_judge(numbers, made.plan)

    def apart(case: str) -> float:
        """Between the best and the worst arm, by the mean over judges."""
        arms = {arm for given in scores.values() for of, arm in given if of == case}
        means = [[given[case, arm] for given in scores.values() if (case, arm) in given] for arm in arms]
        whole = [sum(given) / len(given) for given in means if len(given) == len(scores)]
        return max([max(whole) - min(whole), *(max(given) - min(given) for given in means)])

    failed = {one.case for one in numbers.answers if one.failure}
    failed |= {one.case for one in numbers.verdicts if any(verdict.failure for verdict in one.verdicts)}
    assert len(failed & shown) >= SHOWN // 4
    assert min(map(apart, shown - failed)) >= max(map(apart, set(ids) - shown - failed))


def test_without_numbers_the_first_questions_are_shown(deployment: Results, tmp_path: Path) -> None:
    del deployment.bucket.objects[condensed_key("synthetic", 0)]
    page = report(deployment, "synthetic", out=tmp_path / "page.html").path.read_text()
    assert re.findall(r"Question (\d+): how", page)[:1] == ["1"]
    assert page.count('<article class="question"') == SHOWN


def test_the_runs_of_an_environment_are_listed_with_the_latest_first() -> None:
    deployment = Results(make(2, name="one"), make(3, name="two"))
    objects = deployment.bucket.objects
    later = {**json.loads(objects["evaluations/two/run.json"]), "started_at": "2026-11-22T08:00:00Z"}
    objects["evaluations/two/run.json"] = json.dumps(later).encode()
    del objects["evaluations/two/summary.json"]
    objects["evaluations/standing/cases.jsonl"] = b""
    found = list_runs(deployment)
    assert [(run.run, run.cases, run.summarised) for run in found] == [("two", 3, False), ("one", 2, True)]


def test_the_list_of_runs_says_which_have_a_summary_and_cuts_nothing_at_80_columns() -> None:
    common = {"started_at": "2026-11-21T08:30:00+00:00", "started_by": "arn:aws:iam::0:user/somebody", "cases": 60}
    names = ("20261121-083000-1a2b", "20261121-083000-1a2b-with-a-name-of-its-own-at-the-end")
    arms = ("base", "rag", "fine_tuned", "combined:amazon.nova-pro-v1")
    pipeline = "arn:aws:states:us-east-1:000000000000:execution:Arbiter-dev-FineTuning:20261121-083000-1a2b"
    gate = ListedRun(
        **{**common, "run": "20261121-083000-1a2b-gate", "started_by": pipeline, "arms": arms, "summarised": True}  # type: ignore[arg-type]
    )
    runs = [ListedRun(run=name, arms=arms, summarised=i == 0, **common) for i, name in enumerate(names)]  # type: ignore[arg-type]
    console = Console(width=80, no_color=True)
    with console.capture() as captured:
        show_runs(console, runs)
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in captured.get().splitlines() if "│" in line]
    assert "".join(row[0] for row in rows) == "".join(names)
    assert "".join(row[-1] for row in rows).replace(" ", "") == "writtennoneyet"
    assert "…" not in captured.get()
    with console.capture() as captured:
        show_runs(console, [gate])
    assert all(text in captured.get() for text in ("20261121-083000-1a2b-gate", "training", "2026-11-21", "08:30"))
    assert "arn:" not in captured.get()
