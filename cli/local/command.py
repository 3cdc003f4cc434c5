"""The commands on the AWS of this machine."""

import os
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cli.core.options import JsonOption
from cli.core.output import reporting
from cli.core.project import repository
from cli.local import bring_up
from local import launcher
from local.launcher import LocalAws

app = typer.Typer(no_args_is_help=True, help="An AWS on this machine, without an account: start, stop, look.")


@app.command()
def up(
    bare: Annotated[bool, typer.Option("--bare", help="Only the empty AWS; nothing is deployed.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Start a local AWS on the loopback interface and deploy all stacks into it; one that runs is brought up to date.

    Examples:

    arbiter local up

    arbiter local up --bare
    """
    with reporting(as_json=as_json) as output:
        output.resume = "Stop what was started with: arbiter local down"
        root = repository()
        with bring_up.alone(root), output.progress() as progress:
            if bare:
                running = bring_up.start(root, progress)
            else:
                with bring_up.synthesis(root) as templates:
                    running = bring_up.start(root, progress)
                    bring_up.deploy(root, running, templates, progress)
        _show(output.result, running)


@app.command()
def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the local AWS running, with everything in it.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Deploy all stacks, ingest, train, and ask the same questions in every mode, with the project's examples.

    Exits with 1 if a mode fails, a source is not cited, or any role lacks a permission.

    Examples:

    arbiter local demo

    ARBITER_LLM_URL=http://127.0.0.1:11434 ARBITER_LLM_MODEL=llama3.2 arbiter local demo --keep
    """
    # They import everything that they demonstrate, which no other of these commands needs.
    from cli.local.demo import demonstrate, language_model
    from cli.local.demo_view import show_demo

    with reporting(as_json=as_json) as output:
        root = repository()
        output.resume = "A local AWS that it started is stopped."
        with bring_up.alone(root), output.progress() as progress:
            result = demonstrate(root, keep=keep, language_model=language_model(os.environ), progress=progress)
        output.result(result.dump(), lambda console: show_demo(console, result))
        if keep and (running := launcher.status(root)) and not as_json:
            _show(output.result, running)


@app.command()
def down(as_json: JsonOption = False) -> None:
    """Stop the local AWS; everything in it is gone.

    Examples:

    arbiter local down
    """
    with reporting(as_json=as_json) as output:
        with output.progress() as progress:
            progress("Stopping the local AWS")
            stopped = launcher.stop(repository())
        message = "The local AWS is stopped." if stopped else "The local AWS did not run."
        output.result({"running": False, "stopped": stopped}, lambda console: console.print(message))


@app.command()
def status(as_json: JsonOption = False) -> None:
    """Say whether the local AWS runs, and where. Exits with 1 if it does not.

    Examples:

    arbiter local status --json
    """
    with reporting(as_json=as_json) as output:
        running = launcher.status(repository())
        if running is None:
            output.result({"running": False}, lambda console: console.print("The local AWS does not run."))
            raise typer.Exit(1)
        _show(output.result, running)


def _show(result: Any, running: LocalAws) -> None:
    def render(console: Console) -> None:
        console.print(Text(f"The local AWS runs at {running.endpoint} (process {running.pid})."))
        console.print(Text(f"Log: {running.log}", style="dim"))
        for name, value in running.environment().items():
            console.print(Text(f"export {name}={value}"), soft_wrap=True)

    result({"running": True, **asdict(running), "environment": running.environment()}, render)
