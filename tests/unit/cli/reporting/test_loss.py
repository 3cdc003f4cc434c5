"""The losses of a training run are drawn, or it is said why there are none."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from arbiter.tuned_models.training.record import Data, Metrics, Point, TrainingRecord
from cli.core.errors import CliError
from cli.training.loss_chart import draw
from cli.training.loss_view import WIDTH, overfitting, show_losses, sparkline


def _points(losses: list[float]) -> tuple[Point, ...]:
    return tuple(Point(step=index, epoch=index // 4, loss=loss) for index, loss in enumerate(losses))


def _record(metrics: Metrics | None, **fields: Any) -> TrainingRecord:
    known = {"run": "run-1", "status": "nominated", "base_model": "m", "customization_type": "FINE_TUNING"}
    return TrainingRecord(**{**known, "data": Data(key="k"), "hyperparameters": {}, "metrics": metrics, **fields})


METRICS = Metrics(training=_points([2.0, 1.5, 1.1, 0.9, 0.8, 0.7]), validation=_points([2.1, 1.4, 1.3, 1.6]))


@pytest.mark.parametrize(("name", "start"), [("loss.png", b"\x89PNG"), ("loss.svg", b"<?xml")])
def test_both_curves_become_the_same_picture_every_time(tmp_path: Path, name: str, start: bytes) -> None:
    first, second = tmp_path / "a" / name, tmp_path / "b" / name
    assert draw(_record(METRICS), first) == first
    draw(_record(METRICS), second)
    assert first.read_bytes().startswith(start)
    assert first.read_bytes() == second.read_bytes()
    draw(_record(Metrics(training=METRICS.training)), second)
    assert first.read_bytes() != second.read_bytes()


@pytest.mark.parametrize(
    ("record", "name", "sentence"),
    [
        (_record(None), "loss.png", "Bedrock left no metrics"),
        (_record(Metrics()), "loss.png", "Bedrock left no metrics"),
        (_record(None, status="running"), "loss.png", "it is running"),
        (_record(None, reused=True), "loss.png", "it reused a model"),
        (_record(METRICS), "loss.jpg", "use .png or .svg"),
    ],
)
def test_what_cannot_be_drawn_says_why(tmp_path: Path, record: TrainingRecord, name: str, sentence: str) -> None:
    with pytest.raises(CliError, match=sentence):
        draw(record, tmp_path / name)
    assert not (tmp_path / name).exists()


def test_the_terminal_shows_course_and_ends_and_warns_of_learning_by_heart() -> None:
    text = io.StringIO()
    show_losses(Console(file=text, width=120), _record(METRICS))
    shown = text.getvalue()
    for number in ("2", "0.7", "2.1", "1.3", "1.6"):
        assert number in shown
    assert "Validation loss was lowest at step 2 (1.3) and ended at 1.6" in shown


def test_a_run_without_losses_says_so_in_the_terminal() -> None:
    text = io.StringIO()
    show_losses(Console(file=text, width=120), _record(None))
    assert "No losses: Bedrock left no metrics" in text.getvalue()


def test_a_falling_validation_loss_is_no_warning() -> None:
    assert overfitting(_points([2.0, 1.0, 0.9])) == ""
    assert overfitting(_points([2.0])) == ""


def test_a_sparkline_is_as_high_as_its_values() -> None:
    assert sparkline([8.0, 4.0, 0.0]) == "█▅▁"
    assert sparkline([1.0, 1.0]) == "██"
    assert sparkline([0.0, 0.0]) == "▁▁"
    assert len(sparkline([float(index) for index in range(500)])) == WIDTH


def test_other_commands_do_not_wait_for_the_drawing_library() -> None:
    script = (
        "import sys, cli.reporting.report, cli.training.loss_chart, cli.training.loss_view, cli.reporting.view;"
        "print(sorted({'matplotlib', 'numpy', 'jinja2'} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_line_of_a_long_curve_fits_80_columns_with_its_name_whole() -> None:
    points = _points([4.321 - step / 1_000 for step in range(500)])
    text = io.StringIO()
    show_losses(Console(file=text, width=80), _record(Metrics(training=points, validation=points)))
    assert any(line.startswith("validation ") for line in text.getvalue().splitlines())
