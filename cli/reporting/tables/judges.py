"""The tables on the judges: how severe, how noisy, how far they agree, whom they prefer."""

from collections.abc import Mapping, Sequence

from arbiter.evaluation.summary.judges import JudgesAgreement, Preferences
from cli.reporting.figures import numbers as n
from cli.reporting.tables.table import Table


def judges(agreement: JudgesAgreement, names: Mapping[str, str]) -> list[Table]:
    """The tables on severity, noise and agreement; `names` are those that stand-ins go by."""
    severity = {row["judge"]: row for row in agreement["severity"]}
    noise = {row["judge"]: row for row in agreement["noise"]}
    rows = tuple(
        (
            names.get(judge, judge),
            *((n.integer(row["n"]), n.plain(row["mean"]), n.signed(row["offset"])) if row else (n.UNKNOWN,) * 3),
            *((n.integer(own["repeats"]), n.plain(own["sd"])) if own else (n.UNKNOWN,) * 2),
            n.counts(agreement["failures"].get(judge, {}), agreement["reasons"].get(judge, {})),
        )
        for judge in dict.fromkeys([*severity, *agreement["failures"], *noise])
        for row, own in [(severity.get(judge), noise.get(judge))]
    )
    pairs = tuple(
        (
            f"{names.get(row['a'], row['a'])} and {names.get(row['b'], row['b'])}",
            n.integer(row["n"]),
            n.plain(row["spearman"]),
            n.plain(row["kendall"]),
            n.plain(row["weighted_kappa"]),
        )
        for row in agreement["pairs"]
    )
    headings = ("Judge", "Verdicts", "Mean score", "Severity", "Repeats", "Own noise (SD)", "Failures")
    agreed = ("Judges", "Answers", "Spearman", "Kendall", "Weighted kappa")
    return [
        Table("Judges", headings, rows, "No judge gave a verdict.", note=_in_place_of(names)),
        Table("Agreement of judges", agreed, pairs, "There are no two judges with answers in common."),
    ]


def _in_place_of(names: Mapping[str, str]) -> str:
    return "; ".join(f"{name} is in place of {judge}" for judge, name in names.items()) + "." if names else ""


def pairwise(preferences: Sequence[Preferences]) -> Table:
    rows = tuple(
        (
            f"{row['a']} (a) and {row['b']} (b)",
            *(n.integer(count) for count in (row["n"], row["a_wins"], row["b_wins"], row["ties"], row["inconsistent"])),
        )
        for row in preferences
    )
    headings = ("Techniques", "Verdicts", "a wins", "b wins", "Ties", "Other winner in the other order")
    return Table("A/B verdicts", headings, rows, "This run asked for no A/B verdicts: use --pairwise.")
