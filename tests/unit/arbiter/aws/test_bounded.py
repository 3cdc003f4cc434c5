"""A call is waited for so long and no longer, on the main thread and on others, and its own errors come through."""

import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest

from arbiter.aws.calls.bounded import within

STATE: ContextVar[str] = ContextVar("state", default="unset")


def on_the_main_thread(seconds: float, call: Callable[[], Any]) -> Any:
    return within(seconds, call)


def on_another_thread(seconds: float, call: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(within, seconds, call).result()


@pytest.fixture(params=[on_the_main_thread, on_another_thread])
def bounded(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_a_result_comes_through(bounded: Any) -> None:
    assert [bounded(5, lambda: 1), bounded(5, lambda: 2)] == [1, 2]


def test_an_error_comes_through(bounded: Any) -> None:
    def fail() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        bounded(5, fail)


def test_a_call_that_never_returns_is_given_up(bounded: Any) -> None:
    released = threading.Event()
    with pytest.raises(TimeoutError, match="no answer within the time"):
        bounded(0.05, lambda: released.wait(60))
    released.set()
    assert bounded(5, lambda: "next") == "next"


def test_the_time_of_one_call_does_not_end_another(bounded: Any) -> None:
    assert bounded(0.01, lambda: 1) == 1
    assert bounded(30, lambda: threading.Event().wait(0.05)) is False


def test_a_ring_that_is_swallowed_rings_again(bounded: Any) -> None:
    """As who connects does, who takes any error of the system for that of one address."""

    def stubborn() -> None:
        for _ in range(3):
            try:
                threading.Event().wait(30)
            except OSError as error:
                last = error
        raise ConnectionError("none of the addresses") from last

    with pytest.raises(TimeoutError, match="no answer within the time"):
        bounded(0.05, stubborn)


def test_no_timer_is_left_running() -> None:
    within(5, lambda: None)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_another_thread_sees_the_caller_s_context() -> None:
    def seen() -> str:
        token = STATE.set("set")
        try:
            return within(5, STATE.get)
        finally:
            STATE.reset(token)

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(seen).result() == "set"


@pytest.mark.parametrize("seconds", [0, -0.5])
def test_a_call_without_time_is_not_made(bounded: Any, seconds: float) -> None:
    with pytest.raises(TimeoutError, match="no answer within the time"):
        bounded(seconds, lambda: pytest.fail("made"))
