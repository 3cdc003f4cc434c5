"""The records of verdicts in the results bucket, by the keys under which they are kept."""

from typing import NotRequired, TypedDict


class Failure(TypedDict):
    """The reason why there is no verdict."""

    code: str
    message: str
    retryable: NotRequired[bool]


class Tokens(TypedDict):
    """Tokens of all the replies that a verdict took."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cache_write_tokens: NotRequired[int]
    """None in records of former versions."""


class Verdict(TypedDict):
    """One verdict of one judge: a grade, a choice between two answers, or a failure."""

    judge: str
    repeat: NotRequired[int]
    """Of a grade."""
    order: NotRequired[str]
    """Of a choice: which answer was shown first."""
    reason: NotRequired[str]
    scores: NotRequired[dict[str, int | None]]
    """By criterion."""
    score: NotRequired[int]
    winner: NotRequired[str]
    repaired: NotRequired[bool]
    """Whether it took a second attempt."""
    failure: NotRequired[Failure]
    usage: NotRequired[Tokens]
    cost_usd: NotRequired[float | None]
    throttles: NotRequired[int]


class Verdicts(TypedDict):
    """All verdicts on one answer, or on one pair of answers."""

    run: str
    case_id: str
    verdicts: list[Verdict]


class AnswerVerdicts(Verdicts):
    """All grades of one answer."""

    arm: str


class PairVerdicts(Verdicts):
    """All choices between two arms' answers to one case."""

    a: str
    b: str
