"""The numbers of a run's records; the texts of questions, answers and reasons are left behind."""

from collections.abc import Iterable
from typing import NamedTuple

CRITERIA = ("accuracy", "completeness", "relevance", "clarity", "faithfulness")


class Failure(NamedTuple):
    """The reason why there is no answer or verdict."""

    code: str
    message: str
    """For who runs Arbiter; as much of it as a summary has room for."""


class Timing(NamedTuple):
    """Milliseconds of an answer; `None` for what nobody waited for, as a batch inference job did it."""

    retrieve: float
    generate: float | None
    total: float | None


class Answer(NamedTuple):
    """One case answered by one arm, or the reason why not."""

    case: str
    arm: str
    throttles: int
    failure: Failure | None = None
    degraded: bool = False
    timing: Timing | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None
    citable: bool = False
    cited: bool = False
    leaked: bool = False
    """Whether the question stood word for word in what the model was given."""
    abstained: bool = False
    """Whether it says that it does not know."""
    failed_usd: float | None = 0.0
    """US dollars of every attempt that failed, its own where it is a failure; `None` when a price is unknown."""
    unsettled: int = 0
    """Calls of a model that told no tokens and may have been billed."""

    @property
    def in_batch(self) -> bool:
        """Whether a batch inference job gave it."""
        return self.timing is not None and self.timing.total is None


class Verdict(NamedTuple):
    """One judge's verdict on one answer, or the reason why there is none."""

    judge: str
    repeat: int
    failure: Failure | None
    score: float | None
    criteria: tuple[float | None, ...]
    cost_usd: float | None


class Verdicts(NamedTuple):
    """All verdicts on one answer."""

    case: str
    arm: str
    verdicts: tuple[Verdict, ...]


class Choice(NamedTuple):
    """Which of two answers one judge preferred in one order, or the reason why neither."""

    judge: str
    order: str
    winner: str | None
    failure: Failure | None
    cost_usd: float | None


class Pair(NamedTuple):
    """All choices between two arms' answers to one case."""

    case: str
    a: str
    b: str
    choices: tuple[Choice, ...]


def known_sum(costs: Iterable[float | None]) -> float | None:
    """The sum of costs; `None` as soon as one of them is unknown."""
    total = 0.0
    for cost in costs:
        if cost is None:
            return None
        total += cost
    return total
