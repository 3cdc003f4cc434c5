"""A table of the report."""

import re
from dataclasses import dataclass

from cli.reporting.figures import numbers as n

_NUMBER = re.compile(rf"[{n.MINUS}+<$]?\s?[\d.,]+( ?%| ms)?|{n.UNKNOWN}|unknown|\S+ to \S+|")


@dataclass(frozen=True)
class Table:
    """A table whose first column names its rows; without rows it says why."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    otherwise: str = "There is nothing to show."
    note: str = ""
    """The meaning of its figures, where the headings cannot say it."""

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers alone."""
        columns = zip(*self.rows, strict=True)
        return [all(_NUMBER.fullmatch(cell) for cell in column) for column in columns]
