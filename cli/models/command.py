"""`arbiter model`: what was tuned, which of it answers, and what it costs."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from cli.core.deployment import Deployment
from cli.core.options import EnvOption, JsonOption, YesOption
from cli.core.output import reporting
from cli.models import retirement
from cli.models import service as models
from cli.models.listing import list_models
from cli.models.still_billing import still_billing
from cli.models.view import show_models, show_move, show_retired, show_still_billing

app = typer.Typer(no_args_is_help=True, help="Tuned models: list, promote, roll back, retire.")
Run = Annotated[str, typer.Argument(help="The training run that made the model.", show_default=False)]


@app.command("list")
def list_(env: EnvOption = None, as_json: JsonOption = False) -> None:
    """List every tuned model: what it stands as, where it is hosted, what it costs.

    In service: it answers. Candidate: nominated by a training, `promote` lets it answer. Previous: `rollback` lets it
    answer again. Idle: none of these. Orphan: no training run knows it.

    Examples:

    arbiter model list

    arbiter model list --env dev --json
    """
    with reporting(as_json=as_json) as output:
        deployment = Deployment.find(env)
        with output.progress() as progress:
            progress("Looking at every model")
            listed, billed = list_models(deployment), still_billing(deployment)

        def render(console: Console) -> None:
            show_models(console, listed)
            show_still_billing(console, billed)

        output.result({**listed.dump(), "still_billing": [asdict(one) for one in billed]}, render)


@app.command()
def promote(run: Run, env: EnvOption = None, as_json: JsonOption = False) -> None:
    """Put the nominated model of a run into service; the one that answered is kept for a rollback.

    Examples:

    arbiter model promote 20261121-083000-1a2b
    """
    with reporting(as_json=as_json) as output:
        moved = models.promote(Deployment.find(env), run)
        output.result(moved.dump(), lambda console: show_move(console, moved))


@app.command()
def rollback(
    to_none: Annotated[bool, typer.Option("--to-none", help="Let no tuned model answer, whatever did before.")] = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let the previous model answer again; a second rollback returns.

    A model whose hosting has expired or is gone is not returned to.

    Examples:

    arbiter model rollback

    arbiter model rollback --to-none
    """
    with reporting(as_json=as_json) as output:
        moved = models.roll_back(Deployment.find(env), to_none=to_none)
        output.result(moved.dump(), lambda console: show_move(console, moved))


@app.command()
def retire(
    run: Annotated[str, typer.Argument(help="The training run, or the ARN of a custom model.", show_default=False)],
    force: Annotated[
        bool, typer.Option("--force", help="Also a nominated model (candidate), or the previous one.")
    ] = False,
    yes: YesOption = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a model with everything that hosts it, and prove that it is gone. It cannot be brought back.

    A model in service is refused; with --force one that is nominated (candidate), or the previous one, is given up.

    Examples:

    arbiter model retire 20261121-083000-1a2b
    """
    with reporting(as_json=as_json) as output:
        deployment = Deployment.find(env)
        retirement.refuse_retirement(deployment, run, force)
        question = f"Delete the model of {run} in {deployment.environment} for good?"
        if not output.consent(lambda console: None, question, given=yes):
            output.warn("Nothing was deleted.")
            raise typer.Exit(1)
        output.resume = "Some of it may be deleted. The same command goes on with the rest."
        with output.progress() as progress:
            progress("Deleting, and looking whether it is gone")
            retired = retirement.retire(deployment, run, force)
        output.result(retired.dump(), lambda console: show_retired(console, retired))
