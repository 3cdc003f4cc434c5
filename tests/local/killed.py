"""Commands killed in the middle: the process dies, without a chance to tidy up, at a call of AWS that a test names."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli.core.deployment import Deployment
from local import sessions

Act = Callable[[Deployment], object]


def dies_at(folder: Path, operation: str, act: Act, *, number: int = 1, after: bool = False) -> None:
    """Run a command against a local AWS in a process that is killed at the so-manieth call of an operation.

    Args:
        folder: where the local AWS keeps its state.
        operation: an operation of AWS, `PutObject`.
        act: the command.
        number: which call of it.
        after: whether AWS has answered that call.
    """
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_run, args=(folder, operation, act, number, after))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL, f"it was not killed at {operation}, and ended with {process.exitcode}"


def _run(folder: Path, operation: str, act: Act, number: int, after: bool) -> None:
    calls = 0

    def count(model: Any, **_: Any) -> None:
        nonlocal calls
        calls += model.name == operation
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sessions.session().events.register("after-call" if after else "before-call", count)
    act(Deployment.find("local", folder))
