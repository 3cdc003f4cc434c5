"""The one way to a terminal: what steers one is taken out of every text, wherever the text came from."""

import os
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

from cli.core.errors import CliError

FILE_WIDTH = 140
LISTED_PROBLEMS = 200
LONGEST_UNFOLDED = 24
"""Characters of a run's name in one line of a table; a name that Arbiter makes has 20."""
FOR_PROGRAMS = ("code", "severity", "mended_by_fix")
"""Fields of a problem that appear in JSON only."""


STEERING = frozenset(("Cc", "Cs"))
"""Control characters, C1 included, and halves of surrogate pairs, which no output can encode."""
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what follows, so that a name reads as another one."""


def printable(text: str) -> str:
    """Text without the characters that steer a terminal or turn the direction of what follows."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character for character in text if character in "\n\t" or not _steers(character))


def _steers(character: str) -> bool:
    return character in TURNING or unicodedata.category(character) in STEERING


class SafeConsole(Console):
    """A console whose texts are only texts: answers, names and errors of others neither steer nor style it."""

    def __init__(self, stream: TextIO) -> None:
        # As wide as the terminal, or wide enough for tables in a file.
        width = None if stream.isatty() or "COLUMNS" in os.environ else FILE_WIDTH
        super().__init__(file=stream, width=width, markup=False, emoji=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as rich does; only its own control codes, as those of a progress bar, are left."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))


def show_failure(console: Console, error: CliError) -> None:
    """Show a failure with all problems that it names."""
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


class Folded(Table):
    """A table whose cells are folded where they are too long: nothing is cut, however narrow the terminal."""

    def __init__(self, *headings: Column | str, **options: Any) -> None:
        super().__init__(*headings, **{"header_style": "bold", **options})
        for column in self.columns:
            column.overflow = "fold"
            # No heading is broken inside a word.
            column.min_width = column.width or max(map(len, str(column.header).split()), default=0)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the table out, without space beside the lines where its cells need that."""
        if self.box and self.__rich_measure__(console, options).maximum > options.max_width:
            self.padding = 0
        if self.__rich_measure__(console, options).minimum > options.max_width:
            for column in self.columns:
                column.min_width = None
        yield from super().__rich_console__(console, options)


def run_column(runs: Iterable[str]) -> Column:
    """Make a column for the names of runs, which are copied: a long one is folded, none is cut."""
    return Column("Run", width=min(LONGEST_UNFOLDED, max(map(len, runs), default=LONGEST_UNFOLDED)), overflow="fold")


def listed(headings: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> RenderableType:
    """Lay out rows as a table that stays readable however many there are."""
    table = Folded(*headings)
    for row in rows[:LISTED_PROBLEMS]:
        table.add_row(*(Text("" if cell is None else str(cell), overflow="fold") for cell in row))
    more = len(rows) - LISTED_PROBLEMS
    return Group(table, Text(f"… and {more:,} more: --json lists all.")) if more > 0 else table


def counted(count: int, noun: str) -> str:
    """A count with its noun, in the plural but for one: "1 question", "1,200 questions"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
