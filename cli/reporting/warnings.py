"""What a reader of a report has to know before its numbers."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.reporting.figures import numbers
from cli.reporting.tables import native

FEW_CASES = 30
LOW_AGREEMENT = 0.4
"""Below this, weighted kappa is called fair at best (Landis and Koch, 1977)."""

Entry = Mapping[str, Any]


def warnings(run: Entry, summary: Entry) -> list[str]:
    """Everything that weakens what the run says, in words."""
    found = [*run.get("doubts", ()), *_of_answers(summary), *_of_judges(run, summary), *_of_prices(run, summary)]
    return [*found, *native.warnings(summary.get("native"))]


def _of_answers(summary: Entry) -> Iterator[str]:
    if summary.get("complete") is False:
        yield "The run is not complete: answers or verdicts are missing. A rerun fetches only those."
    if (cases := summary.get("cases") or 0) < FEW_CASES:
        yield f"{cases} cases are few: only large differences show. Look at the smallest difference that shows."
    arms = summary.get("arms") or ()
    for what, name in (
        ("failed", "failed"),
        ("are missing", "missing"),
        ("have no score of every judge", "unjudged"),
        ("were degraded", "degraded"),
    ):
        found = [f"{arm['name']} {said}" for arm in arms if (said := _lost(arm, name))]
        if found:
            yield f"Answers that {what}: {'; '.join(found)}."


def _lost(arm: Entry, name: str) -> str:
    """How many answers of an arm are lost so, in words; nothing where none is."""
    value = arm.get(name)
    count = sum(value.values()) if isinstance(value, Mapping) else value
    if not count:
        return ""
    return f"{count} of {arm['cases']}" + (f" ({numbers.counts(value)})" if isinstance(value, Mapping) else "")


def _of_judges(run: Entry, summary: Entry) -> Iterator[str]:
    judges = run.get("judges") or ()
    if len(judges) < 2:
        said = "Only one judge" if judges else "No judge"
        yield f"{said} scored this run, so nothing shows whether to believe the scores."
    found = summary.get("judges_agreement") or {}
    for judge, failures in (found.get("failures") or {}).items():
        if failures:
            yield f"{numbers.tidy(judge)}: verdicts that failed: {numbers.counts(failures)}."
    for row in found.get("pairs") or ():
        kappa = row.get("weighted_kappa")
        if kappa is not None and kappa < LOW_AGREEMENT:
            names = f"{numbers.tidy(row['a'])} and {numbers.tidy(row['b'])}"
            yield f"{names} hardly agree (weighted kappa {numbers.plain(kappa)})."
    for row in summary.get("pairwise") or ():
        if row.get("n") and row.get("inconsistent"):
            yield (
                f"{row['a']} and {row['b']}: {row['inconsistent']} A/B comparisons had another winner "
                "when the order was turned."
            )


def _of_prices(run: Entry, summary: Entry) -> Iterator[str]:
    unpriced = [arm["name"] for arm in summary.get("arms") or () if (arm.get("cost") or {}).get("total_usd") is None]
    if unpriced:
        models = (run.get("estimate") or {}).get("unknown_prices") or ()
        named = f" (no price for {', '.join(models)})" if models else ""
        yield f"The cost of {', '.join(unpriced)} is unknown{named}: set prices, or run `arbiter cost --refresh`."
