"""A written report as people see it in a terminal."""

import re
from collections.abc import Sequence

from rich.console import Console
from rich.table import Column
from rich.text import Text

from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.summary.gate import CANDIDATE
from cli.core.terminal import Folded, run_column
from cli.reporting.report import ReportResult
from cli.reporting.run.listing import ListedRun

LISTED_RUNS = 50
EXECUTION = ":execution:"
"""Stands in the ARN of a pipeline, which starts the evaluation of its own gate."""


def show_report(console: Console, result: ReportResult) -> None:
    """Print the run's conclusion, the doubts about it, and where its page is."""
    show_conclusion(console, result.summary)
    _explain(console, [arm["name"] for arm in result.summary["arms"]])
    console.print(Text(f"Report: {result.path}", style="green"), soft_wrap=True)


def _explain(console: Console, techniques: Sequence[str]) -> None:
    if CANDIDATE in techniques:
        console.print("candidate: a newly tuned model, which a gate held against what answers today.", style="dim")


def show_conclusion(console: Console, summary: Summary) -> None:
    """Print what has to be known first, the conclusion of a run, and every reason to be careful with it."""
    for caveat in summary["caveats"]:
        console.print(Text(f"• {caveat}", style="bold yellow"), soft_wrap=True)
    for sentence in summary["conclusion"]:
        console.print(Text(f"• {sentence}"), soft_wrap=True)
    for doubt in summary["doubts"]:
        console.print(Text(f"• {doubt}", style="yellow"), soft_wrap=True)


def show_runs(console: Console, runs: Sequence[ListedRun]) -> None:
    """One line a run."""
    if not runs:
        console.print("There is no evaluation run yet: start one with `arbiter evaluate`.", highlight=False)
        return
    table = Folded(
        run_column(run.run for run in runs),
        "Started",
        "By",
        Column("Questions", justify="right"),
        "Techniques",
        "Summary",
    )
    for run in runs[:LISTED_RUNS]:
        who = "a training" if EXECUTION in run.started_by else re.split("[/:]", run.started_by)[-1]
        began, summary = run.started_at[:16].replace("T", " "), "written" if run.summarised else "none yet"
        table.add_row(run.run, began, who, f"{run.cases:,}", ", ".join(run.arms), summary)
    console.print(table)
    _explain(console, [name for run in runs[:LISTED_RUNS] for name in run.arms])
    if len(runs) > LISTED_RUNS:
        console.print(f"… and {len(runs) - LISTED_RUNS:,} earlier ones (--json lists all).", highlight=False)
