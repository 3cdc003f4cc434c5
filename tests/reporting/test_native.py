"""What Bedrock's own evaluation jobs say is shown where there were some, failures by their reason."""

import io

from rich.console import Console

from cli.reporting import numbers as n
from cli.reporting.tables import tables
from cli.views_evaluate import show_native

ROW = {
    "judge": "meta.two",
    "arm": "rag",
    "status": "Completed",
    "cases": 5,
    "n": 3,
    "mean": 7.5,
    "interval": [6.0, 9.0],
    "unscored": {"missing": 2},
    "left_out": {"no_reference": 1},
    "failure": None,
}
FAILED = {
    **ROW,
    "arm": "base",
    "status": "Failed",
    "n": 0,
    "mean": None,
    "interval": None,
    "unscored": {},
    "left_out": {},
    "failure": "failed: no access",
}
CAPTION = "Bedrock's own evaluation jobs, of 10"


def test_the_report_has_the_table_only_where_there_were_jobs() -> None:
    assert CAPTION not in [table.caption for table in tables({})]
    (table,) = [table for table in tables({"native": [ROW, FAILED]}) if table.caption == CAPTION]
    assert [dict(zip(table.headings, row, strict=True)) for row in table.rows] == [
        {
            "Arm and judge": "rag by meta.two",
            "Mean": "7.50",
            "95 % interval": "6.00 to 9.00",
            "Cases": "3",
            "Without a score": "2 missing, 1 no_reference",
            "Job": "Completed",
        },
        {
            "Arm and judge": "base by meta.two",
            "Mean": n.UNKNOWN,
            "95 % interval": n.UNKNOWN,
            "Cases": "0",
            "Without a score": "none",
            "Job": "failed: no access",
        },
    ]


def test_the_terminal_says_what_a_job_found_or_why_it_did_not() -> None:
    console = Console(file=io.StringIO(), width=200)
    show_native(console, [ROW, FAILED])
    assert console.file.getvalue().splitlines() == [  # type: ignore[attr-defined]
        "Bedrock's job with meta.two on rag: 7.50 (6.00 to 9.00) of 10 on 3 cases, 3 without a score.",
        "Bedrock's job with meta.two on base: no score (failed: no access).",
    ]
