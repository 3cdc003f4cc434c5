"""`arbiter train`: check, generate, train, and look at what was trained."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from arbiter.answering.prompts import SYSTEM
from arbiter.base_models import minimum_of
from arbiter.training_data.check import Rules
from cli.core.deployment import Deployment
from cli.core.execution import new_run
from cli.core.groups import MAIN, MainCommandGroup
from cli.core.options import AcceptUnknownCostOption, EnvOption, JsonOption, RunOption, YesOption, again
from cli.core.output import Output, reporting
from cli.core.outputs import require_writable
from cli.core.project import configured, repository
from cli.generation.command import generate_training
from cli.training import check as checking
from cli.training import records
from cli.training import run as training
from cli.training.check_view import show_check
from cli.training.loss_chart import draw
from cli.training.loss_view import show_losses
from cli.training.order import Order
from cli.training.standing import standing
from cli.training.view import show_run, show_runs, show_training
from stacks.settings.model_catalogue import base_to_tune

VALIDATION_PERCENTAGE = 10
HELD_BACK = 3
"""Exit code of a training whose gate held the model back: neither a failure, nor a mistake in the command's line."""
app = typer.Typer(
    cls=MainCommandGroup,
    no_args_is_help=True,
    help="Tune a model on a file: `arbiter train FILE`. Before that: check, generate; afterwards: list, show.",
    epilog="Options of `arbiter train FILE`, with examples: `arbiter train run --help`.",
)
app.command("generate")(generate_training)
TrainingFile = Annotated[
    Path, typer.Argument(help="Training file: JSON Lines in any of three formats, or CSV.", show_default=False)
]
GateOption = Annotated[
    Path | None, typer.Option(help="Questions: publish the model if it beats the one in service on them.")
]


@app.command(MAIN)
def run(
    file: TrainingFile,
    run: RunOption = None,
    epochs: Annotated[int | None, typer.Option(min=1, max=5, help="Passes over the file.")] = None,
    learning_rate: Annotated[float | None, typer.Option(min=1e-6, max=1e-4, help="Step size.")] = None,
    warmup_steps: Annotated[int | None, typer.Option(min=0, max=20, help="Steps of rising step size.")] = None,
    gate: GateOption = None,
    promote: Annotated[bool, typer.Option("--promote", help="Put the model into service without a gate.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Train again on data and settings trained before.")] = False,
    accept_unknown_cost: AcceptUnknownCostOption = False,
    yes: YesOption = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tune a model on a file, host it and nominate it.

    The file is checked before anything is sent: every line with a problem is named, with its remedy. Each line is
    {"question": …, "answer": …}, an OpenAI chat {"messages": […]}, or Bedrock's own bedrock-conversation-2024. The
    model goes into service by --gate, by --promote, or later by `arbiter model promote`. Exits with 3 if the gate held
    the model back, and with 1 if there is none.

    Examples:

    arbiter train examples/training/pairs.jsonl --promote

    arbiter train pairs.jsonl --epochs 3 --learning-rate 0.00002 --gate questions.jsonl --env dev
    """
    with reporting(as_json=as_json) as output:
        run = run or new_run()
        given = _hyperparameters(epochs, learning_rate, warmup_steps)
        order = Order(
            run=run, file=file, hyperparameters=given, force=force, accept_unknown_cost=accept_unknown_cost, gate=gate
        )
        deployment = Deployment.find(env)
        with output.progress() as progress:
            follow = again("train", str(file), "--run", run, *(["--promote"] if promote else []), env=env)
            started = training.Training(
                deployment,
                order,
                progress,
                accepts=lambda doubt: _accepted(output, doubt, given=yes),
                on_begin=lambda: output.goes_on(follow),
            )
            result = started.result(_rules(deployment.environment), promote=promote)
        output.result(result.dump(), lambda console: show_training(console, result))
        raise typer.Exit(HELD_BACK if result.held_back else 0)


@app.command()
def check(
    file: TrainingFile,
    fix: Annotated[Path | None, typer.Option(help="Write the file mended, where that needs no person.")] = None,
    questions: Annotated[Path | None, typer.Option(help="Evaluation questions, which must not be trained on.")] = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a training file: everything that would make a job fail or a model bad, with its line and remedy.

    Nothing is sent. Exits with 1 if the file, or its mended form, would be refused.

    Examples:

    arbiter train check pairs.jsonl --questions questions.jsonl

    arbiter train check pairs.csv --fix mended.jsonl
    """
    with reporting(as_json=as_json) as output:
        rules = _rules(env or "dev")
        with output.progress() as progress:
            result = checking.check_file(file, rules=rules, questions=questions, fix=fix, progress=progress)
        output.result(result.dump(), lambda console: show_check(console, result))
        raise typer.Exit(0 if result.accepted else 1)


@app.command("list")
def list_(env: EnvOption = None, as_json: JsonOption = False) -> None:
    """List every training run: what it was trained on, how it ended, what it cost.

    Nominated: its model can be promoted. Held back: it failed a condition of its gate, which `train show` names.

    Examples:

    arbiter train list --env dev
    """
    with reporting(as_json=as_json) as output:
        runs = records.list_runs(Deployment.find(env))
        output.result(runs.dump(), lambda console: show_runs(console, runs))


@app.command()
def show(
    run: Annotated[str, typer.Argument(help="The training run.", show_default=False)],
    picture: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the losses as a picture: .png or .svg.")
    ] = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one training run: data, settings, job, model, cost, and its training and validation loss.

    Examples:

    arbiter train show 20261121-083000-1a2b --out losses.png
    """
    with reporting(as_json=as_json) as output:
        if picture:
            require_writable(picture)
        deployment = Deployment.find(env)
        record = records.find_run(deployment, run)
        stands_as = standing(deployment, [record])[run]
        drawn = draw(record, picture) if picture else None

        def render(console: Console) -> None:
            show_run(console, record, stands_as)
            show_losses(console, record)
            if drawn:
                console.print(f"Losses: {drawn}", soft_wrap=True)

        output.result({**record.dump(), "standing": stands_as, "picture": str(drawn) if drawn else None}, render)


def _accepted(output: Output, doubt: str, *, given: bool) -> bool:
    """Whether the person wants the training in spite of a doubt, which is told in any case."""
    if given:
        output.warn(doubt)
    return given or output.consent(lambda console: None, f"{doubt} Train all the same?", given=False)


def _hyperparameters(epochs: int | None, learning_rate: float | None, warmup_steps: int | None) -> dict[str, str]:
    """The hyperparameters that are given, as Bedrock takes them: every value is text."""
    given = {"epochCount": epochs, "learningRate": learning_rate, "learningRateWarmupSteps": warmup_steps}
    return {name: plain(value) for name, value in given.items() if value is not None}


def _rules(environment: str) -> Rules:
    """The rules of the environment's base model, with the split that its pipeline makes."""
    percentage = configured(repository(), environment, "fine_tuning", "validation_percentage")
    named = configured(repository(), environment, "fine_tuning", "base_model")
    return Rules.of(
        named or base_to_tune(configured(repository(), environment, "models", "base") or "") or "",
        minimum=minimum_of(configured(repository(), environment, "fine_tuning", "customization_type") or ""),
        system_prompt=SYSTEM,
        validation_percentage=VALIDATION_PERCENTAGE if percentage is None else percentage,
    )


def plain(number: float) -> str:
    """A number without an exponent, as Bedrock's examples write them."""
    return str(number) if isinstance(number, int) else f"{number:.10f}".rstrip("0")
