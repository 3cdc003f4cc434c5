"""The commands of `arbiter`, as one application."""

import typer

from cli.asking.command import ask
from cli.evaluation.command import app as evaluate
from cli.local.command import app as local
from cli.models.command import app as model
from cli.prices.command import cost
from cli.reporting.command import report
from cli.sync.command import sync
from cli.training.command import app as train

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Base model, retrieval, fine-tuning or both on Amazon Bedrock: deployed, measured, routed.",
)
app.command()(ask)
app.command()(sync)
app.add_typer(train, name="train")
app.add_typer(model, name="model")
app.add_typer(evaluate, name="evaluate")
app.command()(report)
app.command()(cost)
app.add_typer(local, name="local")
