"""Several calls to AWS at the same time, none of which goes on waiting after Ctrl-C."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Interrupted(RuntimeError):  # noqa: N818 - nothing is wrong
    """The end of a wait, because the person does not want to wait."""


class Workers:
    """Threads that end together."""

    def __init__(self) -> None:
        self._ended = Event()

    def go_on(self) -> bool:
        """Whether nobody has interrupted them."""
        return not self._ended.is_set()

    def sleep(self, seconds: float) -> None:
        """Wait between two looks.

        Raises:
            Interrupted: the person pressed Ctrl-C.
        """
        if self._ended.wait(seconds):
            raise Interrupted

    def each(self, act: Callable[[Item], Result], items: Iterable[Item], *, at_once: int = 8) -> list[Result]:
        """The result of every item, in their order; Ctrl-C ends the waiting of all."""
        with ThreadPoolExecutor(at_once) as pool:
            try:
                return list(pool.map(act, items))
            except Exception:
                raise
            except BaseException:
                self._ended.set()
                raise
