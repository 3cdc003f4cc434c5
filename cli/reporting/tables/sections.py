"""The tables of the report: every number of a run's summary, written."""

from collections.abc import Iterable, Sequence

from arbiter.evaluation.numbers.comparison import Comparison, Outcome
from arbiter.evaluation.numbers.records import CRITERIA
from arbiter.evaluation.summary.arms import ArmSummary
from arbiter.evaluation.summary.document import Leakage, Summary
from arbiter.evaluation.summary.judges import called
from cli.reporting.figures import numbers as n
from cli.reporting.figures.quality import BANDS
from cli.reporting.tables.effort import answers, effort, latency, money
from cli.reporting.tables.judges import judges, pairwise
from cli.reporting.tables.native import native
from cli.reporting.tables.table import Table

VERDICTS: dict[Outcome, str] = {
    "better": "better",
    "worse": "worse",
    "not_distinguishable": "not distinguishable",
    "too_few": "too few questions",
    "confounded": "other base model",
}


def tables(summary: Summary) -> list[Table]:
    """All tables of a summary, in the order in which they are read."""
    arms = summary["arms"]
    stand_ins = called(summary["judges"], local=True) if summary["local"] else {}
    return [
        quality(arms),
        criteria(arms),
        comparisons(summary["comparisons"]),
        answers(arms),
        latency(arms),
        effort(arms),
        *judges(summary["judges_agreement"], stand_ins),
        pairwise(summary["pairwise"]),
        *tags(summary),
        *native(summary.get("native", ()), stand_ins),
        money(summary["cost"], arms),
        seen_before(summary["leakage"]),
    ]


def quality(arms: Sequence[ArmSummary]) -> Table:
    headings = ("Technique", "Questions", "Mean", "95 % interval", "Median", *BANDS)
    rows = (
        (
            arm["name"],
            n.integer(scores["n"]),
            n.plain(scores["mean"]),
            n.interval(scores["interval"]),
            n.plain(scores["median"], 1),
            *(n.percent(scores["bands"].get(band)) for band in BANDS),
            n.plain(arm["score_given_length"]),
        )
        for arm in arms
        if (scores := arm["quality"])
    )
    return Table(
        "Quality by technique, of 10",
        (*headings, "Score given length"),
        tuple(rows),
        "No answer has a score of every judge.",
    )


def criteria(arms: Sequence[ArmSummary]) -> Table:
    rows = (
        (arm["name"], *(n.plain(scores["criteria"].get(name)) for name in CRITERIA))
        for arm in arms
        if (scores := arm["quality"])
    )
    headings = ("Technique", *(name.capitalize() for name in CRITERIA))
    return Table("Mean score by criterion", headings, tuple(rows), "No answer has a score of every judge.")


def comparisons(compared: Iterable[Comparison], caption: str = "Paired differences between techniques") -> Table:
    headings = (
        "Techniques", "Difference", "95 % interval", "Verdict", "p", "p adjusted", "Wins", "Ties", "Losses",
        "Questions",
    )  # fmt: skip
    rows = (
        (
            f"{row['a']} {n.MINUS} {row['b']}",
            n.signed(row["difference"]),
            n.interval(row["interval"], sign=True),
            VERDICTS[row["verdict"]],
            n.probability(row["p"]),
            n.probability(row["p_adjusted"]),
            n.integer(row["wins"]),
            n.integer(row["ties"]),
            n.integer(row["losses"]),
            n.integer(row["n"]),
            n.plain(row["smallest_detectable"]),
        )
        for row in compared
    )
    return Table(
        caption,
        (*headings, "Smallest detectable"),
        tuple(rows),
        "Fewer than two techniques have questions in common.",
    )


def seen_before(leakage: Leakage) -> Table:
    """Questions that a model may have seen before it was asked them."""
    rows = [(f"in the training set of run {run}", n.integer(count)) for run, count in leakage["training"].items()]
    rows.append(("in a document that an answer was given", n.integer(leakage["documents"])))
    return Table("Questions that stand word for word elsewhere", ("Where", "Questions"), tuple(rows))


def tags(summary: Summary) -> list[Table]:
    tag_rows = summary["tags"]
    rows = tuple(
        (
            f"{tag['tag']}: {name}",
            n.integer(tag["cases"]),
            n.integer(arm["n"]),
            n.plain(arm["mean"]),
            n.interval(arm["interval"]),
        )
        for tag in tag_rows
        for name, arm in tag["arms"].items()
    )
    compared: list[Comparison] = [
        {**row, "a": f"{tag['tag']}: {row['a']}"} for tag in tag_rows for row in tag["comparisons"]
    ]
    headings = ("Tag and technique", "Questions of the tag", "Counted", "Mean", "95 % interval")
    by_tag = Table("Quality by tag", headings, rows, "No question has a tag.")
    return [by_tag, comparisons(compared, "Differences by tag")] if rows else [by_tag]
