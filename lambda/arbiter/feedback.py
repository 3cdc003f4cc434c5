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
