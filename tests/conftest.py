"""What holds for every test: which may open a socket, and which run in one process."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NEEDS_SOCKETS = (ROOT / "tests" / "local", ROOT / "tests" / "live")
SHARING = {"stacks/": "stacks", "local/test_emulator_": "emulator"}
"""Tests that share what is dear to make, a synthesis or an emulator, stay together; others go by their file."""
APART = "local/test_permissions.py"
"""Tests that each make a local AWS of their own, and are long: any process takes the next."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by folder, so that no test can forget to."""
    for item in items:
        if any(folder in item.path.parents for folder in NEEDS_SOCKETS):
            item.add_marker(pytest.mark.enable_socket)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Say what runs in one process when there are several (`pytest -n 2 --dist loadfile`)."""
    file = item.path.relative_to(ROOT / "tests").as_posix()
    if file == APART:
        return
    shared = next((group for start, group in SHARING.items() if file.startswith(start)), file)
    item.add_marker(pytest.mark.xdist_group(shared))


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT
