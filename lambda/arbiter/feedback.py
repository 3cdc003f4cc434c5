"""Feedback on an answer: as a caller gives it, and joined with the records of what was asked and answered."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Literal, NamedTuple

from arbiter.errors import ArbiterError, InvalidRequest, Problem
from arbiter.fields import choice, object_of, optional, text

LONGEST_TEXT = 5_000
LONGEST_ANSWER = 50_000
"""Characters of an answer, and of its question."""
MESSAGE = "feedback"
PREFIXES = ("chatcmpl-", "resp_", "msg_")
"""Before the id of a request in the ids of completions, responses and messages."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")
PREFIX = "feedback/"
"""Of the objects that keep the texts of rated answers, for as long as a setting says."""


class FeedbackUnavailable(ArbiterError):  # noqa: N818 - named as the rest of its tree
    """The texts of feedback, which cannot be kept just now; the rating is not noted either."""

    code = "feedback_unavailable"
    status = 503


class Feedback(NamedTuple):
    """A caller's verdict on the answer to a request."""

    request_id: str
    rating: Literal["good", "bad"]
    text: str | None = None
    """What was wrong, or the right answer; kept only where texts may be."""
    question: str | None = None
    answer: str | None = None
    """What was asked and answered, as the caller has it: kept only where a setting keeps the texts of what is rated."""


def parse_feedback(payload: object) -> Feedback:
    """Read `{"feedback": {"request_id", "rating", "text"?, "question"?, "answer"?}}`.

    Raises:
        InvalidRequest: naming every problem at once.
    """
    problems: list[Problem] = []
    fields = _read(payload, "", problems)
    given = Feedback(**fields["feedback"]) if not problems else None
    if given and (given.question is None) != (given.answer is None):
        missing = "answer" if given.answer is None else "question"
        problems.append(Problem(f"feedback.{missing}", "is missing", "question and answer, or neither"))
    if given is None or problems:
        raise InvalidRequest(problems)
    return given


def key_of(request_id: str) -> str:
    """The key of the object with the texts of a rated answer: a new rating replaces the one before."""
    return f"{PREFIX}{hashlib.sha256(request_id.encode()).hexdigest()}.json"


def body_of(given: Feedback) -> bytes:
    """The object with the texts of a rated answer."""
    return json.dumps(given._asdict(), ensure_ascii=False).encode()


def given_in(body: bytes) -> Feedback | None:
    """The feedback of an object made by `body_of`; `None` of a damaged one."""
    with suppress(InvalidRequest, ValueError):
        return parse_feedback({"feedback": json.loads(body)})
    return None


class Rated(NamedTuple):
    """A question that was answered and rated."""

    question: str
    answer: str
    rating: str
    text: str | None


def joined(records: Iterable[Mapping[str, Any]], kept: Iterable[Feedback] = ()) -> list[Rated]:
    """Each answer whose texts were kept with the last feedback on it, in the order in which they were answered.

    Args:
        records: of the log, which has every rating, and texts where it may.
        kept: feedback with the texts that were kept beside the log.
    """
    answers: dict[str, Mapping[str, Any]] = {}
    ratings: dict[str, Mapping[str, Any]] = {}
    for record in records:
        if record.get("message") == "answered" and "question" in record:
            answers[record["request_id"]] = record
        elif record.get("message") == MESSAGE:
            ratings[record["request_id"]] = record
    rated = {
        name: Rated(one["question"], one["answer"], ratings[name]["rating"], ratings[name].get("text"))
        for name, one in answers.items()
        if name in ratings
    }
    for one in kept:
        if one.question and one.answer:
            rating = ratings.get(one.request_id, {}).get("rating", one.rating)
            rated.setdefault(one.request_id, Rated(one.question, one.answer, rating, one.text))
    return list(rated.values())


class Pair(NamedTuple):
    """A question that `auto` answered in one mode, and off its caller's path another mode too."""

    question: str
    mode: str
    other: str


def paired(records: Iterable[Mapping[str, Any]]) -> list[Pair]:
    """Each question that was answered twice, of which the texts were kept."""
    logged = list(records)
    modes = {one["request_id"]: one["Mode"] for one in logged if one.get("message") == "answered" and "question" in one}
    return [
        Pair(one["question"], modes[one["request_id"]], one["mode"])
        for one in logged
        if one.get("message") == "shadowed" and "question" in one and one["request_id"] in modes
    ]


def _read_id(value: Any, path: str, problems: list[Problem]) -> Any:
    """The id of a request, which is logged as it is; as OpenAI's formats write it, too."""
    named = text(longest=100)(value, path, problems)
    if named is None:
        return None
    bare = next((named[len(prefix) :] for prefix in PREFIXES if named.startswith(prefix)), named)
    if not _ID.fullmatch(bare):
        problems.append(Problem(path, "is the id of no request", "the request_id of an answer"))
    return bare


_read = object_of(
    {
        "feedback": object_of(
            {
                "request_id": _read_id,
                "rating": choice(("good", "bad")),
                "text": optional(text(longest=LONGEST_TEXT)),
                "question": optional(text(longest=LONGEST_ANSWER)),
                "answer": optional(text(longest=LONGEST_ANSWER)),
            },
            required=("request_id", "rating"),
        )
    },
    required=("feedback",),
)
