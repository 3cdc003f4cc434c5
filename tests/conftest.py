"""What holds for every test: where the repository is, and which test may open a socket."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]
# How long an example takes says something about the machine, and nothing about what is tested.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SPREAD = (
    "tests/stacks/test_checkers.py::test_cfn",
    "tests/unit/bench/test_simulations.py",
)
"""Tests that several processes work off, by the beginning of their ids."""
NEEDS_SOCKETS = (ROOT / "tests" / "local", ROOT / "tests" / "live")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by folder, so that no test can forget to."""
    for item in items:
        if any(folder in item.path.parents for folder in NEEDS_SOCKETS):
            item.add_marker(pytest.mark.enable_socket)


class ByFile(LoadScopeScheduling):
    """Keeps the tests of a file, which share fixtures, in one process, but for those that share no costly one."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith(SPREAD) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Share the tests out by file, whatever `--dist` says."""
    return ByFile(config, log)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT
