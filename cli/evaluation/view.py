"""An evaluation as people see it: what it may cost before, and which arm did how well after."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from cli.evaluation.run import Estimate, EvaluateResult
from cli.reporting.figures import numbers
from cli.reporting.tables import native

LISTED_COMPARISONS = 12
WORDS = {"better": "green", "worse": "red", "not_distinguishable": "dim"}

Row = Mapping[str, Any]


def show_estimate(console: Console, estimate: Estimate) -> None:
    """What a run may take at most, before it is paid for."""
    console.print(
        f"{estimate.cases:,} cases in {len(estimate.arms)} arms ({', '.join(estimate.arms)}): "
        f"{estimate.answers:,} answers and {estimate.verdicts:,} verdicts by {len(estimate.judges)} judges.",
        highlight=False,
    )
    if estimate.native_verdicts:
        said = f"Bedrock's own evaluation jobs give {estimate.native_verdicts:,} verdicts more."
        console.print(said, highlight=False)
    if estimate.batch_answers:
        console.print("Answers of batch inference cost less: here they are reckoned at the price on demand.")
    tokens = f"At most about {estimate.input_tokens:,} tokens read and {estimate.output_tokens:,} written"
    ceiling = "no ceiling is set" if estimate.ceiling_usd is None else f"the ceiling is ${estimate.ceiling_usd:,.2f}"
    if estimate.usd is not None:
        cost = f"${estimate.usd:,.4f} at the prices of {estimate.prices_as_of}"
    else:
        cost = f"${estimate.known_usd:,.4f} for what has a known price"
    console.print(f"{tokens}, {cost}; {ceiling}.", highlight=False)
    if estimate.unknown_prices:
        said = f"No price is known for {', '.join(estimate.unknown_prices)}: the ceiling does not cover it."
        console.print(Text(said, style="yellow"))
    for doubt in estimate.doubts:
        console.print(Text(f"Worth a look: {doubt}.", style="yellow"), soft_wrap=True)


def show_evaluation(console: Console, result: EvaluateResult) -> None:
    """One line an arm, then what the differences mean, and what the numbers rest on."""
    summary = result.summary
    console.print(_arms(summary["arms"]))
    if in_batch := numbers.in_batch(summary["arms"]):
        console.print(Text(in_batch), soft_wrap=True)
    for sentence in summary["conclusion"]:
        console.print(Text(sentence), soft_wrap=True)
    _show_comparisons(console, summary["comparisons"])
    _show_judges(console, summary["judges_agreement"])
    show_native(console, summary.get("native") or [])
    if result.problem:
        said = f"Not everything was done: {result.problem}. The same command with --run {result.run} does the rest."
        console.print(Text(said, style="red"), soft_wrap=True)
    cost = _dollars(summary["cost"]["total_usd"]) + (" without Bedrock's jobs" if summary.get("native") else "")
    where = f"Run {result.run}: {result.summary_uri} · {cost} · {result.seconds:,.0f} s"
    console.print(where, highlight=False, soft_wrap=True)


def _arms(arms: list[Row]) -> Table:
    table = Table(
        "Arm",
        Column("Quality", no_wrap=True),
        "Answered",
        "Not answered",
        "Right source",
        Column("Median latency", justify="right"),
        Column("Tokens", justify="right"),
        Column("Cost of 1,000", justify="right"),
        header_style="bold",
    )
    for row in arms:
        share = (row["citations"] or {}).get("share")
        table.add_row(
            row["name"],
            _quality(row["quality"]),
            f"{row['answered']} of {row['cases']}",
            Text(_failures(row), style="red"),
            "" if share is None else f"{share:.0%}",
            _latency(row),
            f"{row['tokens']['input']:,} + {row['tokens']['output']:,}",
            _dollars((row["cost"] or {}).get("per_1000_usd")),
        )
    return table


def _quality(quality: Row | None) -> str:
    if not quality or quality["mean"] is None:
        return "not judged"
    interval = quality["interval"]
    return f"{quality['mean']:.2f}" + (f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else "")


def _failures(row: Row) -> str:
    counted = [f"{count} {code}" for code, count in row["failed"].items()]
    others = {"missing": row["missing"], "degraded": row["degraded"], "throttled calls": row["throttles"]}
    return ", ".join([*counted, *(f"{count} {name}" for name, count in others.items() if count)])


def _latency(row: Row) -> str:
    median = ((row["latency_ms"] or {}).get("total") or {}).get("median")
    if median is None:
        return numbers.UNKNOWN if row.get("in_batch") else ""
    return f"{median:,.0f} ms"


def _show_comparisons(console: Console, comparisons: list[Row]) -> None:
    for comparison in comparisons[:LISTED_COMPARISONS]:
        console.print(Text(f"· {comparison['sentence']}", style=WORDS.get(comparison["verdict"], "")), soft_wrap=True)
    more = len(comparisons) - LISTED_COMPARISONS
    if more > 0:
        console.print(Text(f"… and {more:,} more comparisons in the summary.", style="dim"))


def _show_judges(console: Console, agreement: Row) -> None:
    for pair in agreement["pairs"]:
        figures = {"Spearman": pair["spearman"], "Kendall": pair["kendall"], "kappa": pair["weighted_kappa"]}
        told = ", ".join(f"{name} {value:.2f}" for name, value in figures.items() if value is not None)
        said = f"Judges {pair['a']} and {pair['b']} on {pair['n']:,} answers: {told or 'too little to compare'}."
        console.print(Text(said), soft_wrap=True)
    for judge, codes in agreement["failures"].items():
        if codes:
            told = ", ".join(f"{count} {code}" for code, count in codes.items())
            console.print(Text(f"Judge {judge} gave no verdict: {told}.", style="yellow"), soft_wrap=True)


def show_native(console: Console, jobs: list[Row]) -> None:
    """What Bedrock's own evaluation jobs say, where they were set to judge as well."""
    for job in jobs:
        said = f"Bedrock's job with {job['judge']} on {job['arm']}: "
        if why := native.ended(job):
            console.print(Text(f"{said}no score ({why}).", style="yellow"), soft_wrap=True)
            continue
        rest = f"; left out: {left_out}" if (left_out := native.left_out(job)) else ""
        found = f"{_quality(job)} of 10 on {job['n']:,} cases{_asked_by_us(job['ours'])}{rest}."
        console.print(Text(f"{said}{found}"), soft_wrap=True)


def _asked_by_us(ours: Row) -> str:
    return "" if ours["mean"] is None else f", {ours['mean']:.2f} when asked by us on {ours['n']:,} of them"


def _dollars(amount: float | None) -> str:
    return "price unknown" if amount is None else f"${amount:,.4f}"
