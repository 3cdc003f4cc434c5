"""`arbiter report`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.options import EnvOption, JsonOption
from cli.core.output import reporting
from cli.core.outputs import open_in_browser
from cli.reporting import report as reports
from cli.reporting.run.listing import list_runs
from cli.reporting.view import show_report, show_runs


def report(
    run: Annotated[
        str | None, typer.Argument(help="The evaluation run; without it, the runs are listed.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write; by default named after the run.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Another run to compare with, or nova-case-study: the published effects.")
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write one page about an evaluation run, which needs no network; without a run, list which there are.

    Examples:

    arbiter report

    arbiter report 20261121-083000-1a2b --open

    arbiter report 20261121-083000-1a2b --against nova-case-study --json
    """
    with reporting(as_json=as_json) as output:
        if run is None and (against or out or show):
            raise CliError("Name a run: --against, --out and --open are about its page.", code="usage")
        deployment = Deployment.find(env)
        if run is None:
            runs = list_runs(deployment)
            output.result({"runs": [asdict(one) for one in runs]}, lambda console: show_runs(console, runs))
            return
        with output.progress() as progress:
            written = reports.report(deployment, run, out=out, against=against, progress=progress)
        output.result(written.dump(), lambda console: show_report(console, written))
        if show and not open_in_browser(written.path.resolve().as_uri()):
            output.warn("No browser can be opened here. Open the page yourself.")
            raise typer.Exit(1)
