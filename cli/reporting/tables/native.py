"""The table of Bedrock's own evaluation jobs, beside the scores of the same judges asked by Arbiter."""

from collections.abc import Mapping, Sequence

from arbiter.evaluation.summary.native import NativeScores, why_no_scores
from cli.reporting.figures import numbers as n
from cli.reporting.tables.table import Table

CAPTION = "Bedrock's own evaluation jobs, of 10"
NOTE = (
    "The same answers, put once more to the same judges by jobs of Bedrock's own: one instruction, and six levels from "
    "0 (wrong or misleading) to 10 (right and complete). Asked by Arbiter: the same judge's mean score in this run, on "
    "the questions that its job scored; the difference is the job's score less Arbiter's. No other figure of this page "
    "rests on these jobs, and their cost is in none but the estimate: Bedrock bills it, and tells no tokens."
)
LEFT_OUT = {
    "no_reference": "without a reference",
    "over_the_limit": "beyond the 1,000 that a job takes",
    "not_answered": "not answered",
    "missing": "not in the results",
    "no_score": "without a usable score",
    "out_of_range": "with a score off the scale",
}


def native(jobs: Sequence[NativeScores], names: Mapping[str, str]) -> list[Table]:
    """A row for each job; no table where none was asked for."""
    if not jobs:
        return []
    headings = (
        "Technique", "Judge", "Mean", "95 % interval", "Asked by Arbiter", "Difference", "Its 95 % interval",
        "Rank correlation", "Questions", "Left out", "Job",
    )  # fmt: skip
    rows = tuple(
        (
            row["arm"],
            names.get(row["judge"], row["judge"]),
            n.plain(row["mean"]),
            n.interval(row["interval"]),
            n.plain(row["ours"]["mean"]),
            n.signed(row["ours"]["difference"]),
            n.interval(row["ours"]["interval"], sign=True),
            n.plain(row["ours"]["spearman"]),
            n.integer(row["n"]),
            left_out(row) or "none",
            why_no_scores(row) or "completed",
        )
        for row in jobs
    )
    return [Table(CAPTION, headings, rows, note=NOTE)]


def left_out(job: NativeScores) -> str:
    """The questions of the run that have no score of a job, by the reason."""
    counted = {**job["unscored"], **job["left_out"]}
    return n.counts({LEFT_OUT.get(code, code): count for code, count in counted.items()}) if counted else ""
