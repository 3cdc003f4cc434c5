"""What holds for every test: where the repository is, and which test may open a socket."""

from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
# How long an example takes says something about the machine, and nothing about what is tested.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

NEEDS_SOCKETS = (ROOT / "tests" / "local", ROOT / "tests" / "live")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by folder, so that no test can forget to, and keep a file's tests, which share fixtures, in one process."""
    for item in items:
        if item.get_closest_marker("spread") is None:
            item.add_marker(pytest.mark.xdist_group(str(item.path)))
        if any(folder in item.path.parents for folder in NEEDS_SOCKETS):
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT
