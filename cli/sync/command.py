"""`arbiter sync`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.core.deployment import Deployment
from cli.core.options import EnvOption, JsonOption
from cli.core.output import reporting
from cli.sync import synchronise as syncing
from cli.sync import view

SENT = "Documents that were sent stay sent, and AWS ingests them. Follow that, and send the rest, by the same command."


def sync(
    folder: Annotated[Path, typer.Argument(help="Folder with documents.")],
    delete: Annotated[bool, typer.Option("--delete", help="Remove documents that the folder does not have.")] = False,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", help="Pattern of paths to leave out, such as '*.png'; repeatable.")
    ] = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a folder of documents into the knowledge base, and prove that each arrived.

    Sends what changed, follows the ingestion, then compares. Exits with 1 if any document failed or is missing.

    Examples:

    arbiter sync examples/documents

    arbiter sync handbook --delete --ignore '*.png' --env dev
    """
    with reporting(as_json=as_json) as output:

        def goes_on() -> None:
            output.resume = SENT

        deployment = Deployment.find(env)
        with output.progress() as progress:
            result = syncing.sync(
                deployment, folder, delete=delete, ignore=ignore or (), on_begin=goes_on, progress=progress
            )
        output.result(result.dump(), lambda console: view.show_sync(console, result))
        raise typer.Exit(0 if result.complete else 1)
