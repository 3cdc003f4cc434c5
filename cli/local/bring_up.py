"""Arbiter on the local AWS: started, bootstrapped and deployed by the real CDK CLI."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cli.core.cdk import Cdk
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from local import launcher
from local.launcher import LocalAws

_STACK_DONE = re.compile(r"✅\s+(Arbiter-local-\w+)")
STACKS = 7


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Keep a second command from deploying into the same local AWS, or stopping it, at the same time.

    Raises:
        CliError: one is at work.
    """
    home = root / ".arbiter" / "local"
    home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(launcher.locked(home / "deploying", wait=False))
        except BlockingIOError:
            raise CliError(
                "Another `arbiter local up` or `demo` is at work in this folder. Run this again when it has ended.",
                code="busy",
            ) from None
        yield


def start(root: Path, progress: Progress = silent) -> tuple[LocalAws, bool]:
    """Start the local AWS unless it runs; gives it, and whether this call started it."""
    if running := launcher.status(root):
        return running, False
    progress("Starting a local AWS")
    return launcher.start(root), True


def deploy(root: Path, aws: LocalAws, progress: Progress = silent) -> Deployment:
    """Bootstrap the local account and deploy all stacks into it.

    Raises:
        CliError: the CDK CLI failed; with what it said, and where all of it stands.
    """
    cdk = Cdk(root, environment=aws.environment(), log=root / ".arbiter" / "local" / "cdk.log")
    progress("cdk bootstrap")
    cdk.bootstrap(account=aws.account, region=aws.region)
    deployed: set[str] = set()

    def count(line: str) -> None:
        if done := _STACK_DONE.search(line):
            deployed.add(done[1])
            progress("cdk deploy --all", len(deployed), STACKS)

    progress("cdk deploy --all", 0, STACKS)
    cdk.deploy("local", on_line=count)
    return Deployment.find("local", root)
