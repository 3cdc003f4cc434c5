"""A format: how a body is read into the router's request, and how its answer and its errors are written."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from arbiter.answering.answer import Answer
from arbiter.answering.request import Features, Request, parse_request
from arbiter.answering.serving.response import to_object
from arbiter.edge.formats import contract
from arbiter.edge.formats.shapes import Schema, switch
from arbiter.errors import ArbiterError, InvalidRequest, Problem

STREAM = "stream"
"""The field of every format by which an answer is asked for while it is written."""


class Asked(NamedTuple):
    """A body as the router reads it, and what its format adds."""

    payload: Any
    """The router's request, not yet checked."""
    stop: tuple[str, ...] = ()
    """Texts at which the answer ends."""
    echoed: Mapping[str, Any] = {}
    """Fields of the request that its response repeats."""
    stream: bool | None = False
    """Whether the answer is streamed; `None` leaves it to the header Accept."""
    usage: bool = False
    """Whether its usage is sent then, too."""
    names: Mapping[str, str] = {}
    """Fields of the router's request -> as the format calls them; other fields bear the same names."""

    def request(self, features: Features) -> Request:
        """The router's request.

        Raises:
            InvalidRequest: naming every problem, by the format's own names.
        """
        return parse_request(self.payload, features, self._named)

    def _named(self, path: str) -> str:
        for field, name in self.names.items():
            if path == field or path.startswith((f"{field}.", f"{field}[")):
                rest = path[len(field) :]
                return name + rest if rest.startswith(".") else name  # Turns are other items than messages.
        return path


def end_of(text: str, stop: Sequence[str]) -> int | None:
    """The place in a text before the stop text that is complete first, where a model would have ended."""
    ends = [(at + len(one), at) for one in stop if (at := text.find(one)) >= 0]
    return min(ends)[1] if ends else None


class Answered(NamedTuple):
    """An answer on its way out."""

    asked: Asked
    request: Request
    answer: Answer
    request_id: str
    created: int
    """Seconds since 1970."""

    @property
    def text(self) -> str:
        """The answer up to the first stop text."""
        return self.answer.text[: end_of(self.answer.text, self.asked.stop)]

    def extension(self) -> dict[str, Any]:
        """The answer as Arbiter tells it, less what the format has a place for."""
        response = to_object(self.request, self.answer, self.request_id)
        return {name: value for name, value in response.items() if name not in ("answer", "usage")}


class Format(NamedTuple):
    """One format."""

    read: Callable[[object], Asked]
    """Raises `InvalidRequest` with every problem."""
    write: Callable[[Answered], dict[str, Any]]
    fail: Callable[[ArbiterError, str], dict[str, Any]]
    schema: Schema
    """Of the body."""


def _read_own(body: object) -> Asked:
    if not isinstance(body, dict):
        return Asked(body)
    problems: list[Problem] = []
    stream = switch.read(body.get(STREAM, False), STREAM, problems)
    if problems:
        raise InvalidRequest(problems)
    return Asked({name: body[name] for name in body if name != STREAM}, stream=stream if STREAM in body else None)


def _write_own(answered: Answered) -> dict[str, Any]:
    return dict(to_object(answered.request, answered.answer, answered.request_id))


def _fail_own(error: ArbiterError, request_id: str) -> dict[str, Any]:
    return error.to_object(request_id)


OWN = Format(_read_own, _write_own, _fail_own, contract.request(**{STREAM: switch.schema}))
"""Arbiter's own contract."""
