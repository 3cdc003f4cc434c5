"""The scores of Bedrock's own evaluation jobs are shown where there were some, failures by their reason."""

import io
from typing import Any

from rich.console import Console

from arbiter.evaluation.native.jobs import MOST_PROMPTS, dataset
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.document import load
from arbiter.evaluation.summary.doubts import doubts
from arbiter.evaluation.summary.native import GOING_ON
from bench.synthetic_plan import document
from cli.evaluation.view import show_native
from cli.reporting.figures import numbers as n
from cli.reporting.tables.native import LEFT_OUT
from cli.reporting.tables.sections import tables

JUDGES = ["anthropic.one", "meta.two"]
ROW: Any = {
    "judge": JUDGES[1],
    "arm": "rag",
    "status": "Completed",
    "cases": 5,
    "n": 3,
    "mean": 7.5,
    "interval": [6.0, 9.0],
    "ours": {"n": 3, "mean": 7.0, "difference": 0.5, "interval": [-0.5, 1.5], "spearman": 0.9},
    "unscored": {"missing": 2},
    "left_out": {"no_reference": 1},
    "failure": None,
}
FAILED: Any = {
    **ROW,
    "arm": "base",
    "status": "Failed",
    "n": 0,
    "mean": None,
    "interval": None,
    "ours": {"n": 0, "mean": None, "difference": None, "interval": None, "spearman": None},
    "unscored": {},
    "left_out": {},
    "failure": "failed: no access",
}
CAPTION = "Bedrock's own evaluation jobs, of 10"


def test_the_report_has_the_table_only_where_there_were_jobs() -> None:
    assert CAPTION not in [table.caption for table in tables(load({}))]
    (table,) = [table for table in tables(load({"native": [ROW, FAILED]})) if table.caption == CAPTION]
    assert [dict(zip(table.headings, row, strict=True)) for row in table.rows] == [
        {
            "Technique": "rag",
            "Judge": "meta.two",
            "Mean": "7.50",
            "95 % interval": "6.00 to 9.00",
            "Asked by Arbiter": "7.00",
            "Difference": "+0.50",
            "Its 95 % interval": f"{n.MINUS}0.50 to +1.50",
            "Rank correlation": "0.90",
            "Questions": "3",
            "Left out": "2 not in the results, 1 without a reference",
            "Job": "completed",
        },
        {
            **dict.fromkeys(table.headings, n.UNKNOWN),
            "Technique": "base",
            "Judge": "meta.two",
            "Questions": "0",
            "Left out": "none",
            "Job": "failed: no access",
        },
    ]
    assert "their cost is in none but the estimate" in table.note


def test_a_job_without_scores_is_told_before_the_numbers() -> None:
    late = {**FAILED, "status": "InProgress", "failure": None}
    failed = {**FAILED, "failure": "failed: Bedrock's own sentence."}
    plan = Plan.load(document("r", ["base", "rag"], JUDGES))
    assert doubts(load({"cases": 99, "judges": JUDGES, "native": [ROW, failed, late]}), plan) == [
        "Bedrock's own job with two on base gave no score: failed: Bedrock's own sentence.",
        f"Bedrock's own job with two on base gave no score: {GOING_ON}.",
    ]


def test_every_reason_to_leave_a_case_out_has_words() -> None:
    def answered(cases: Any) -> Any:
        return ((case, {"answer": "Yes.", "citations": []}) for case in cases if case["id"] != "c0")

    cases = [{"id": f"c{number}", "question": "How far?", "reference": "Two."} for number in range(MOST_PROMPTS + 2)]
    made = dataset([*cases, {"id": "none", "question": "How old?"}], answered, "base")
    assert made.left_out == {"no_reference": 1, "over_the_limit": 1, "not_answered": 1}
    assert made.left_out.keys() <= LEFT_OUT.keys()


def test_the_terminal_shows_the_scores_of_a_job_and_leaves_a_failure_to_the_doubts() -> None:
    console = Console(file=io.StringIO(), width=300)
    show_native(console, load({"judges": JUDGES, "native": [ROW, FAILED]}))
    (line,) = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    scores = "7.50 (6.00 to 9.00) of 10 on 3 questions, 7.00 when asked by Arbiter on 3 of them"
    left_out = "left out: 2 not in the results, 1 without a reference"
    assert line == f"Bedrock's job with two on rag: {scores}; {left_out}."
