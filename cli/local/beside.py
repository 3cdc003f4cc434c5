"""A step of work beside the main one, which neither a failure of that nor Ctrl-C waits for."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread
from typing import Any, TypeVar

from cli.core.errors import CliError
from cli.core.output import as_cli_error
from cli.core.progress import Progress

T = TypeVar("T")


@contextmanager
def beside(work: Callable[[], T], *, stop: Callable[[], None] = lambda: None) -> Iterator[Future[T]]:
    """Work on a thread of its own while the block lasts; gives its result to come.

    Args:
        stop: called at the end of the block, however it ends: makes the work end, where it has not.

    Raises:
        CliError: the block failed after the work had: tells the work's failure, and names the block's.
    """
    step: Future[T] = Future()
    # No executor: the interpreter waits for the threads of one before it exits.
    Thread(target=_carry_out, args=(step, work), daemon=True).start()
    try:
        yield step
    except Exception as error:
        first = step.exception() if step.done() else None
        if first is None or first in (error, error.__cause__):
            raise
        raise _both(first, error) from first
    finally:
        stop()


def looking(step: Future[Any], progress: Progress) -> Progress:
    """The progress of the main step; raises the failure of the step beside it as soon as there is one."""

    def checked(stage: str, done: int = 0, total: int | None = None) -> None:
        if step.done():
            step.result()
        progress(stage, done, total)

    return checked


def _carry_out(step: Future[T], work: Callable[[], T]) -> None:
    try:
        step.set_result(work())
    except BaseException as error:  # As an executor does: it is the caller's, who reads the result.
        step.set_exception(error)


def _both(first: BaseException, second: Exception) -> CliError:
    error = as_cli_error(first) if isinstance(first, Exception) else CliError(repr(first))
    return CliError(f"{error}\nThis failed too: {as_cli_error(second)}", code=error.code, details=error.details)
