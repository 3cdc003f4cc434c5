"""Arbiter on the local AWS: started, bootstrapped and deployed by the real CDK CLI."""

import re
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.core.cdk import Cdk
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.local.beside import beside, looking
from local import launcher
from local.launcher import LocalAws
from local.locks import locked

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
            stack.enter_context(locked(home / "deploying", wait=False))
        except BlockingIOError:
            raise CliError(
                "Another `arbiter local up` or `demo` is at work in this folder. Run this again when it has ended.",
                code="busy",
            ) from None
        yield


def start(root: Path, progress: Progress = silent) -> LocalAws:
    """Start the local AWS unless it runs."""
    if running := launcher.status(root):
        return running
    progress("Starting a local AWS")
    return launcher.start(root)


@contextmanager
def synthesis(root: Path) -> Iterator[Future[Path]]:
    """The folder with the templates, being synthesised meanwhile: that needs no AWS, so it begins before one is there.

    The future raises CliError: the CDK CLI failed; with its complaint, and where all of it stands. At the end of the
    block what still synthesises is killed.
    """
    # Before it synthesises, the CDK CLI asks AWS whose the credentials are that it finds: it must find none.
    # The tests validate these templates, with cdk-nag among others; here it would double the time of synthesis.
    cdk = Cdk(root, environment={"CDK_VALIDATION": "false", **LocalAws.offline()}, log=_log(root))
    # What is killed may still be seen to write there.
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        assembly = Path(folder)

        def synthesised() -> Path:
            cdk.synthesise("local", assembly)
            return assembly

        with beside(synthesised, stop=cdk.stop) as templates:
            yield templates


def deploy(root: Path, aws: LocalAws, templates: Future[Path], progress: Progress = silent) -> Deployment:
    """Bootstrap the local account and deploy all stacks into it.

    Raises:
        CliError: the CDK CLI failed; with its complaint, and where all of it stands.
    """
    cdk = Cdk(root, environment=aws.environment(), log=_log(root))
    looking(templates, progress)("cdk bootstrap")
    cdk.bootstrap(account=aws.account, region=aws.region)
    progress("cdk synth")
    _deploy_all(cdk, templates.result(), progress)
    return Deployment.find("local", root)


def _log(root: Path) -> Path:
    return root / ".arbiter" / "local" / "cdk.log"


def _deploy_all(cdk: Cdk, assembly: Path, progress: Progress) -> None:
    deployed: set[str] = set()

    def count(line: str) -> None:
        if done := _STACK_DONE.search(line):
            deployed.add(done[1])
            progress("cdk deploy --all", len(deployed), STACKS)

    progress("cdk deploy --all", 0, STACKS)
    cdk.deploy(assembly, on_line=count)
