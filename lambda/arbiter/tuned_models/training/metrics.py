"""The losses of a training, from the tables that Bedrock writes beside the job."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence

from arbiter.tuned_models.training.record import MOST_POINTS, Point

# The folders between differ from one description of Bedrock to the next: the ends do not.
TABLES = {"training": "step_wise_training_metrics.csv", "validation": "validation_metrics.csv"}


def curve(table: str, kind: str) -> tuple[Point, ...]:
    """The points of a table of `kind` training or validation: all rows that can be read, at most `MOST_POINTS`."""
    rows = csv.DictReader(table.splitlines())
    return tuple(thinned(list(_points(rows, f"{kind}_loss"))))


def _points(rows: Iterable[Mapping[str, str | None]], loss: str) -> Iterator[Point]:
    for row in rows:
        try:
            step, epoch = int(float(row["step_number"] or "")), int(float(row["epoch_number"] or ""))
            yield Point(step=step, epoch=epoch, loss=float(row[loss] or ""))
        except (KeyError, ValueError, OverflowError):
            continue


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """At most so many points, evenly spread, the first and the last among them."""
    if len(points) <= most:
        return list(points)
    last = len(points) - 1
    return [points[round(index * last / (most - 1))] for index in range(most)]
