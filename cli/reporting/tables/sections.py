"""The tables of the report: every number of a run's summary, written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from arbiter.evaluation.numbers.records import CRITERIA
from cli.reporting.figures import numbers as n
from cli.reporting.figures.quality import BANDS
from cli.reporting.tables.effort import answers, effort, latency, money
from cli.reporting.tables.judges import judges, pairwise
from cli.reporting.tables.native import native
from cli.reporting.tables.table import Table

VERDICTS = {"better": "better", "worse": "worse", "not_distinguishable": "not distinguishable"}

Entry = Mapping[str, Any]


def tables(summary: Entry) -> list[Table]:
    """All tables of a summary, in the order in which they are read."""
    arms = summary.get("arms") or ()
    return [
        quality(arms),
        criteria(arms),
        comparisons(summary.get("comparisons") or ()),
        answers(arms),
        latency(arms),
        effort(arms),
        *judges(summary.get("judges_agreement") or {}),
        pairwise(summary.get("pairwise") or ()),
        *tags(summary),
        *native(summary.get("native")),
        money(summary.get("cost") or {}),
        seen_before(summary.get("leakage") or {}),
    ]


def quality(arms: Sequence[Entry]) -> Table:
    headings = ("Arm", "Cases", "Mean", "95 % interval", "Median", *BANDS)
    rows = (
        (
            arm["name"],
            n.whole(found["n"]),
            n.plain(found["mean"]),
            n.interval(found.get("interval")),
            n.plain(found.get("median"), 1),
            *(n.percent((found.get("bands") or {}).get(band)) for band in BANDS),
            n.plain(arm.get("score_given_length")),
        )
        for arm in arms
        if (found := arm.get("quality"))
    )
    return Table(
        "Quality by arm, of 10",
        (*headings, "Score given length"),
        tuple(rows),
        "No answer has a score of every judge.",
    )


def criteria(arms: Sequence[Entry]) -> Table:
    rows = (
        (arm["name"], *(n.plain((arm["quality"].get("criteria") or {}).get(name)) for name in CRITERIA))
        for arm in arms
        if arm.get("quality")
    )
    headings = ("Arm", *(name.capitalize() for name in CRITERIA))
    return Table("Mean score by criterion", headings, tuple(rows), "No answer has a score of every judge.")


def comparisons(found: Iterable[Entry], caption: str = "Paired differences between arms") -> Table:
    headings = ("Arms", "Difference", "95 % interval", "Verdict", "p", "p adjusted", "Wins", "Ties", "Losses", "Cases")
    rows = (
        (
            f"{row['a']} {n.MINUS} {row['b']}",
            n.signed(row.get("difference")),
            n.interval(row.get("interval"), sign=True),
            VERDICTS.get(row.get("verdict", ""), n.UNKNOWN),
            n.probability(row.get("p")),
            n.probability(row.get("p_adjusted")),
            n.whole(row.get("wins")),
            n.whole(row.get("ties")),
            n.whole(row.get("losses")),
            n.whole(row.get("n")),
            n.plain(row.get("smallest_detectable")),
        )
        for row in found
    )
    return Table(
        caption,
        (*headings, "Smallest detectable"),
        tuple(rows),
        "Fewer than two arms have cases in common.",
    )


def seen_before(found: Entry) -> Table:
    """Questions that a model may have seen before it was asked them."""
    rows = [(f"in the training set of run {run}", n.whole(count)) for run, count in found.get("training", {}).items()]
    rows.append(("in a document that an answer was given", n.whole(found.get("documents"))))
    return Table("Questions that stand word for word elsewhere", ("Where", "Questions"), tuple(rows))


def tags(summary: Entry) -> list[Table]:
    found = summary.get("tags") or ()
    rows = tuple(
        (
            f"{tag['tag']}: {name}",
            n.whole(tag.get("cases")),
            n.whole(arm.get("n")),
            n.plain(arm.get("mean")),
            n.interval(arm.get("interval")),
        )
        for tag in found
        for name, arm in (tag.get("arms") or {}).items()
    )
    compared = [{**row, "a": f"{tag['tag']}: {row['a']}"} for tag in found for row in tag.get("comparisons") or ()]
    headings = ("Tag and arm", "Cases of the tag", "Counted", "Mean", "95 % interval")
    by_tag = Table("Quality by tag", headings, rows, "No case has a tag.")
    return [by_tag, comparisons(compared, "Differences by tag")] if rows else [by_tag]
