"""The tables on the judges: how severe, how noisy, how far they agree, whom they prefer."""

from collections.abc import Sequence

from arbiter.evaluation.summary.judges import JudgesAgreement, Preferences
from cli.reporting.figures import numbers as n
from cli.reporting.tables.table import Table


def judges(found: JudgesAgreement) -> list[Table]:
    severity = {row["judge"]: row for row in found["severity"]}
    noise = {row["judge"]: row for row in found["noise"]}
    rows = tuple(
        (
            judge,
            *((n.whole(row["n"]), n.plain(row["mean"]), n.signed(row["offset"])) if row else (n.UNKNOWN,) * 3),
            *((n.whole(own["repeats"]), n.plain(own["sd"])) if own else (n.UNKNOWN,) * 2),
            n.counts(found["failures"].get(judge, {}), found["reasons"].get(judge, {})),
        )
        for judge in dict.fromkeys([*severity, *found["failures"], *noise])
        for row, own in [(severity.get(judge), noise.get(judge))]
    )
    pairs = tuple(
        (
            f"{row['a']} and {row['b']}",
            n.whole(row["n"]),
            n.plain(row["spearman"]),
            n.plain(row["kendall"]),
            n.plain(row["weighted_kappa"]),
        )
        for row in found["pairs"]
    )
    headings = ("Judge", "Verdicts", "Mean score", "Severity", "Repeats", "Own noise (SD)", "Failures")
    agreed = ("Judges", "Answers", "Spearman", "Kendall", "Weighted kappa")
    return [
        Table("Judges", headings, rows, "No judge gave a verdict."),
        Table("Agreement of judges", agreed, pairs, "There are no two judges with answers in common."),
    ]


def pairwise(found: Sequence[Preferences]) -> Table:
    rows = tuple(
        (
            f"{row['a']} (a) and {row['b']} (b)",
            *(n.whole(count) for count in (row["n"], row["a_wins"], row["b_wins"], row["ties"], row["inconsistent"])),
        )
        for row in found
    )
    headings = ("Techniques", "Verdicts", "a wins", "b wins", "Ties", "Other winner in the other order")
    return Table("A/B verdicts", headings, rows, "This run asked for no A/B verdicts: use --pairwise.")
