"""The numbers of a run's records, out of their JSON."""

from collections.abc import Mapping
from functools import cache
from math import isfinite
from sys import intern
from typing import Any

from arbiter.evaluation.numbers.abstention import abstains
from arbiter.evaluation.numbers.records import CRITERIA, Answer, Choice, Failure, Pair, Timing, Verdict, Verdicts
from arbiter.modes import Mode

LONGEST_MESSAGE = 400
GROUNDED = tuple(mode.value for mode in Mode if mode.grounded)


def answer(record: Mapping[str, Any]) -> Answer:
    """The numbers of an answer record.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is none.
    """
    case, arm, throttles = _text(record["case"]["id"]), _text(record["arm"]), int(record.get("throttles") or 0)
    lost = _lost(record)
    if "error" in record:
        return Answer(case, arm, throttles, failure=_failure(record["error"], "unknown"), **lost)
    response, document = record["response"], record["case"].get("document")
    usage, spent, cost = response.get("usage") or {}, response["latency_ms"], response.get("cost_usd")
    citable = bool(document) and response["mode"] in GROUNDED
    return Answer(
        case,
        arm,
        throttles,
        degraded=bool(response.get("degraded")),
        timing=_timing(spent, in_batch=record.get("asked") == "batch"),
        input_tokens=int(usage.get("input_tokens", 0)),
        output_tokens=int(usage.get("output_tokens", 0)),
        cost_usd=_known(cost),
        citable=citable,
        cited=citable and cites(response, document),
        leaked=record.get("leaked") is True,
        abstained=abstains(response.get("answer")),
        **lost,
    )


def _lost(record: Mapping[str, Any]) -> dict[str, Any]:
    """The costs of attempts that failed; former versions kept none, whatever was billed."""
    usd, unsettled = record.get("failed_usd", 0.0), int(record.get("unsettled", "error" in record))
    return {"failed_usd": _known(usd), "unsettled": unsettled}


def _timing(spent: Mapping[str, Any], *, in_batch: bool) -> Timing:
    retrieve = _finite(spent.get("retrieve", 0))
    if in_batch:
        return Timing(retrieve, None, None)
    return Timing(retrieve, _finite(spent.get("generate", 0)), _finite(spent["total"]))


def _finite(value: Any) -> float:
    """A number: NaN, which JSON as Python reads it knows, would make every mean of the run none."""
    if not isfinite(number := float(value)):
        raise ValueError(f"{value!r} is no number")
    return number


def _known(cost: Any) -> float | None:
    return None if cost is None else _finite(cost)


def cites(response: Mapping[str, Any], document: str) -> bool:
    """Whether an answer's citations include a document, named by its key or the end of its key."""
    return any(f"/{citation.get('uri', '')}".endswith(f"/{document}") for citation in response.get("citations", ()))


def verdicts(record: Mapping[str, Any]) -> Verdicts:
    """The numbers of a verdict record; raises as `answer` does."""
    judged = tuple(_verdict(one) for one in record["verdicts"])
    return Verdicts(_text(record["case_id"]), _text(record["arm"]), judged)


def _verdict(one: Mapping[str, Any]) -> Verdict:
    judge, repeat = _text(one["judge"]), int(one.get("repeat", 0))
    if "failure" in one:
        return Verdict(judge, repeat, _failure(one["failure"], "error"), None, (), _spent(one, failed=True))
    given = one["scores"]
    criteria = shared(tuple(None if given.get(name) is None else points(given[name]) for name in CRITERIA))
    return Verdict(judge, repeat, None, points(one["score"]), criteria, _spent(one))


def points(value: Any) -> float:
    """A score. Whole ones are one object each: a large run has a million of them.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 10:
        raise ValueError(f"the score {value!r} is not a number from 0 to 10")
    return _WHOLE[int(value)] if value == int(value) else float(value)


_WHOLE = tuple(map(float, range(11)))


@cache
def shared(criteria: tuple[float | None, ...]) -> tuple[float | None, ...]:
    """The same scores as one object, for the same reason."""
    return criteria


def _spent(one: Mapping[str, Any], *, failed: bool = False) -> float | None:
    """A failure without a cost was never billed; a verdict without one has no known price."""
    cost = one.get("cost_usd", 0.0 if failed else None)
    return _known(cost)


def pair(record: Mapping[str, Any]) -> Pair:
    """The numbers of a record of choices; raises as `answer` does."""
    choices = tuple(_choice(one) for one in record["verdicts"])
    return Pair(_text(record["case_id"]), _text(record["a"]), _text(record["b"]), choices)


def _choice(one: Mapping[str, Any]) -> Choice:
    judge, order = _text(one["judge"]), _text(one["order"])
    if "failure" in one:
        return Choice(judge, order, None, _failure(one["failure"], "error"), _spent(one, failed=True))
    if one["winner"] not in ("a", "b", "tie"):
        raise ValueError(f"the winner {one['winner']!r} is none of a, b and tie")
    return Choice(judge, order, one["winner"], None, _spent(one))


def _failure(failure: Mapping[str, Any], unnamed: str) -> Failure:
    # Each once: the same refusal may stand in every record of a run.
    message = " ".join(str(failure.get("message", "")).split())
    return Failure(intern(str(failure.get("code", unnamed))), intern(message[:LONGEST_MESSAGE]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return intern(value)
