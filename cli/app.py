"""The commands of `arbiter`, as one application."""

import typer

from cli import local_aws
from cli.commands import evaluating, models, training
from cli.commands.asking import ask
from cli.commands.costs import cost
from cli.commands.documents import sync
from cli.commands.reporting import report

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Base model, retrieval, fine-tuning or both on Amazon Bedrock: deployed, measured, routed.",
)
app.command()(ask)
app.command()(sync)
app.add_typer(training.app, name="train")
app.add_typer(models.app, name="model")
app.add_typer(evaluating.app, name="evaluate")
app.command()(report)
app.command()(cost)
app.add_typer(local_aws.app, name="local")
