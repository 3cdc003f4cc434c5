"""A step beside the main one: nothing waits for it after a failure, and its own failure ends the main step."""

import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from threading import Event, current_thread
from typing import Any, Never

import pytest

from cli.core.errors import CliError
from cli.core.progress import Progress
from cli.local import exercise
from cli.local.beside import beside, looking
from local.launcher import LocalAws
from tests.unit.cli.fakes import StubbedDeployment

PATIENCE = 20
TRAINING = CliError("The training run failed.", code="run_failed", details={"name": "States.Timeout"})
SYNC = CliError("Not every document reached the knowledge base.")


@pytest.fixture
def released() -> Iterator[Event]:
    """Set at the end of the test: long work waits for it."""
    event = Event()
    yield event
    event.set()


def failed() -> Never:
    raise TRAINING


def after(step: Future[Any], failure: CliError, cause: CliError | None = None) -> Never:
    """Fail when the step beside has ended."""
    step.exception(PATIENCE)
    raise failure from cause


@pytest.mark.parametrize("failure", [SYNC, KeyboardInterrupt()], ids=["failure", "Ctrl-C"])
def test_the_end_of_the_main_step_waits_for_nothing(failure: BaseException, released: Event) -> None:
    stopped = Event()
    with pytest.raises(type(failure)) as raised, beside(lambda: released.wait(PATIENCE), stop=stopped.set) as step:
        raise failure
    assert raised.value is failure
    assert not step.done()
    assert stopped.is_set()


def test_the_interpreter_exits_without_it() -> None:
    with beside(lambda: current_thread().daemon) as step:
        assert step.result(PATIENCE)


def test_its_failure_ends_the_main_step_at_the_next_look() -> None:
    stages: list[str] = []
    with beside(failed) as step:
        progress = looking(step, lambda stage, done=0, total=None: stages.append(stage))
        step.exception(PATIENCE)
        with pytest.raises(CliError) as raised:
            progress("Sending documents")
    assert raised.value is TRAINING
    assert not stages


def test_of_two_failures_the_first_is_told_and_the_second_named() -> None:
    with pytest.raises(CliError) as raised, beside(failed) as step:
        after(step, SYNC)
    assert str(raised.value) == f"{TRAINING}\nThis failed too: {SYNC}"
    assert (raised.value.code, raised.value.details) == (TRAINING.code, TRAINING.details)


def test_a_failure_that_is_told_with_what_it_lacked_is_not_named_twice() -> None:
    fuller = CliError(f"{TRAINING}\n  the role may not")
    with pytest.raises(CliError) as raised, beside(failed) as step:
        after(step, fuller, cause=TRAINING)
    assert raised.value is fuller


def test_a_demonstration_ends_with_its_sync_although_it_trains(
    monkeypatch: pytest.MonkeyPatch, root: Path, tmp_path: Path, released: Event
) -> None:
    trained = Event()

    def train(*_: Any, **__: Any) -> None:
        released.wait(PATIENCE)
        trained.set()

    def refused(*_: Any, **__: Any) -> Never:
        raise SYNC

    monkeypatch.setattr(exercise, "train", train)
    monkeypatch.setattr(exercise, "sync", refused)
    with pytest.raises(CliError, match=str(SYNC)):
        exercise.exercise(root / "examples", StubbedDeployment(), aws_in(tmp_path))
    assert not trained.is_set()


def test_a_demonstration_whose_training_fails_ends_in_its_sync(
    monkeypatch: pytest.MonkeyPatch, root: Path, tmp_path: Path
) -> None:
    def synchronised(*_: Any, progress: Progress, **__: Any) -> Never:
        for _look in range(PATIENCE * 100):
            progress("Ingesting")
            time.sleep(0.01)
        pytest.fail("the sync went on")

    monkeypatch.setattr(exercise, "train", lambda *_, **__: failed())
    monkeypatch.setattr(exercise, "sync", synchronised)
    with pytest.raises(CliError, match=str(TRAINING)):
        exercise.exercise(root / "examples", StubbedDeployment(), aws_in(tmp_path))


def aws_in(folder: Path) -> LocalAws:
    """A local AWS that denied nothing."""
    return LocalAws("http://127.0.0.1:1", 0, 1, folder / "log", folder / "authorizations.jsonl")
