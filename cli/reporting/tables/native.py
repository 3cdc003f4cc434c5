"""What Bedrock's own evaluation jobs say, beside what the same judges said when they were asked by us."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cli.reporting.figures import numbers as n
from cli.reporting.tables.table import Table

Entry = Mapping[str, Any]

CAPTION = "Bedrock's own evaluation jobs, of 10"
NOTE = (
    "The same answers, put once more to the same judges by jobs of Bedrock's own: one instruction, and six levels from "
    "0 (wrong or misleading) to 10 (right and complete). Asked by us: the same judge's mean score in this run, on the "
    "cases that its job scored; the difference is the job's score less ours. No other figure of this page rests on "
    "these jobs, and their cost is in none but the estimate: Bedrock bills it, and tells no tokens."
)
LEFT_OUT = {
    "no_reference": "without a reference",
    "over_the_limit": "beyond the 1,000 that a job takes",
    "not_answered": "not answered",
    "missing": "not in the results",
    "no_score": "without a usable score",
    "out_of_range": "with a score off the scale",
}
GOING_ON = "was still going on when the run ended; the same command with --run and --native-jobs reads it"


def native(found: Sequence[Entry] | None) -> list[Table]:
    """A row for each job; no table where none was asked for."""
    if not found:
        return []
    headings = (
        "Arm", "Judge", "Mean", "95 % interval", "Asked by us", "Difference", "Its 95 % interval", "Rank correlation",
        "Cases", "Left out", "Job",
    )  # fmt: skip
    rows = tuple(
        (
            row["arm"],
            row["judge"],
            n.plain(row.get("mean")),
            n.interval(row.get("interval")),
            n.plain(row["ours"].get("mean")),
            n.signed(row["ours"].get("difference")),
            n.interval(row["ours"].get("interval"), sign=True),
            n.plain(row["ours"].get("spearman")),
            n.whole(row.get("n")),
            left_out(row) or "none",
            ended(row) or "completed",
        )
        for row in found
    )
    return [Table(CAPTION, headings, rows, note=NOTE)]


def left_out(job: Entry) -> str:
    """The cases of the run that have no score of a job, by the reason."""
    counted = {**job["unscored"], **job["left_out"]}
    return n.counts({LEFT_OUT.get(code, code): count for code, count in counted.items()}) if counted else ""


def ended(job: Entry) -> str:
    """Why a job has no scores; nothing where it has."""
    if job["failure"]:
        return str(job["failure"])
    return "" if job["status"] == "Completed" else GOING_ON


def warnings(found: Sequence[Entry] | None) -> Iterator[str]:
    """The jobs that a reader might miss."""
    for job in found or ():
        if said := ended(job):
            yield f"Bedrock's own job with {n.tidy(job['judge'])} on {job['arm']} gave no score: {said.rstrip('.')}."
