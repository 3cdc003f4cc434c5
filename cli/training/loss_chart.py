"""The losses of a training run as a picture."""

import itertools
from pathlib import Path
from typing import Any

from arbiter.tuned_models.training.record import Metrics, Point, TrainingRecord
from cli.core.errors import CliError
from cli.reporting.figures.drawing import matplotlib

SUFFIXES = (".png", ".svg")
CURVES = (("training", "#1f77c9"), ("validation", "#c97a0a"))
INK, GRID = "#16202c", "#dfe4ea"
SIZE = (7.2, 4.0)
DOTTED_UP_TO = 40
"""Points of a curve that are drawn as dots, too: a few steps make no line."""


def draw(record: TrainingRecord, path: Path) -> Path:
    """Draw training and validation loss by step, as PNG or SVG by the path's suffix.

    Raises:
        CliError: the record has no losses, or the path has another suffix.
    """
    if path.suffix not in SUFFIXES:
        raise CliError(f"{path} is no picture that can be drawn: use {' or '.join(SUFFIXES)}.", code="bad_file")
    metrics = record.metrics
    if metrics is None or not (metrics.training or metrics.validation):
        raise CliError(f"The run {record.run} has no losses: {why_none(record)}", code="no_losses")
    mpl = matplotlib()
    from matplotlib.figure import Figure

    settings: Any = {"svg.hashsalt": "loss", "text.parse_math": False, "text.color": INK, "axes.labelcolor": INK}
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(settings):
        drawn = Figure(figsize=SIZE, dpi=150, layout="constrained")
        _curves(drawn.add_subplot(), metrics)
        drawn.suptitle(f"{record.run}: loss by step", x=0.02, ha="left", fontweight="bold")
        # The same record gives the same file.
        metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
        drawn.savefig(path, metadata=metadata)
    return path


def last_loss(metrics: Metrics | None, kind: str) -> float | None:
    """The loss of the last step, as the curve ends; without a curve the one that Bedrock states for the job.

    Bedrock's figure may be a mean over steps, which is no point of the curve beside it.
    """
    points: tuple[Point, ...] = getattr(metrics, kind, ())
    stated: float | None = getattr(metrics, f"{kind}_loss", None)
    return points[-1].loss if points else stated


def why_none(record: TrainingRecord) -> str:
    """Why a run has no losses, in words."""
    if record.reused:
        return "it reused a model that was trained before; see the run that trained it."
    if record.status == "running":
        return "it is running, and Bedrock writes them when it ends."
    return "Bedrock left no metrics of its job."


def _curves(axes: Any, metrics: Metrics) -> None:
    for name, colour in CURVES:
        points: tuple[Point, ...] = getattr(metrics, name)
        if points:
            marker = "o" if len(points) <= DOTTED_UP_TO else None
            steps, losses = [point.step for point in points], [point.loss for point in points]
            label = f"{name}, last {losses[-1]:.4g}"
            axes.plot(steps, losses, color=colour, linewidth=1.8, marker=marker, markersize=4, label=label)
    _epochs(axes, metrics.training)
    axes.set_xlabel("step")
    axes.set_ylabel("loss")
    axes.grid(color=GRID, linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)


def _epochs(axes: Any, points: tuple[Point, ...]) -> None:
    """A thin line where each further epoch begins."""
    for before, point in itertools.pairwise(points):
        if point.epoch != before.epoch:
            axes.axvline(point.step, color=INK, linewidth=0.6, linestyle=":")
