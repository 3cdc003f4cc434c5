"""The commands of `arbiter`, as one application."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cli.core.groups import LazyCommand

COMMANDS = {
    "advise": (
        "cli.advice.command:advise",
        "Which technique, for us: by rules, measurements and prices, with what would change the answer.",
    ),
    "ask": ("cli.asking.command:ask", "Ask the deployed router a question."),
    "console": (
        "cli.console.command:console",
        "Serve a page on this machine: ask in every mode side by side, rate, and see what is behind the answers.",
    ),
    "route": (
        "cli.routing.command:route",
        "Explain which mode `auto` picks for a question, or score it on labelled ones.",
    ),
    "feedback": (
        "cli.feedback.command:feedback",
        "Rate an answer as good or bad; or write what was rated as new questions and training candidates.",
    ),
    "sync": (
        "cli.sync.command:sync",
        "Bring a folder of documents into the knowledge base, and prove that each arrived.",
    ),
    "train": (
        "cli.training.command:app",
        "Tune a model on a file: `arbiter train FILE`. Before that: check, generate; afterwards: list, show.",
    ),
    "model": ("cli.models.command:app", "Tuned models: list, promote, roll back, retire."),
    "evaluate": (
        "cli.evaluation.command:app",
        "Which mode wins on your questions, by how much: `arbiter evaluate [FILE]`. Before that: generate.",
    ),
    "tune-retrieval": (
        "cli.retrieval.command:tune_retrieval",
        "Measure which way to retrieve finds the right documents, on this machine and without a language model.",
    ),
    "calibrate": (
        "cli.calibration.command:calibrate",
        "Fit `auto` to an evaluation run, and publish that if it beats each single mode; or take it back.",
    ),
    "report": (
        "cli.reporting.command:report",
        "Write one page about an evaluation run, which needs no network; without a run, list which there are.",
    ),
    "keys": (
        "cli.keys.command:app",
        "Keys of the API: create, list, revoke, usage.",
    ),
    "cost": (
        "cli.prices.command:cost",
        "Show what a configuration costs: left alone, used, synchronised, trained, evaluated, hosted.",
    ),
    "doctor": (
        "cli.doctor.command:doctor",
        "Look at tools, account, models, quotas and deployment; say what to mend, and how.",
    ),
    "destroy": (
        "cli.destroy.command:destroy",
        "Delete everything of an environment, models and leftovers included, and prove what is left.",
    ),
    "mcp": (
        "cli.agents.command:mcp",
        "Serve a deployment's tools to an AI agent, over standard input and output (MCP).",
    ),
    "local": ("cli.local.command:app", "An AWS on this machine, without an account: start, stop, look."),
}
"""Where each command is, and its help line: the list of commands is shown without importing them."""


class Commands(TyperGroup):
    """Every command by name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name, (target, line) in COMMANDS.items():
            self.add_command(LazyCommand(name, target, line))


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Base model, retrieval, fine-tuning or both on Amazon Bedrock: deployed, measured, routed.",
    epilog="Completion of commands and options by the Tab key: `arbiter --install-completion`, once a shell.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("arbiter"))
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Take the options that need no command."""
