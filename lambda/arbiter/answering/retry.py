"""Time and attempts: the deadline of a request and the one retry loop inside it."""

import random
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

from arbiter.errors import ArbiterError, DeadlineExceeded

T = TypeVar("T")

ATTEMPTS = 2
"""Attempts a call gets: every further one adds to a storm, and may be billed."""
SHORTEST_CALL = 0.05
"""Seconds below which a call is not worth starting."""


class Clock(Protocol):
    """Seconds that never go back."""

    def __call__(self) -> float:
        """The time now."""


class Deadline:
    """The moment by which a request must be answered."""

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._clock = clock
        self._at = clock() + seconds

    def remaining(self) -> float:
        """Seconds left.

        Raises:
            DeadlineExceeded: when too few are left for any call.
        """
        left = self._at - self._clock()
        if left < SHORTEST_CALL:
            raise DeadlineExceeded("The time for this request is over before it could be answered.")
        return left

    def share(self, fraction: float) -> "Deadline":
        """The moment by which that part of the time left is over: the rest is for a fallback."""
        return Deadline(fraction * (self._at - self._clock()), self._clock)

    def allows(self, seconds: float) -> bool:
        """Tell if that many seconds are left."""
        return self._at - self._clock() >= seconds


class Backoff(NamedTuple):
    """Pauses with full jitter: anywhere between nothing and a bound that doubles."""

    first: float = 0.2
    longest: float = 2.0
    sleep: Callable[[float], None] = time.sleep
    fraction: Callable[[], float] = random.random

    def pause(self, failures: int) -> float:
        """Seconds to wait after that many failures."""
        bound: float = min(self.longest, self.first * 2 ** (failures - 1))
        return bound * self.fraction()


class Attempts:
    """The attempts one purpose may take within a deadline."""

    def __init__(self, deadline: Deadline, backoff: Backoff, clock: Clock, allowed: int = ATTEMPTS) -> None:
        self._deadline, self._backoff, self._clock = deadline, backoff, clock
        self._left, self._failures = allowed, 0

    def run(self, call: Callable[[float], T]) -> T:
        """Call with the seconds left, again after a passing failure while attempts and time allow it.

        Raises:
            ArbiterError: the last failure.
        """
        while True:
            timeout = self._deadline.remaining()
            started = self._clock()
            self._left -= 1
            try:
                return call(timeout)
            except ArbiterError as error:
                self._failures += 1
                pause = self._backoff.pause(self._failures)
                if not self._worthwhile(error, pause + self._clock() - started):
                    raise
            self._backoff.sleep(pause)

    @property
    def exhausted(self) -> bool:
        """True when no attempt is left."""
        return self._left <= 0

    def _worthwhile(self, error: ArbiterError, seconds: float) -> bool:
        """Not after a deadline: a model that was too slow has probably been billed."""
        passing = error.retryable and not isinstance(error, DeadlineExceeded)
        return passing and not self.exhausted and self._deadline.allows(seconds + SHORTEST_CALL)
