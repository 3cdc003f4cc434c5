"""Delivery of an answer while it is written."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from arbiter.answering.decision import Decision
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Request
from arbiter.answering.retry import Deadline
from arbiter.answering.writer import Model
from arbiter.edge.formats.format import Answered
from arbiter.edge.metering import MeteredModel
from arbiter.errors import ArbiterError
from arbiter.modes import Mode

DELIVERED: Mapping[str, Any] = {"statusCode": 200}
"""The reply to a call whose answer has gone out already."""


class Begun(NamedTuple):
    """An answer before its first piece: all that is known of it then."""

    mode: Mode
    requested_mode: str
    decision: Decision | None
    passages: Sequence[Passage]


class Delivery(Protocol):
    """The way on which one answer goes out while it is written."""

    def meter(self, model: Model, most: int | None) -> MeteredModel:
        """The model, whose tokens are counted while it streams."""

    def streamed(self, meter: MeteredModel, request: Request, deadline: Deadline) -> Model:
        """The model, whose answer goes out as it is written."""

    def stand_on(self, decision: Decision | None, passages: Sequence[Passage]) -> None:
        """Take what the answer stands on, before it is written; the last time counts."""

    def end(self, answered: Answered) -> None:
        """Send what is left of an answer, and its end."""

    def fail(self, error: ArbiterError) -> bool:
        """End an answer that was begun with an error; returns whether it was begun."""
