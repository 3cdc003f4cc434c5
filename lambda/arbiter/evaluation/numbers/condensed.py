"""A batch of a run in numbers alone, written once it is judged: the summary reads it instead of every record."""

import json
from collections.abc import Mapping, Sequence
from sys import intern
from typing import Any, NamedTuple

from arbiter.evaluation.numbers import extraction
from arbiter.evaluation.numbers.extraction import points, shared
from arbiter.evaluation.numbers.records import Answer, Choice, Failure, Pair, Timing, Verdict, Verdicts

Record = Mapping[str, Any]


class Condensed(NamedTuple):
    """The numbers of some cases."""

    cases: tuple[str, ...]
    """All of them, those included that nothing was recorded of."""
    answers: tuple[Answer, ...]
    verdicts: tuple[Verdicts, ...]
    pairs: tuple[Pair, ...]


def condensed_prefix(run: str) -> str:
    return f"evaluations/{run}/condensed/"


def condensed_key(run: str, offset: int) -> str:
    """The key of a batch: with its offset in the file, so that a listing has them in order."""
    return f"{condensed_prefix(run)}{offset:012}.json"


def condense(
    cases: Sequence[str], answers: Sequence[Record], verdicts: Sequence[Record], pairs: Sequence[Record]
) -> Condensed:
    """The numbers of records; raises as the readers of `extraction` do for what is none."""
    return Condensed(
        tuple(cases),
        tuple(map(extraction.answer, answers)),
        tuple(map(extraction.verdicts, verdicts)),
        tuple(map(extraction.pair, pairs)),
    )


def dump(numbers: Condensed, start: str) -> bytes:
    """As they are kept: with the start of the run that they were written in."""
    return json.dumps({"start": start, **numbers._asdict()}, separators=(",", ":")).encode()


def load(content: bytes, start: str) -> Condensed | None:
    """The numbers, unless they are of another start of the run, which may have answered and judged more since."""
    read = json.loads(content)
    if not start or read["start"] != start:
        return None
    return Condensed(
        tuple(map(intern, read["cases"])),
        tuple(map(_answer, read["answers"])),
        tuple(map(_verdicts, read["verdicts"])),
        tuple(map(_pair, read["pairs"])),
    )


def _answer(row: Sequence[Any]) -> Answer:
    case, arm, *values = row
    read = Answer(intern(case), intern(arm), *values)
    if read.failure:
        return read._replace(failure=_failure(read.failure))
    return read._replace(timing=Timing(*read.timing)) if read.timing else read


def _verdicts(row: Sequence[Any]) -> Verdicts:
    case, arm, judged = row
    return Verdicts(intern(case), intern(arm), tuple(map(_verdict, judged)))


def _verdict(row: Sequence[Any]) -> Verdict:
    judge, repeat, failure, score, criteria, cost = row
    given = shared(tuple(None if value is None else points(value) for value in criteria))
    return Verdict(intern(judge), repeat, _failure(failure), None if score is None else points(score), given, cost)


def _pair(row: Sequence[Any]) -> Pair:
    case, a, b, choices = row
    return Pair(intern(case), intern(a), intern(b), tuple(map(_choice, choices)))


def _choice(row: Sequence[Any]) -> Choice:
    judge, order, winner, failure, cost = row
    return Choice(intern(judge), order, winner, _failure(failure), cost)


def _failure(row: Sequence[str] | None) -> Failure | None:
    return Failure(*map(intern, row)) if row else None
