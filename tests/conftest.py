"""What holds for every test: where the repository is, and which test may open a socket."""

import gc
from collections import Counter
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]
# How long an example takes says something about the machine, and nothing about what is tested.
settings.register_profile("untimed", deadline=None)
settings.register_profile("few", deadline=None, max_examples=25)  # `make unit`: `make test` tries the usual hundred
settings.load_profile("untimed")

SPREAD = (
    "tests/stacks/test_checkers.py::test_cfn",
    "tests/stacks/test_every_configuration.py::test_what_is_accepted",
    "tests/unit/bench/test_simulations.py",
)
"""Tests that several processes work off, by the beginning of their ids."""
TOGETHER = "tests/local/optional/"
"""The folder whose files share one deployment."""
LONGEST = (
    TOGETHER,
    # The first process chooses the blocks of settings; the second one meanwhile has work that needs none.
    "tests/stacks/test_every_configuration.py::test_every_setting",
    *(f"tests/stacks/test_{name}.py" for name in ("checkers", "every_configuration")),
    *(f"tests/properties/test_{name}.py" for name in ("router", "profiles", "odd_replies", "training")),
    *(f"tests/unit/cli/reporting/test_{name}.py" for name in ("page", "large_run", "browser", "report")),
    *(f"tests/unit/cli/advice/test_{name}.py" for name in ("evidence", "combinations", "page")),
    *(
        f"tests/local/test_{name}.py"
        for name in (
            *("corpus", "batch_inference", "access_faults", "least_privilege", "training_faults", "permissions"),
            *("training_variants", "overlapping_trainings", "destroy", "native_jobs", "generation"),
            *("evaluation_faults", "demo_models", "models", "promotion_under_load"),
        )
    ),
)
"""The files and tests that take longest, however few they are: begun first, so that the processes end together."""
NEEDS_SOCKETS = ("tests/local/", "tests/live/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by folder, so that no test can forget to; put the longest files first, then those with most tests."""
    for item in items:
        if item.nodeid.startswith(NEEDS_SOCKETS):
            item.add_marker(pytest.mark.enable_socket)
    tests = Counter(map(_file_of, items))
    items.sort(key=lambda item: (_place(item.nodeid), item.nodeid.startswith(SPREAD), -tests[_file_of(item)]))


def pytest_collection_finish() -> None:
    """Leave all that was imported and collected out of every collection of garbage to come."""
    gc.collect()
    gc.freeze()


def _file_of(item: pytest.Item) -> str:
    return _shared(item.nodeid)


def _shared(nodeid: str) -> str:
    """The file of a test, or the folder, whose fixtures are shared."""
    return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.partition("::")[0]


def _place(nodeid: str) -> int:
    return next((place for place, longest in enumerate(LONGEST) if nodeid.startswith(longest)), len(LONGEST))


class ByFile(LoadScopeScheduling):
    """Keeps tests that share fixtures, those of a file, in one process, but for those that share no costly one."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith(SPREAD) else _shared(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Share the tests out by file, whatever `--dist` says, in the order of the collection."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.fixture(scope="session", autouse=True)
def _models_read_once() -> Iterator[None]:
    """Read each of botocore's models once in a process: each of the sessions that tests make would read its own."""
    read = cache(partial(JSONFileLoader.load_file, JSONFileLoader()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent
