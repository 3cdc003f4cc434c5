"""`arbiter console`: a page to ask on, served on this machine alone."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console as Terminal

from cli.core.deployment import Deployment
from cli.core.options import EnvOption, JsonOption
from cli.core.output import reporting
from cli.core.outputs import open_in_browser


def console(
    env: EnvOption = None,
    advice: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True, dir_okay=False, help="Answers of `arbiter advise`, whose decision record can be opened."
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Serve a page on this machine: ask in every mode side by side, rate, and see what is behind the answers.

    It calls AWS with your credentials and listens on 127.0.0.1 only: nothing is hosted. Ctrl-C ends it.

    Examples:

    arbiter console

    arbiter console --env dev --advice advice.yaml

    arbiter console --no-open --json
    """
    with reporting(as_json=as_json) as output:
        # The server's modules are slow to import, and no help needs them.
        from cli.console.backend import DeployedBackend
        from cli.console.server import Server

        backend = DeployedBackend(Deployment.find(env), advice or ())
        with Server(backend, port) as served:
            output.result({"url": served.url}, lambda terminal: _tell(terminal, served.url))
            if show and not open_in_browser(served.url):
                output.warn("No browser can be opened here. Open the page yourself.")
            served.until_interrupted()


def _tell(terminal: Terminal, url: str) -> None:
    terminal.print(f"Console: {url}", style="green", soft_wrap=True, highlight=False)
    terminal.print("Whoever has this address asks with your credentials. Ctrl-C ends it.", highlight=False)
