"""The options that many commands share, and what they mean."""

import shlex
from enum import StrEnum
from typing import Annotated

import typer


class Environment(StrEnum):
    """The deployed environments."""

    LOCAL = "local"
    DEV = "dev"
    PROD = "prod"


EnvOption = Annotated[
    Environment | None,
    typer.Option("--env", help="Deployment to use; by default `local` while a local AWS runs, else `dev`."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else on stdout.")]
RunOption = Annotated[
    str | None, typer.Option("--run", help="Name of the run; the name of an existing run follows that one.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Go on without asking, whatever it is said to cost.")]


def again(*command: str, env: Environment | None) -> str:
    """The command that follows a run, where it was started and nowhere else."""
    return shlex.join(["arbiter", *command, *(("--env", env) if env else ())])
