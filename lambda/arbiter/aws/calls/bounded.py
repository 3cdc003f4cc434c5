"""Calls that are waited for so many seconds and no longer, however slowly the other side sends."""

import signal
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread, current_thread, main_thread
from types import FrameType
from typing import Never, TypeVar

T = TypeVar("T")

AGAIN_SECONDS = 0.05
TOO_LATE = "no answer within the time of the call"


def within(seconds: float, call: Callable[[], T]) -> T:
    """The result of a call.

    A socket's timeout starts anew with every byte: a body that drips outlasts any of them. On the main thread, where
    Lambda runs a handler, a timer of the process interrupts the call: it costs a microsecond, where handing the call
    to another thread costs as much as a tenth of it. Elsewhere signals do not reach, and a thread is waited for.

    A look-up of a name is interrupted only when it returns: it is a call of the C library.

    Raises:
        TimeoutError: the call takes longer, or nothing is left of its time.
        Exception: the call's own.
    """
    if seconds <= 0:  # A socket takes no such time, and a thread would wait for its call for ever.
        raise TimeoutError(TOO_LATE)
    if current_thread() is main_thread() and hasattr(signal, "setitimer"):
        return _interrupted(seconds, call)
    return _on_a_thread(seconds, call)


def _interrupted(seconds: float, call: Callable[[], T]) -> T:
    if not _alarm:
        # Once for the process: nothing else here uses this signal, and setting a handler costs more than the timer.
        _alarm.append(signal.signal(signal.SIGALRM, _ring))
    _rung.clear()
    # Zero would switch the timer off. It rings again and again: whoever connects takes the error of a ring for that of
    # one address, and tries the next.
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), AGAIN_SECONDS)
    try:
        return call()
    except Exception as error:
        if _rung and not isinstance(error, TimeoutError):
            raise TimeoutError(TOO_LATE) from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _ring(number: int, frame: FrameType | None) -> Never:
    _rung.append(number)
    raise TimeoutError(TOO_LATE)


_rung: list[int] = []
"""Rings during the present call."""
_alarm: list[object] = []
"""The handler that was there before; empty until the first call."""


def _on_a_thread(seconds: float, call: Callable[[], T]) -> T:
    """The call is given up, not ended; its thread ends with it, and is not used again."""
    try:
        worker = _idle.pop()
    except IndexError:
        worker = _Worker()
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
            raise TimeoutError(TOO_LATE) from None

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
