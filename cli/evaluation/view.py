"""An evaluation as people see it: the most that it may cost before, the score of each technique after."""

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from arbiter.costs.amount import dollars
from arbiter.evaluation.numbers.comparison import Bounds, Comparison
from arbiter.evaluation.summary.arms import ArmSummary
from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.summary.groups import models_of
from arbiter.evaluation.summary.judges import called
from arbiter.evaluation.summary.native import SameJudge, why_no_scores
from cli.core.terminal import Folded, counted
from cli.evaluation.run import Estimate, EvaluateResult
from cli.reporting.figures import numbers
from cli.reporting.tables.native import left_out
from cli.reporting.view import show_conclusion

LISTED_COMPARISONS = 12
STYLES = {"better": "green", "worse": "red"}


def show_estimate(console: Console, estimate: Estimate) -> None:
    """Print the most that a run may take, before it is paid for."""
    console.print(
        f"{counted(estimate.cases, 'question')}, {counted(len(estimate.arms), 'technique')} "
        f"({', '.join(estimate.arms)}): {counted(estimate.answers, 'answer')} and "
        f"{counted(estimate.verdicts, 'verdict')} by {counted(len(estimate.judges), 'judge')}.",
        highlight=False,
    )
    if estimate.native_verdicts:
        more = f"Bedrock's own evaluation jobs give {estimate.native_verdicts:,} verdicts more."
        console.print(more, highlight=False)
    if estimate.batch_answers:
        console.print("Answers of batch inference cost less: here they are reckoned at the price on demand.")
    tokens = f"At most about {estimate.input_tokens:,} tokens read and {estimate.output_tokens:,} written"
    ceiling = "no ceiling is set" if estimate.ceiling_usd is None else f"the ceiling is ${estimate.ceiling_usd:,.2f}"
    if estimate.usd is not None:
        cost = f"{dollars(estimate.usd)} at the prices of {estimate.prices_as_of}"
    else:
        cost = f"{dollars(estimate.known_usd)} for what has a known price"
    console.print(f"{tokens}, {cost}; {ceiling}.", highlight=False)
    if estimate.unknown_prices:
        named = ", ".join(estimate.unknown_prices)
        unpriced = f"No price is known for {named}: the ceiling does not cover it, which was accepted."
        console.print(Text(unpriced, style="yellow"))
    for doubt in estimate.doubts:
        console.print(Text(f"Worth a look: {doubt}.", style="yellow"), soft_wrap=True)


def show_evaluation(console: Console, result: EvaluateResult) -> None:
    """Print one line a technique, then what the differences mean, and what the numbers rest on."""
    summary = result.summary
    console.print(_arms(summary["arms"]))
    if in_batch := numbers.in_batch(summary["arms"]):
        console.print(Text(in_batch), soft_wrap=True)
    console.print(Text(models_of(summary)), soft_wrap=True)
    show_conclusion(console, summary)
    _show_comparisons(console, summary["comparisons"])
    _show_judges(console, summary)
    show_native(console, summary)
    if result.problem:
        problem = f"Not everything was done: {result.problem}. The same command with --run {result.run} does the rest."
        console.print(Text(problem, style="red"), soft_wrap=True)
    cost = _dollars(summary["cost"]["total_usd"]) + (" without Bedrock's jobs" if summary.get("native") else "")
    where = f"Run {result.run}: {result.summary_uri} · {cost} · {result.seconds:,.0f} s"
    console.print(where, highlight=False, soft_wrap=True)


def _arms(arms: list[ArmSummary]) -> Table:
    table = Folded(
        "Technique",
        "Quality",
        "Answered",
        "Not answered",
        "Right source",
        Column("Median latency", justify="right"),
        Column("Tokens", justify="right"),
        Column("Cost of 1,000", justify="right"),
    )
    for row in arms:
        share, quality = row["citations"]["share"], row["quality"]
        table.add_row(
            row["name"],
            _score(quality["mean"], quality["interval"]) if quality else "not judged",
            f"{row['answered']} of {row['cases']}",
            Text(_failures(row), style="red" if row["failed"] or row["missing"] else ""),
            "" if share is None else f"{share:.0%}",
            _latency(row),
            f"{row['tokens']['input']:,} + {row['tokens']['output']:,}",
            _dollars(row["cost"]["per_1000_usd"]),
        )
    return table


def _score(mean: float, interval: Bounds | None) -> str:
    return f"{mean:.2f}" + (f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else "")


def _failures(row: ArmSummary) -> str:
    counted = [f"{count} {code.replace('_', ' ')}" for code, count in row["failed"].items()]
    others = {
        "do not know": row["abstained"],
        "missing": row["missing"],
        "degraded": row["degraded"],
        "throttled calls": row["throttles"],
    }
    return ", ".join([*counted, *(f"{count} {name}" for name, count in others.items() if count)])


def _latency(row: ArmSummary) -> str:
    if total := row["latency_ms"]["total"]:
        return f"{total['median']:,.0f} ms"
    return numbers.UNKNOWN if row["in_batch"] else ""


def _show_comparisons(console: Console, comparisons: list[Comparison]) -> None:
    for comparison in comparisons[:LISTED_COMPARISONS]:
        console.print(
            Text(f"· {comparison['sentence']}", style=STYLES.get(comparison["verdict"], "dim")), soft_wrap=True
        )
    more = len(comparisons) - LISTED_COMPARISONS
    if more > 0:
        console.print(Text(f"… and {more:,} more comparisons in the summary.", style="dim"))


def _show_judges(console: Console, summary: Summary) -> None:
    names = called(summary["judges"], local=summary["local"])
    for pair in summary["judges_agreement"]["pairs"]:
        figures = {"Spearman": pair["spearman"], "Kendall": pair["kendall"], "kappa": pair["weighted_kappa"]}
        known = ", ".join(f"{name} {value:.2f}" for name, value in figures.items() if value is not None)
        both = f"{names[pair['a']]} and {names[pair['b']]}"
        judges = f"{both[:1].upper()}{both[1:]}" if summary["local"] else f"Judges {both}"
        line = f"{judges} on {pair['n']:,} answers: {known or 'too few to compare'}."
        console.print(Text(line), soft_wrap=True)


def show_native(console: Console, summary: Summary) -> None:
    """Print the scores of Bedrock's own evaluation jobs; jobs without any are among the doubts."""
    names = called(summary["judges"], local=summary["local"])
    for job in summary.get("native", []):
        if why_no_scores(job):
            continue
        score = "no score" if job["mean"] is None else f"{_score(job['mean'], job['interval'])} of 10"
        rest = f"; left out: {counts}" if (counts := left_out(job)) else ""
        line = f"Bedrock's job with {names[job['judge']]} on {job['arm']}: {score} on {job['n']:,} questions"
        console.print(Text(f"{line}{_asked_by_arbiter(job['ours'])}{rest}."), soft_wrap=True)


def _asked_by_arbiter(ours: SameJudge) -> str:
    return "" if ours["mean"] is None else f", {ours['mean']:.2f} when asked by Arbiter on {ours['n']:,} of them"


def _dollars(amount: float | None) -> str:
    return "price unknown" if amount is None else dollars(amount)
