"""The losses of a training run as people see them in a terminal."""

import itertools
from collections.abc import Sequence

from rich.console import Console
from rich.table import Column
from rich.text import Text

from arbiter.tuned_models.training.record import Point, TrainingRecord
from cli.core.terminal import Folded
from cli.training.loss_chart import why_none

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 38
"""Bars of a course: with them its line has 79 columns."""


def show_losses(console: Console, record: TrainingRecord) -> None:
    """A line a curve: its course, and where it began, was lowest and ended."""
    metrics = record.metrics
    curves = {"training": metrics.training, "validation": metrics.validation} if metrics else {}
    if not any(curves.values()):
        console.print(Text(f"No losses: {why_none(record)}", style="dim"), soft_wrap=True)
        return
    numbers = [Column(name, justify="right") for name in ("First", "Lowest", "Last", "Steps")]
    table = Folded("Loss", Column("Course", no_wrap=True), *numbers, box=None, pad_edge=False)
    for name, points in curves.items():
        if points:
            losses = [point.loss for point in points]
            shown = (losses[0], min(losses), losses[-1])
            table.add_row(name, sparkline(losses), *(f"{loss:.4g}" for loss in shown), f"{points[-1].step:,}")
    console.print(table)
    if metrics and (warning := overfitting(metrics.validation)):
        console.print(Text(warning, style="yellow"), soft_wrap=True)


def sparkline(values: Sequence[float], width: int = WIDTH) -> str:
    """Values as bars from 0 to the highest, so that a flat curve looks flat; many share a bar by their mean."""
    count = min(width, len(values))
    ends = [round(slot * len(values) / count) for slot in range(count + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in itertools.pairwise(ends)]
    highest = max(*means, 0.0)
    return "".join(BARS[min(7, max(0, int(mean / highest * 8)))] if highest else BARS[0] for mean in means)


def overfitting(validation: Sequence[Point]) -> str:
    """A warning when the validation loss rose after its lowest point."""
    if len(validation) < 2:
        return ""
    lowest = min(validation, key=lambda point: point.loss)
    last = validation[-1]
    if last.loss <= lowest.loss * 1.02:
        return ""
    return (
        f"Validation loss was lowest at step {lowest.step:,} ({lowest.loss:.4g}) and ended at {last.loss:.4g}: "
        "the model began to learn the samples by heart. Try fewer epochs."
    )
