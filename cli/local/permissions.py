"""The permissions that the roles of a local deployment lacked, from the journal of the local AWS."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.core.errors import CliError
from local.launcher import LocalAws


@contextmanager
def naming_denials(aws: LocalAws) -> Iterator[None]:
    """Whatever was denied meanwhile is a failure, and is named with any other: some denials are otherwise silent."""
    failure: CliError | None = None
    try:
        yield
    except CliError as error:
        failure = error
    lacking = denials(aws.authorizations)
    if failure or lacking:
        message = str(failure) if failure else "The demonstration failed:"
        raise CliError("\n  ".join((message, *lacking))) from failure


def require_permissions(aws: LocalAws) -> None:
    """Some denials are silent: there is no use in going on after one."""
    if denials(aws.authorizations):
        raise CliError("The demonstration failed:")


def denials(journal: Path) -> list[str]:
    """Every permission that a role of the deployment lacked, in words."""
    if not journal.exists():
        return []
    decisions = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        f"the role {decision['role']} may not {decision['action']} on {decision['resource']}"
        for decision in decisions
        if decision["decision"] == "deny"
    ]
