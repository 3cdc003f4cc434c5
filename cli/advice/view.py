"""A decision as people see it in a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from cli.advice.money.bills import NAMES as TECHNIQUES
from cli.advice.page.amounts import money
from cli.advice.page.costs import crossings, unknown
from cli.advice.record.record import Record
from cli.advice.rules.options import NAMES, OF_METHOD, Status
from cli.advice.scenario.fields import FIELDS
from cli.core.terminal import Folded

STYLES = {Status.RECOMMENDED: "green", Status.LATER: "cyan", Status.NOT_NOW: "dim", Status.RULED_OUT: "red"}
FLIPS, CROSSINGS = 4, 4


def show_advice(console: Console, record: Record) -> None:
    """Print the recommendation, its reasons, its cost, and what would change it."""
    found = record.decision
    console.print(Text(record.sentence, style="bold"), soft_wrap=True)
    console.print(Text(f"Confidence: {record.confidence.level}, {record.confidence.reason}"), soft_wrap=True)
    volume = f"{found.volumes.requests:,.0f} requests, {TECHNIQUES[found.technique]}"
    console.print(Text(f"Cost: {money(found.month)} a month ({volume})."), soft_wrap=True)
    console.print(_approaches(record))
    for finding in found.evidence.findings if found.evidence else ():
        console.print(Text(f"• Measured, {NAMES[finding.option].lower()}: {finding.words}"), soft_wrap=True)
    for doubt in found.evidence.doubts if found.evidence else ():
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
        lost = [f"Overruled: {loser.id} by {winner.id}." for loser, winner in verdict.lost]
        table.add_row(
            NAMES[name],
            Text(verdict.status.words, style=STYLES[verdict.status]),
            ", ".join(chosen),
            Text(" ".join([why, *lost])),
        )
    return table


def show_comparison(console: Console, records: Sequence[Record]) -> None:
    """Print two cases side by side: what differs in the answers, and what in the advice."""
    first, second = records
    table = Folded("", first.name, second.name)
    table.add_row("Recommendation", first.sentence, second.sentence)
    table.add_row("Confidence", *(f"{one.confidence.level}: {one.confidence.reason}" for one in records))
    table.add_row("Cost a month", *(money(one.decision.month) for one in records))
    for name in first.decision.advice.approaches:
        statuses = [one.decision.advice.approaches[name].status for one in records]
        table.add_row(NAMES[name], *(Text(status.words, style=STYLES[status]) for status in statuses))
    answers = [one.decision.scenario.answers() for one in records]
    for field in FIELDS:
        ours, theirs = (each[field.name] for each in answers)
        if ours != theirs:
            table.add_row(field.question, _plain(ours), _plain(theirs))
    table.add_row("Next", first.next_command, second.next_command)
    console.print(table)


def _plain(value: object) -> str:
    return ", ".join(value) or "none" if isinstance(value, list) else str(value)
