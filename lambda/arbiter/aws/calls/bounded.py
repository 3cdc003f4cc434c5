"""Calls that are waited for so many seconds and no longer, however slowly the other side sends."""

from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Never, TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """The result of a call, made on a thread of its own.

    A socket's timeout starts anew with every byte: a body that drips outlasts any of them. So the call is given up,
    not ended; its thread ends with it, and is not used again.

    Raises:
        TimeoutError: the call takes longer.
        Exception: the call's own.
    """
    worker = _idle.pop() if _idle else _Worker()
    outcome = worker.run(seconds, call)
    _idle.append(worker)
    return outcome()


class _Worker:
    """A thread that waits for its next call: starting one for each call would cost more than the wait."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._outcomes: SimpleQueue[Callable[[], object]] = SimpleQueue()
        Thread(target=self._work, name="call", daemon=True).start()

    def run(self, seconds: float, call: Callable[[], T]) -> Callable[[], T]:
        context = copy_context()
        self._calls.put(lambda: context.run(call))
        try:
            return self._outcomes.get(timeout=seconds)  # type: ignore[return-value]
        except Empty:
            self._calls.put(None)
            raise TimeoutError(f"no answer after {seconds:.3g} s") from None

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            self._outcomes.put(_outcome_of(call))


def _outcome_of(call: Callable[[], object]) -> Callable[[], object]:
    try:
        result = call()
    except BaseException as error:
        return partial(_fail, error)
    return lambda: result


def _fail(error: BaseException) -> Never:
    raise error


_idle: list[_Worker] = []
