"""`arbiter sync`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.options import EnvOption, JsonOption
from cli.core.output import Output, reporting
from cli.core.terminal import counted
from cli.sync import checking, planning, view
from cli.sync import synchronise as syncing
from cli.sync.sidecars import Reading

SENT = "Documents that were sent stay sent, and AWS ingests them. Follow that, and send the rest, by the same command."


def sync(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder with documents. With --check it may be left out.", show_default=False)
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be sent, deleted and refused.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only name each document that is missing, failed or stale.")
    ] = False,
    delete: Annotated[
        bool, typer.Option("--delete", help="Remove documents that the folder does not have: lists them and asks.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Delete without asking.")] = False,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", help="Pattern of paths to leave out, such as '*.png'; repeatable.")
    ] = None,
    metadata: Annotated[
        Path | None,
        typer.Option(
            "--metadata",
            exists=True,
            dir_okay=False,
            help='Table (.csv) of metadata: its first column "document" has the path in the folder, each other an '
            'attribute; a column "tags[]" is a list, parted by semicolons.',
        ),
    ] = None,
    front_matter: Annotated[
        bool,
        typer.Option("--front-matter/--no-front-matter", help="Whether the front matter of Markdown is metadata."),
    ] = True,
    allow_secrets: Annotated[
        bool, typer.Option("--allow-secrets", help="Also send documents that hold keys and the like.")
    ] = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a folder of documents into the knowledge base, and prove that each arrived.

    Sends what changed, follows the ingestion, then compares. Exits with 1 if any document failed or is missing.

    Examples:

    arbiter sync examples/documents

    arbiter sync handbook --dry-run --delete --ignore '*.png'

    arbiter sync handbook --metadata handbook.csv --env dev

    arbiter sync handbook --check
    """
    with reporting(as_json=as_json) as output:
        if check and (dry_run or delete):
            raise CliError("--check changes nothing: leave --dry-run and --delete out.", code="bad_options")
        reading = Reading(
            ignore=ignore or (),
            secrets="noted" if allow_secrets else "refused",
            metadata=metadata,
            front_matter=front_matter,
        )
        deployment = Deployment.find(env)
        if check:
            raise typer.Exit(_check(output, deployment, folder, reading))
        if folder is None:
            raise CliError("Name the folder with the documents: `arbiter sync FOLDER`.", code="no_folder")
        if dry_run:
            with output.progress() as progress:
                planned = planning.plan(deployment, folder, reading=reading, delete=delete, progress=progress)
            output.result(planned.dump(), lambda console: view.show_plan(console, planned))
            raise typer.Exit(1 if planned.refused else 0)
        raise typer.Exit(_sync(output, deployment, folder, reading=reading, delete=delete, yes=yes))


def _check(output: Output, deployment: Deployment, folder: Path | None, reading: Reading) -> int:
    with output.progress() as progress:
        checked = checking.check(deployment, folder, reading, progress)
    output.result(checked.dump(), lambda console: view.show_check(console, checked))
    return 0 if checked.complete else 1


def _sync(output: Output, deployment: Deployment, folder: Path, *, reading: Reading, delete: bool, yes: bool) -> int:
    def goes_on() -> None:
        output.resume = SENT

    def agree(objects: Sequence[Any]) -> bool:
        question = f"Delete {counted(len(objects), 'object')} of the bucket that {folder} does not have?"
        return output.consent(lambda console: view.show_deletion(console, objects), question, given=yes)

    with output.progress() as progress:
        result = syncing.sync(
            deployment, folder, reading=reading, delete=delete, agree=agree, on_begin=goes_on, progress=progress
        )
    output.result(result.dump(), lambda console: view.show_sync(console, result))
    return 0 if result.complete else 1
