"""The tables on the judges: how severe, how noisy, how far they agree, whom they prefer."""

from collections.abc import Mapping, Sequence
from typing import Any

from cli.reporting.figures import numbers as n
from cli.reporting.tables.table import Table

Entry = Mapping[str, Any]


def judges(found: Entry) -> list[Table]:
    failures = found.get("failures") or {}
    noise = {row["judge"]: row for row in found.get("noise") or ()}
    named = dict.fromkeys([*(row["judge"] for row in found.get("severity") or ()), *failures, *noise])
    severity = {row["judge"]: row for row in found.get("severity") or ()}
    rows = tuple(
        (
            judge,
            n.whole(severity.get(judge, {}).get("n")),
            n.plain(severity.get(judge, {}).get("mean")),
            n.signed(severity.get(judge, {}).get("offset")),
            n.whole(noise.get(judge, {}).get("repeats")),
            n.plain(noise.get(judge, {}).get("sd")),
            n.counts(failures.get(judge)),
        )
        for judge in named
    )
    pairs = tuple(
        (
            f"{row['a']} and {row['b']}",
            n.whole(row.get("n")),
            *(n.plain(row.get(name)) for name in ("spearman", "kendall", "weighted_kappa")),
        )
        for row in found.get("pairs") or ()
    )
    headings = ("Judge", "Verdicts", "Mean score", "Severity", "Repeats", "Own noise (SD)", "Failures")
    agreed = ("Judges", "Answers", "Spearman", "Kendall", "Weighted kappa")
    return [
        Table("Judges", headings, rows, "No judge gave a verdict."),
        Table("Agreement of judges", agreed, pairs, "There are no two judges with answers in common."),
    ]


def pairwise(found: Sequence[Entry]) -> Table:
    rows = tuple(
        (
            f"{row['a']} (a) and {row['b']} (b)",
            *(n.whole(row.get(name)) for name in ("n", "a_wins", "b_wins", "ties", "inconsistent")),
        )
        for row in found
    )
    headings = ("Arms", "Verdicts", "a wins", "b wins", "Ties", "Other winner in the other order")
    return Table("A/B verdicts", headings, rows, "This run asked for no A/B verdicts: use --pairwise.")
