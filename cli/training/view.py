"""Training for people: how a run ended, and every run there was."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from arbiter.tuned_models.training.record import Cost, TrainingRecord
from cli.core.errors import gathered_sentences
from cli.core.terminal import Folded, run_column
from cli.reporting.figures.numbers import dollars
from cli.training.loss_chart import last_loss
from cli.training.records import RunsResult
from cli.training.result import TrainResult

STYLES = {
    "nominated": "green", "in service": "green", "running": "cyan", "held back": "yellow", "previous": "dim",
    "retired": "dim",
}  # fmt: skip


def show_training(console: Console, result: TrainResult) -> None:
    """Where the model stands, and what to type next."""
    for doubt in gathered_sentences(result.doubts):
        console.print(Text(f"Worth a look: {doubt}", style="yellow"))
    if result.reused:
        reused = "The same data and settings were trained before: that model is used, and nothing was billed."
        console.print(Text(f"{reused} Train again with --force."))
    _show_gate(console, result.gate)
    if result.held_back:
        console.print(Text(f"Held back by the gate: {result.model}", style="yellow"))
        console.print("The model in service is unchanged. Train on other data or settings, or ask more questions.")
    else:
        console.print(Text(f"{'In service' if result.in_service else 'Nominated'}: {result.model}", style="green"))
    console.print(
        f"Run {result.run}: {result.samples:,} samples, tuned from {result.base_model}, {result.seconds:,.0f} s, "
        f"{cost(result.record.cost)}.",
        highlight=False,
    )
    if result.next_command:
        console.print(f"Put it into service: `{result.next_command}`", highlight=False)


def _show_gate(console: Console, gate: Mapping[str, Any] | None) -> None:
    for condition in (gate or {}).get("conditions", ()):
        mark, style = ("✓", "green") if condition["passed"] else ("✗", "red")
        console.print(Text(f"{mark} {condition['sentence']}", style=style))


def show_runs(console: Console, result: RunsResult) -> None:
    """One line a run, the newest first."""
    if not result.runs:
        console.print(f"No training has been run in {result.environment}: `arbiter train FILE`.")
    else:
        table = Folded(
            run_column(run.run for run in result.runs),
            "Stands as",
            "Samples",
            "Loss",
            "Cost",
            "Started",
            "Model",
        )
        for record in result.runs:
            table.add_row(*_cells(record, result.standing[record.run]))
        console.print(table)
    for key in result.unreadable:
        console.print(Text(f"{key} cannot be read.", style="yellow"))


def _cells(record: TrainingRecord, standing: str) -> tuple[str | Text, ...]:
    loss = last_loss(record.metrics, "training")
    status = standing + (" (reused)" if record.reused else "")
    return (
        record.run,
        Text(status, style=STYLES.get(standing, "red")),
        "" if record.data.samples is None else f"{record.data.samples:,}",
        "" if loss is None else f"{loss:.4g}",
        cost(record.cost),
        _minute(record.started_at),
        record.custom_model.name if record.custom_model else "",
    )


def show_run(console: Console, record: TrainingRecord, standing: str) -> None:
    """Everything that a record says, but for the curves."""
    console.print(Text(f"{record.run}: {standing}", style=STYLES.get(standing, "red")))
    if record.error:
        console.print(Text(f"{record.error.name}: {record.error.cause}", style="red"))
    table = Folded(show_header=False, box=None)
    for name, value in _facts(record).items():
        if value:
            table.add_row(name, Text(value, overflow="fold"))
    console.print(table)
    _show_gate(console, record.gate)
    for sentence in record.cleanup:
        console.print(Text(sentence))


def _facts(record: TrainingRecord) -> dict[str, str]:
    job, model, hosting = record.job, record.custom_model, record.hosting
    losses = [
        f"{kind} {loss:.4g}"
        for kind in ("training", "validation")
        if (loss := last_loss(record.metrics, kind)) is not None
    ]
    hourly = f", {dollars(hosting.usd_per_hour)} an hour" if hosting and hosting.usd_per_hour is not None else ""
    until = f", until {hosting.expires_at}" if hosting and hosting.expires_at else ""
    data = record.data
    counts = (
        f"{data.samples or 0:,} samples, {data.validation_samples or 0:,} for validation, {data.tokens or 0:,} tokens"
    )
    return {
        "Data": f"{data.key} ({counts})",
        "Base model": record.base_model,
        "Customization": record.customization_type + (f" by {record.teacher_model}" if record.teacher_model else ""),
        "Hyperparameters": ", ".join(f"{name} {value}" for name, value in record.hyperparameters.items()),
        "Job": f"{job.name}: {job.status}" if job else "",
        "Last loss": ", ".join(losses),
        "Custom model": f"{model.name} {model.arn or ''}" if model else "",
        "Hosting": f"{hosting.kind} {hosting.arn or hosting.name}{hourly}{until}" if hosting else "",
        "Cost": cost(record.cost),
        "Started": f"{_minute(record.started_at)} UTC by {record.started_by or 'somebody'}",
        "Ended": f"{_minute(record.ended_at)} UTC" if record.ended_at else "",
    }


def _minute(moment: str | None) -> str:
    return (moment or "")[:16].replace("T", " ")


def cost(known: Cost | None) -> str:
    """Tell the cost of a training, as far as the prices are known."""
    if known is None:
        return ""
    return f"{known.tokens:,} tokens, cost unknown" if known.usd is None else dollars(known.usd)
