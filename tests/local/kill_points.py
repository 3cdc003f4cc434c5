"""Every point at which a command is killed, each on a deployment of its own: `python -m tests.local.kill_points`.

tests/local/test_destroy.py kills at many points of one deployment; this takes ten minutes.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from local import launcher
from tests.local.account import new_name
from tests.local.deployed import synthesise
from tests.local.environment import destroy, fill, killed_commands
from tests.local.examples import few_of
from tests.local.killed import dies_at
from tests.local.reused_aws import ReusedAws

ROOT = Path(__file__).resolve().parents[2]
STACKS = range(1, 8)
RUNNING = "evaluate, running"
DESTROYED = "nothing is left"
CALLS = (
    "ListExecutions",
    "StopExecution",
    "DeleteCustomModelDeployment",
    "DeleteProvisionedModelThroughput",
    "DeleteCustomModel",
    "DeleteImportedModel",
    "DeleteStack",
    "DeleteObjects",
    "DeleteBucket",
)


def points(aws: ReusedAws, examples: Path) -> dict[str, Callable[[], None]]:
    """What is killed, by its name; afterwards the environment is to be destroyed."""

    def using(name: str) -> None:
        # Bedrock never gives the name of a job a second time.
        run = new_name("run")
        fill(aws.deploy(), run)
        killed_commands(aws.folder, examples, run)[name]()

    def destroying(call: str, *, after: bool, number: int = 1) -> None:
        using(RUNNING)
        dies_at(aws.folder, call, destroy, number=number, after=after)

    return {
        **{f"deploy, before stack {one}": partial(aws.deploy_until, one) for one in STACKS},
        **{f"deploy, stack {one} begun": partial(aws.deploy_until, one, after=True) for one in STACKS},
        **{name: partial(using, name) for name in killed_commands(aws.folder, examples)},
        **{f"destroy, before {call}": partial(destroying, call, after=False) for call in CALLS},
        **{f"destroy, after {call}": partial(destroying, call, after=True) for call in CALLS},
        **{
            f"destroy, stack {one} of 7": partial(destroying, "DeleteStack", after=True, number=one)
            for one in STACKS[3:]
        },
    }


def main() -> int:
    """Kill, destroy and look, point by point; says which left something."""
    failed = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        aws = ReusedAws(folder / "aws", synthesise(ROOT, folder / "assembly"))
        try:
            for point, kill in points(aws, few_of(ROOT, folder / "examples")).items():
                begun = time.monotonic()
                outcome = _outcome(aws, kill)
                failed += outcome != DESTROYED
                sys.stdout.write(f"{point}: {outcome} ({time.monotonic() - begun:.0f} s)\n")
                sys.stdout.flush()
        finally:
            launcher.stop(folder / "aws")
    sys.stdout.write(f"{failed} failed\n")
    return 1 if failed else 0


def _outcome(aws: ReusedAws, kill: Callable[[], None]) -> str:
    try:
        kill()
        result = destroy(aws.deployment)
        assert result.clean, [part.dump() for part in result.left]
        aws.require_destroyed()
    except AssertionError as error:
        destroy(aws.deployment)
        return f"FAILED: {error}"
    return DESTROYED


if __name__ == "__main__":
    sys.exit(main())
