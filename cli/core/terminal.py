"""Text from outside and lists of problems, made fit for a terminal."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.core.errors import CliError

LISTED_PROBLEMS = 200
FOR_PROGRAMS = ("code", "severity", "mended_by_fix")
"""Fields of a problem that appear in JSON only."""


def printable(text: str) -> str:
    """Text without the control characters that steer a terminal."""
    return "".join(character for character in text if character in "\n\t" or unicodedata.category(character) != "Cc")


def show_failure(console: Console, error: CliError) -> None:
    """A failure, with all problems that it names."""
    problems = error.details.get("problems")
    # The router's message lists its problems too, for callers that show nothing else.
    message = str(error).partition(". ")[0] + "." if problems and error.code == "invalid_request" else str(error)
    console.print(Text.assemble(("Error: ", "bold red"), message), soft_wrap=True)
    if problems:
        headings = [name for name in problems[0] if name not in FOR_PROGRAMS]
        rows = [tuple(item.get(name) for name in headings) for item in problems]
        console.print(listed([name.capitalize() for name in headings], rows))
    if unlisted := error.details.get("unlisted"):
        console.print(f"… and {unlisted:,} more.")


def listed(headings: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> RenderableType:
    table = Table(*headings, header_style="bold")
    for row in rows[:LISTED_PROBLEMS]:
        table.add_row(*(Text("" if cell is None else str(cell), overflow="fold") for cell in row))
    more = len(rows) - LISTED_PROBLEMS
    return Group(table, Text(f"… and {more:,} more: --json lists all.")) if more > 0 else table
