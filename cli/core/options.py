"""The options that many commands share."""

import difflib
import shlex
from contextlib import suppress
from typing import Annotated

import typer

from cli.core.errors import CliError
from cli.core.project import environments, repository


def existing(env: str | None) -> str | None:
    """Refuse an environment that is not configured; without a `cdk.json` any may be deployed."""
    if env is None:
        return env
    try:
        known = environments(repository())
    except CliError as error:
        raise typer.BadParameter(str(error)) from None
    if not known or env in known:
        return env
    close = difflib.get_close_matches(env, known, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise typer.BadParameter(f"cdk.json has no environment {env!r}, but {', '.join(known)}.{hint}")


def completions() -> list[str]:
    """The environments that may be named; none where that cannot be told, for nobody reads an error at a completion."""
    with suppress(CliError):
        return list(environments(repository()))
    return []


EnvOption = Annotated[
    str | None,
    typer.Option(
        "--env",
        metavar="NAME",
        callback=existing,
        autocompletion=completions,
        help="An environment of cdk.json; by default `local` while a local AWS runs, else `dev`.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else on stdout.")]
RunOption = Annotated[
    str | None, typer.Option("--run", help="Name of the run; the name of an existing run follows that one.")
]
AcceptUnknownCostOption = Annotated[
    bool, typer.Option("--accept-unknown-cost", help="Go on where a price is unknown and no ceiling can be kept.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Go on without asking, whatever it costs or deletes.")]


def again(*command: str, env: str | None) -> str:
    """Spell the command that follows a run, where it was started and nowhere else."""
    return shlex.join(["arbiter", *command, *(("--env", env) if env else ())])
