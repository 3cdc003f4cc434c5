"""The commands of `arbiter`, as one application."""

import typer

from cli import commands, local_aws

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Base model, retrieval, fine-tuning or both on Amazon Bedrock: deployed, measured, routed.",
)
for command in (commands.ask, commands.sync, commands.train, commands.evaluate):
    app.command()(command)
app.add_typer(local_aws.app, name="local")
