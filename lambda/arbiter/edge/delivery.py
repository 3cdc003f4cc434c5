"""Delivery of an answer while it is written."""

from collections.abc import Mapping
from typing import Any, Protocol

from arbiter.answering.request import Request
from arbiter.answering.retry import Deadline
from arbiter.answering.writer import Model
from arbiter.edge.formats.format import Answered
from arbiter.edge.metering import MeteredModel
from arbiter.errors import ArbiterError

TOLD: Mapping[str, Any] = {"statusCode": 200}
"""The reply to a call whose answer has gone out already."""


class Delivery(Protocol):
    """The way on which one answer goes out while it is written."""

    def meter(self, model: Model, most: int | None) -> MeteredModel:
        """The model, which is counted while it is heard."""

    def told(self, meter: MeteredModel, request: Request, deadline: Deadline) -> Model:
        """The model, whose answer goes out as it is written."""

    def end(self, answered: Answered) -> None:
        """Send what is left of an answer, and its end."""

    def fail(self, error: ArbiterError) -> bool:
        """End an answer that was begun with an error; returns whether it was begun."""
