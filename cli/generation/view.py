"""A generation run as people see it: the estimate before, and what came of it."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Column
from rich.text import Text

from arbiter.costs.amount import dollars
from arbiter.generation.collection import REASONS
from cli.core.terminal import Folded, counted
from cli.generation.outcome import Estimate, GenerateResult

LISTED = 20


def show_estimate(console: Console, estimate: Estimate, purpose: str) -> None:
    """Show the tokens and cost of a run, before it is paid for."""
    spare = f" ({estimate.asked:,} are asked for, as some will be dropped)" if estimate.asked > estimate.pairs else ""
    console.print(
        f"{counted(estimate.pairs, 'pair')} from {counted(estimate.documents, 'document')}{spare}.", highlight=False
    )
    if estimate.asked < estimate.pairs:
        short = f"The documents are too short for so many pairs: about {counted(estimate.asked, 'pair')} can be made."
        console.print(Text(short, style="yellow"))
    console.print(
        f"About {estimate.tokens:,} tokens, {_dollars(estimate.usd)}; "
        f"at most {estimate.ceiling_tokens:,} tokens and {_dollars(estimate.ceiling_usd, none='any cost')}.",
        highlight=False,
    )
    if estimate.unknown_prices:
        named = ", ".join(estimate.unknown_prices)
        unknown = f"No price is known for {named}: there the tokens alone are limited, which was accepted."
        console.print(Text(unknown, style="yellow"))
    if estimate.other_side:
        other = "evaluation" if purpose == "training" else "training"
        console.print(f"Kept for {other}: {counted(estimate.other_side, 'document')}.", highlight=False)
    _show_left_out(console, estimate.left_out)


def show_generated(console: Console, result: GenerateResult) -> None:
    """Show the pairs by kind, what was dropped and why, and what it took."""
    kinds = Folded("Kind", Column("Pairs", justify="right"))
    for kind, count in sorted(result.by_kind.items(), key=lambda one: -one[1]):
        kinds.add_row(kind, f"{count:,}")
    console.print(kinds)
    if result.dropped:
        dropped = Folded("Dropped because", Column("Pairs", justify="right"))
        for reason, count in sorted(result.dropped.items(), key=lambda one: -one[1]):
            dropped.add_row(REASONS.get(reason, reason), f"{count:,}")
        console.print(dropped)
    if result.without_passage:
        note = f"{result.without_passage:,} samples go without the passage that answers, to teach doubt."
        console.print(note, highlight=False)
    if result.share_spent:
        warning = (
            f"{result.share_spent:,} documents had spent their share of the tokens before they gave all their pairs."
        )
        console.print(Text(warning, style="yellow"))
    _show_left_out(console, result.left_out)
    if not result.complete:
        warning = f"{result.pairs:,} of {result.wanted:,} pairs: the documents did not give more."
        console.print(Text(warning, style="yellow"))
    in_jobs = f" ({result.batch_tokens:,} in batch inference)" if result.batch_tokens else ""
    console.print(
        f"{counted(result.pairs, 'pair')} of {counted(result.documents_used, 'document')} in {result.file}, sources in "
        f"{result.sources} · {result.tokens:,} tokens{in_jobs} · {_dollars(result.cost_usd)} · {result.seconds:g} s · "
        f"run {result.run}",
        highlight=False,
        soft_wrap=True,
    )


def _show_left_out(console: Console, left_out: Mapping[str, str]) -> None:
    for document, reason in list(left_out.items())[:LISTED]:
        console.print(Text(f"Left out: {document}: {reason}", style="yellow"))
    if (more := len(left_out) - LISTED) > 0:
        console.print(Text(f"and {more:,} more documents are left out", style="yellow"))


def _dollars(usd: float | None, none: str = "cost unknown") -> str:
    return none if usd is None else dollars(usd)
