"""Feedback on an answer: as a caller gives it, and joined with the records of what was asked and answered."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from arbiter.errors import InvalidRequest, Problem
from arbiter.fields import choice, object_of, optional, text

LONGEST_TEXT = 5_000
MESSAGE = "feedback"


class Feedback(NamedTuple):
    """A caller's verdict on the answer to a request."""

    request_id: str
    rating: Literal["good", "bad"]
    text: str | None = None
    """What was wrong, or the right answer; kept only where texts may be."""


def parse_feedback(payload: object) -> Feedback:
    """Read `{"feedback": {"request_id", "rating", "text"?}}`.

    Raises:
        InvalidRequest: naming every problem at once.
    """
    problems: list[Problem] = []
    fields = _read(payload, "", problems)
    if problems:
        raise InvalidRequest(problems)
    return Feedback(**fields["feedback"])


class Rated(NamedTuple):
    """A question that was answered and rated."""

    question: str
    answer: str
    rating: str
    text: str | None


def joined(records: Iterable[Mapping[str, Any]]) -> list[Rated]:
    """Each answer whose texts were kept with the last feedback on it, in the order in which they were answered."""
    answers: dict[str, Mapping[str, Any]] = {}
    ratings: dict[str, Mapping[str, Any]] = {}
    for record in records:
        if record.get("message") == "answered" and "question" in record:
            answers[record["request_id"]] = record
        elif record.get("message") == MESSAGE:
            ratings[record["request_id"]] = record
    return [
        Rated(one["question"], one["answer"], ratings[name]["rating"], ratings[name].get("text"))
        for name, one in answers.items()
        if name in ratings
    ]


class Pair(NamedTuple):
    """A question that `auto` answered in one mode, and off its caller's path another mode too."""

    question: str
    mode: str
    other: str


def paired(records: Iterable[Mapping[str, Any]]) -> list[Pair]:
    """Each question that was answered twice, of which the texts were kept."""
    told = list(records)
    modes = {one["request_id"]: one["Mode"] for one in told if one.get("message") == "answered" and "question" in one}
    return [
        Pair(one["question"], modes[one["request_id"]], one["mode"])
        for one in told
        if one.get("message") == "shadowed" and "question" in one and one["request_id"] in modes
    ]


_read = object_of(
    {
        "feedback": object_of(
            {
                "request_id": text(longest=100),
                "rating": choice(("good", "bad")),
                "text": optional(text(longest=LONGEST_TEXT)),
            },
            required=("request_id", "rating"),
        )
    },
    required=("feedback",),
)
