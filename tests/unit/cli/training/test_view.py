"""What a person reads after a training: where the model stands, what it cost, what to type next."""

from dataclasses import replace

from rich.console import Console

from arbiter.tuned_models.training.decision import Condition, Decision
from arbiter.tuned_models.training.record import Cost, Failure, Metrics, Point, TrainingRecord
from cli.training.loss_view import show_losses
from cli.training.records import RunsResult
from cli.training.result import TrainResult
from cli.training.view import show_run, show_runs, show_training
from tests.unit.arbiter.tuned_models.stores import running

RECORD = running(status="nominated", cost=Cost(tokens=200, usd=0.4), metrics=Metrics(training_loss=0.5))
RESULT = TrainResult(
    environment="dev",
    run="run-1",
    samples=8,
    doubts=("line 3 repeats line 1: remove one",),
    estimate=Cost(tokens=200),
    model="arn:deployment",
    custom_model="arn:model",
    base_model="amazon.nova-micro-v1:0:128k",
    reused=False,
    in_service=False,
    gate=None,
    record=RECORD,
    execution="arn:execution",
    seconds=60.0,
)


def shown(show: object, *arguments: object) -> str:
    console = Console(width=200, no_color=True)
    with console.capture() as captured:
        show(console, *arguments)  # type: ignore[operator]
    return captured.get()


def test_a_nominated_model_tells_how_to_promote_it() -> None:
    text = shown(show_training, RESULT)
    assert "Worth a look: line 3 repeats line 1" in text
    assert "Nominated: arn:deployment" in text
    assert "arbiter model promote run-1 --env dev" in text
    assert "$0.4000" in text


def test_a_reused_model_in_service_says_so() -> None:
    text = shown(show_training, replace(RESULT, reused=True, in_service=True))
    assert "The same data and settings were trained before" in text
    assert "In service: arn:deployment" in text
    assert "promote" not in text


def test_a_gate_shows_every_condition() -> None:
    conditions = [
        {"name": "better", "passed": False, "sentence": "not better by the margin"},
        {"name": "cases", "passed": True, "sentence": "enough cases"},
    ]
    text = shown(show_training, replace(RESULT, gate={"publish": False, "conditions": conditions}))
    assert "✗ not better by the margin" in text
    assert "✓ enough cases" in text
    assert "Held back by the gate: arn:deployment" in text
    assert "promote" not in text


def test_runs_are_one_line_each() -> None:
    failed = running("run-2", status="failed", cost=Cost(tokens=200), error=Failure(name="X", cause="y"))
    text = shown(
        show_runs,
        RunsResult(
            environment="dev",
            runs=(RECORD, failed),
            standing={"run-1": "retired", "run-2": "failed"},
            unreadable=("training/x/record.json",),
        ),
    )
    assert "retired" in text
    assert "nominated" not in text
    assert "200 tokens, cost unknown" in text
    assert "training/x/record.json cannot be read" in text
    assert "No training has been run in dev" in shown(show_runs, RunsResult(environment="dev", runs=(), standing={}))


def test_a_run_shows_why_it_failed_and_what_was_cleaned_up() -> None:
    record = running(
        status="failed", error=Failure(name="DeploymentFailed", cause="no capacity"), cleanup=("It was deleted.",)
    )
    text = shown(show_run, record, "failed")
    assert "run-1: failed" in text
    assert "DeploymentFailed: no capacity" in text
    assert "It was deleted." in text


def test_a_run_that_was_held_back_shows_which_condition_failed() -> None:
    conditions = [Condition(name="cases", passed=False, sentence="18 questions were scored for both.")]
    record = replace(RECORD, gate=Decision(publish=False, conditions=conditions))
    assert "✗ 18 questions were scored for both." in shown(show_run, record, "held back")


def test_the_name_of_a_run_is_never_cut() -> None:
    names = ["20261121-083000-1a2b", "20261122-083000-3c4d-with-a-name-of-ones"]
    runs = tuple(replace(RECORD, run=name, started_at="2026-11-21T08:30:00") for name in names)
    shown_alone = narrow(runs[:1])
    assert names[0] in shown_alone
    column = "".join(line.split("│")[1].strip() for line in narrow(runs).splitlines() if line.startswith("│"))
    assert all(name in column for name in names)
    # Neither is anything else of the table.
    assert "…" not in shown_alone + narrow(runs)


def narrow(runs: tuple[TrainingRecord, ...]) -> str:
    console = Console(width=80, no_color=True)
    with console.capture() as captured:
        standing = {run.run: "in service" for run in runs}
        show_runs(console, RunsResult(environment="dev", runs=runs, standing=standing))
    return captured.get()


def test_a_loss_is_the_same_in_the_list_the_run_and_its_curve() -> None:
    curve = tuple(Point(step=step, epoch=0, loss=loss) for step, loss in enumerate((6.0, 5.1, 4.66)))
    # Bedrock states a mean over the last steps.
    record = replace(RECORD, metrics=Metrics(training_loss=5.24, validation_loss=5.5, training=curve))
    runs = RunsResult(environment="dev", runs=(record,), standing={"run-1": "nominated"})
    in_list, in_run = shown(show_runs, runs), shown(show_run, record, "nominated")
    assert all("4.66" in text and "5.24" not in text for text in (in_list, in_run, shown(show_losses, record)))
    assert "validation 5.5" in in_run
