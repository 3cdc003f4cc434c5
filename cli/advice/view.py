"""A decision as people see it in a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from cli.advice.money.bills import NAMES as TECHNIQUES
from cli.advice.page.amounts import money
from cli.advice.page.comparison import advice_rows, answer_rows
from cli.advice.page.costs import crossings, unknown
from cli.advice.record.record import Record
from cli.advice.rules.options import NAMES, OF_METHOD, Status
from cli.core.terminal import Folded

STYLES = {Status.RECOMMENDED: "green", Status.LATER: "cyan", Status.NOT_NOW: "dim", Status.RULED_OUT: "red"}
OF_WORDS = {status.words: style for status, style in STYLES.items()}
FLIPS, CROSSINGS = 4, 4


def show_advice(console: Console, record: Record) -> None:
    """Print the recommendation, its reasons, its cost, and what would change it."""
    decision = record.decision
    console.print(Text(record.sentence, style="bold"), soft_wrap=True)
    console.print(Text(f"Confidence: {record.confidence.level}, {record.confidence.reason}"), soft_wrap=True)
    volume = f"{decision.volumes.requests:,.0f} requests, {TECHNIQUES[decision.technique]}"
    console.print(Text(f"Cost: {money(decision.month)} a month ({volume})."), soft_wrap=True)
    console.print(_approaches(record))
    for name, verdict in decision.advice.approaches.items():
        for loser, winner in verdict.lost:
            words = f"• {NAMES[name]}: “{loser.says}” is overruled by “{winner.says}”"
            console.print(Text(words, style="dim"), soft_wrap=True)
    for finding in decision.evidence.findings if decision.evidence else ():
        console.print(Text(f"• Measured, {NAMES[finding.option].lower()}: {finding.words}"), soft_wrap=True)
    for doubt in decision.evidence.doubts if decision.evidence else ():
        console.print(Text(f"• {doubt}", style="yellow"), soft_wrap=True)
    for sentence in crossings(record)[:CROSSINGS]:
        console.print(Text(f"• {sentence}"), soft_wrap=True)
    for flip in record.flips[:FLIPS]:
        console.print(Text(f"• What would change it: {flip.words}: {flip.effect}."), soft_wrap=True)
    if missing := unknown(record):
        console.print(Text(missing, style="yellow"), soft_wrap=True)
    console.print(Text.assemble("Next: ", (record.next_command, "bold")), soft_wrap=True)


def _approaches(record: Record) -> Folded:
    table = Folded("Approach", "Advice", "How", "Because")
    advice = record.decision.advice
    for name, verdict in advice.approaches.items():
        methods = [method for method, one in advice.methods.items() if OF_METHOD[method] == name]
        chosen = [NAMES[one] for one in methods if advice.methods[one].status is verdict.status >= Status.LATER]
        why = verdict.fired[0].says if verdict.fired else "Nothing that is known asks for it."
        table.add_row(
            NAMES[name],
            Text(verdict.status.words, style=STYLES[verdict.status]),
            ", ".join(chosen),
            Text(why),
        )
    return table


def show_comparison(console: Console, records: Sequence[Record]) -> None:
    """Print two cases side by side: the advice on each, and what differs in the answers."""
    table = Folded("", *(one.name for one in records))
    for name, *cells in (*advice_rows(records), *answer_rows(records)):
        table.add_row(name, *(Text(cell, style=OF_WORDS.get(cell, "")) for cell in cells))
    console.print(table)
