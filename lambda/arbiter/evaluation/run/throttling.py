"""Throttling: told apart from failures, waited out between calls, and kept out of every latency."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from arbiter.answering.prompts import Passage
from arbiter.answering.retrieval import Query, Retriever
from arbiter.answering.writer import Completion, Generation, Model
from arbiter.errors import ArbiterError, DailyQuota, DeadlineExceeded, Throttled

T = TypeVar("T")

ATTEMPTS = 6
"""Attempts of one call within an invocation; the state machine adds longer pauses, and more attempts."""
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 20.0
SHORTEST_PAUSE = 0.1


class OutOfTime(Exception):  # noqa: N818 - no failure: what is left is done by the next invocation
    """Too little of an invocation is left for another call."""


@dataclass
class Tally:
    """The attempts that one result took, and what those that failed cost."""

    attempts: int = 0
    throttles: int = 0
    failed_usd: float | None = 0.0
    """US dollars; `None` when a price is unknown."""
    unsettled: int = 0
    """Calls of a model that told no tokens and may have been billed."""

    def add(self, error: ArbiterError) -> None:
        """Count a failed attempt."""
        usd, unsettled = error.paid
        self.throttles += isinstance(error, Throttled)
        self.failed_usd = None if usd is None or self.failed_usd is None else self.failed_usd + usd
        self.unsettled += unsettled


class Pace:
    """How fast one model is asked: the pause before a call doubles when it throttles and halves when it answers."""

    def __init__(self, sleep: Callable[[float], None], fraction: Callable[[], float]) -> None:
        self._sleep, self._fraction = sleep, fraction
        self._pause = 0.0

    def run(self, call: Callable[[], T], tally: Tally, *, seconds: float, left: Callable[[], float]) -> T:
        """Call, and again after a passing failure; `seconds` is what a call may take, `left` what there is.

        Raises:
            ArbiterError: the last failure.
            OutOfTime: the invocation ends before the next call could.
        """
        for attempt in range(1, ATTEMPTS + 1):
            # At least half of the pause: with full jitter many clients come back at once.
            pause = self._pause * (0.5 + self._fraction() / 2)
            if left() < pause + seconds:
                raise OutOfTime
            if pause:
                self._sleep(pause)
            tally.attempts += 1
            try:
                result = call()
            except ArbiterError as error:
                tally.add(error)
                if attempt == ATTEMPTS or not _passing(error):
                    raise
                self._pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, self._pause * 2))
            else:
                self._pause = self._pause / 2 if self._pause > SHORTEST_PAUSE else 0.0
                return result
        raise AssertionError("unreachable: the last attempt returns or raises")


def _passing(error: ArbiterError) -> bool:
    """Not after a deadline: a model that was too slow has probably been billed."""
    if isinstance(error, Throttled):
        return not isinstance(error, DailyQuota)
    return error.retryable and not isinstance(error, DeadlineExceeded)


class HonestModel:
    """A model whose throttling ends the answer at once: a pause inside it would count as the model's latency."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def generate(self, generation: Generation, timeout: float) -> Completion:
        """Write, within so many seconds."""
        try:
            return self._model.generate(generation, timeout)
        except Throttled as error:
            ending = type(error)(str(error), retryable=False)
            ending.usage = error.usage
            raise ending from error


class HonestRetriever:
    """A knowledge base whose throttling ends the answer at once, for the same reason."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    def retrieve(self, query: Query, timeout: float) -> Sequence[Passage]:
        """Passages for a query, within so many seconds."""
        try:
            return self._retriever.retrieve(query, timeout)
        except Throttled as error:
            raise type(error)(str(error), retryable=False) from error
