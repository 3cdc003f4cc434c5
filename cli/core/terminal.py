"""The one way to a terminal: what steers one is taken out of every text, wherever the text came from."""

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

from cli.core.errors import CliError, gathered, gathered_sentences

FILE_WIDTH = 140
LISTED_PROBLEMS = 200
LONGEST_UNFOLDED = 26
"""Characters of a run's name in one line of a table; a name that Arbiter makes has 20, or 25 for its gate."""
LONGEST_UNBROKEN = 13
"""Characters of a word that a narrow table keeps in one line, as `nova-micro-v1`; a longer one is folded."""
SHORTEST_BROKEN = 10
"""Characters that each column has room for; a table with less for its words is shown as lists."""
FOR_PROGRAMS = ("code", "severity", "mended_by_fix")
"""Fields of a problem that appear in JSON only."""


STEERING = frozenset(("Cc", "Cs"))
"""Control characters, C1 included, and halves of surrogate pairs, which no output can encode."""
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what follows, so that a name reads as another one."""

UNBROKEN = re.compile(
    r"`[^`]*`\S*"
    r"|[A-Z][A-Z0-9_]+=\S+(?: [A-Z][A-Z0-9_]+=\S+)*"
    r"|(?:^|(?<=: ))(?:arbiter |export |/)(?:(?![.:] ).)*$"
    r"|\S+",
    re.MULTILINE,
)
"""Texts that stay in one line, to be copied: commands in backticks, variables, a command or path at the end, words."""


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

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as rich does; on a terminal, texts are broken between words and around what is copied."""
        if self.is_terminal and objects and all(isinstance(one, str | Text) for one in objects):
            texts = [self.render_str(one, highlight=options.get("highlight")) if isinstance(one, str) else one
                     for one in objects]  # fmt: skip
            objects = tuple(broken(one, self.width) for one in texts)
            options["soft_wrap"] = True
        super().print(*objects, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as rich does; only its own control codes, as those of a progress bar, are left."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=printable(segment.text))


def broken(text: Text, width: int) -> Text:
    """Text in lines of a width at most, but for what must stay in one line to be copied."""
    lines = text.copy()
    plain, column, end = list(lines.plain), 0, 0
    for part in UNBROKEN.finditer(lines.plain):
        between, length = lines.plain[end : part.start()], cell_len(part.group())
        column = len(between.rpartition("\n")[2]) + (0 if "\n" in between else column)
        begun = column > len(between)  # Else only the line's indentation is before it.
        if begun and between and "\n" not in between and column + length > width:
            plain[part.start() - 1], column = "\n", 0
        column, end = column + length, part.end()
    lines.plain = "".join(plain)
    return lines


def show_failure(console: Console, error: CliError) -> None:
    """Show a failure with all problems that it names."""
    problems = error.details.get("problems")
    # The router's message lists its problems too, for callers that show nothing else.
    message = str(error).partition(". ")[0] + "." if problems and error.code == "invalid_request" else str(error)
    console.print(Text.assemble(("Error: ", "bold red"), message), soft_wrap=True)
    if problems:
        headings = [name for name in problems[0] if name not in FOR_PROGRAMS]
        rows = gathered(tuple(item.get(name) for name in headings) for item in problems)
        if headings == ["problem"]:
            rows = [(sentence,) for sentence in gathered_sentences(str(row[0]) for row in rows)]
        console.print(listed([name.capitalize() for name in headings], rows))
    if unlisted := error.details.get("unlisted"):
        console.print(f"… and {unlisted:,} more.")


class Folded(Table):
    """A table that cuts nothing: long cells are folded; on a terminal too narrow for its words, rows are lists.

    Without rows it is not shown: headings alone say nothing.
    """

    def __init__(self, *headings: Column | str, **options: Any) -> None:
        super().__init__(*headings, **{"header_style": "bold", **options})

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the table out, without space beside the lines where its cells need that."""
        if not self.row_count:
            return
        # Here, because columns without a heading come with the first row.
        for column in self.columns:
            column.overflow = "fold"
        if self.__rich_measure__(console, options).maximum > options.max_width:
            self.padding = 0 if self.box else self.padding
            if not (widths := self._narrowed(console, options)):
                yield from self._as_lists()
                return
            for column, width in zip(self.columns, widths, strict=True):
                column.width = width
        yield from super().__rich_console__(console, options)

    def _narrowed(self, console: Console, options: ConsoleOptions) -> Sequence[int]:
        """Widths that fit: the longest cells are folded first, then words; none where that would leave no word."""
        between = self.padding[1] + self.padding[3]
        count = len(self.columns)
        space = options.max_width - (count + 1 if self.box else (count - (not self.pad_edge)) * between)
        headings, words, most = zip(*(_extent(console, options, column) for column in self.columns), strict=True)
        for unbroken in range(LONGEST_UNBROKEN, SHORTEST_BROKEN - 1, -1):
            least = [max(heading, min(word, unbroken)) for heading, word in zip(headings, words, strict=True)]
            if sum(least) <= space:
                return _shared_out(space, least, most)
        return []

    def _as_lists(self) -> RenderResult:
        """Each row as lines of heading and cell, with a line between rows."""
        headings = [str(column.header) for column in self.columns]
        for number, cells in enumerate(zip(*(column.cells for column in self.columns), strict=True)):
            if number:
                yield Text()
            rows = Table.grid(Column(overflow="fold", style="bold"), Column(overflow="fold"), padding=(0, 1))
            for heading, cell in zip(headings, cells, strict=True):
                if str(cell):
                    rows.add_row(heading, cell)
            yield rows


def _extent(console: Console, options: ConsoleOptions, column: Column) -> tuple[int, int, int]:
    """The widths of a column's heading, which is never broken inside a word, of its longest word and longest line."""
    if column.width:
        return column.width, column.width, column.width
    cells = [Measurement.get(console, options, cell) for cell in (column.header, *column.cells)]
    heading, word = cells[0].minimum, max(cell.minimum for cell in cells)
    longest = max(cell.maximum for cell in cells)
    return (longest, longest, longest) if column.no_wrap else (heading, word, longest)


def _shared_out(space: int, least: Sequence[int], most: Sequence[int]) -> Sequence[int]:
    """Widths of columns that fill the space: the longest is narrowed first, none below its least."""
    for longest in range(max(most), 0, -1):
        widths = [max(low, min(high, longest)) for low, high in zip(least, most, strict=True)]
        if (left := space - sum(widths)) >= 0:
            short = [index for index, high in enumerate(most) if widths[index] < high][:left]
            return [width + (index in short) for index, width in enumerate(widths)]
    return least


def run_column(runs: Iterable[str]) -> Column:
    """Make a column for the names of runs, which are copied: a long one is folded, none is cut."""
    return Column("Run", width=min(LONGEST_UNFOLDED, max(map(len, ("Run", *runs)))), overflow="fold")


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
