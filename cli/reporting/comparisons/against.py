"""The part of the page that compares a run with something else."""

from collections.abc import Sequence
from dataclasses import dataclass

from cli.reporting.figures.drawing import Chart
from cli.reporting.tables.table import Table


@dataclass(frozen=True, kw_only=True)
class Against:
    """Sentences first, then pictures, then numbers, then what makes the two unlike."""

    title: str
    sentences: Sequence[str]
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    source: str = ""
    """Where the other side is from, as a link; empty for a run of one's own."""
