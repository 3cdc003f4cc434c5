"""Progress of anything that takes long: told to a port by what works, drawn on standard error by rich."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from rich.console import Console

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

FITS_BAR = 60
"""Columns of a terminal that has room for a bar and the time beside a stage and its counts."""
FITS_WIDE_BAR, WIDE_BAR = 100, 24


class Progress(Protocol):
    """Told how far a stage is; a stage without a total has no measurable end."""

    def __call__(self, stage: str, done: int = 0, total: int | None = None) -> None: ...


def silent(stage: str, done: int = 0, total: int | None = None) -> None:
    """Progress that nobody watches."""


class Bars:
    """The stages of one command, as lines with a bar."""

    def __init__(self, drawn: "RichProgress") -> None:
        self._drawn = drawn
        self._stages: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int = 0, total: int | None = None) -> None:
        if stage not in self._stages:
            self.finish()
            self._drawn.start()  # Not before: a code of MFA may have to be typed first, and drawing hides the question.
            self._stages[stage] = self._drawn.add_task(stage, total=None)
        self._drawn.update(self._stages[stage], completed=done, total=total)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the drawing off the terminal for a question."""
        self.stop()
        try:
            yield
        finally:
            if self._stages:
                self._drawn.start()

    def stop(self) -> None:
        """Draw no more; nothing at all where no stage was told."""
        if self._stages:
            self._drawn.stop()

    def finish(self) -> None:
        """Every stage that was told is done."""
        for task in self._stages.values():
            self._finish(task)

    def _finish(self, task: "TaskID") -> None:
        total = self._drawn.tasks[task].total or 1
        self._drawn.update(task, completed=total, total=total)


@contextmanager
def bars(console: Console) -> Iterator[Bars]:
    """One line a stage, in the order in which the stages are first told."""
    # Slow to import, and no help needs it.
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress
    from rich.table import Column

    wide = console.width >= FITS_BAR
    length = WIDE_BAR if console.width >= FITS_WIDE_BAR else WIDE_BAR // 2
    bar, elapsed = ([BarColumn(bar_width=length)], [TimeElapsedColumn()]) if wide else ([], [])
    # Some stages are sentences: they are folded where they do not fit, never cut.
    stage = TextColumn("{task.description}", markup=False, table_column=Column(overflow="fold", min_width=20))
    named = SpinnerColumn(finished_text="✓"), stage
    progress = Bars(RichProgress(*named, *bar, MofNCompleteColumn(), *elapsed, console=console))
    try:
        yield progress
        progress.finish()
    finally:
        progress.stop()
