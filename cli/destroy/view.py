"""Looks at an environment and the end of a destruction, as people see them."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from arbiter.costs.amount import NOTHING, Amount, total
from cli.core.terminal import Folded
from cli.destroy.destruction import DestroyResult
from cli.destroy.parts import Part
from cli.destroy.survey import Survey

LEAST = 5e-8
"""US dollars that are written out; less is told as nothing."""
AGAIN = "Run the same command again when the reasons are gone; it goes on where it ended."


def show_survey(console: Console, environment: str, survey: Survey) -> None:
    """Show what would be deleted, what would be kept, and what each costs a month."""
    if survey.to_delete:
        _table(console, f"To be deleted in {environment}", survey.to_delete)
    else:
        console.print(Text(f"There is nothing of {environment} to delete."))
    _show_kept(console, survey.kept)
    _show_problems(console, survey.problems)


def show_destroyed(console: Console, result: DestroyResult) -> None:
    """Show what was deleted, and the proof of what is left."""
    for part in result.deleted:
        console.print(Text(f"Deleted: {part.kind} {part.name}"), soft_wrap=True)
    _show_kept(console, result.kept)
    if result.left:
        _table(console, "Still there, and perhaps billed", result.left)
        console.print(AGAIN)
    _show_problems(console, result.problems)
    if result.clean:
        rest = " but the data that is kept" if result.kept else ", and nothing bills"
        console.print(Text(f"Nothing of {result.environment} is left{rest}.", style="green"))


def _show_kept(console: Console, kept: Sequence[Part]) -> None:
    if kept:
        _table(console, "Kept", kept)
        console.print("The data of this environment is retained. To delete it as well: --with-data", style="dim")


def _show_problems(console: Console, problems: Sequence[str]) -> None:
    for problem in problems:
        console.print(Text(f"Not looked at, so nothing is proven about it: {problem}", style="red"), soft_wrap=True)


def _table(console: Console, title: str, parts: Sequence[Part]) -> None:
    noted = any(part.note for part in parts)
    table = Folded(title, "Name", "A month", *(["Note"] if noted else []))
    for part in parts:
        table.add_row(part.kind, Text(part.name), _money(part.month), *([Text(part.note)] if noted else []))
    console.print(table)
    month = total(part.month for part in parts)
    if month != NOTHING:
        beside = f"; without a known price: {', '.join(month.unknown)}" if month.unknown else ""
        console.print(Text(f"A month of it: {_money(month)}{beside}"), style="dim", soft_wrap=True)


def _money(amount: Amount) -> str:
    if amount == NOTHING:
        return ""
    if amount.usd == 0 and amount.unknown:
        return "unknown"
    digits = 0 if amount.usd < LEAST else 2 if amount.usd >= 0.01 else 4 if amount.usd >= 0.001 else 7
    usd = f"${amount.usd:,.{digits}f}"
    return f"{usd} or more" if amount.lower_bound else usd
