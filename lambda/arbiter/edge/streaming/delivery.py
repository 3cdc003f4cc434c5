"""Delivery of an answer as server-sent events, from its first piece on."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Protocol, cast

from arbiter.answering.decision import Decision
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Request
from arbiter.answering.retry import Deadline
from arbiter.answering.writer import Model
from arbiter.edge.delivery import Begun
from arbiter.edge.errors import ClientGone
from arbiter.edge.formats.format import Answered, Asked
from arbiter.edge.http import EVENT_STREAM, Call, named
from arbiter.edge.metering import MeteredModel
from arbiter.edge.streaming.chat import ChatEvents
from arbiter.edge.streaming.contract import ContractEvents
from arbiter.edge.streaming.metering import MeteredStream
from arbiter.edge.streaming.model import StreamedModel, StreamingModel
from arbiter.edge.streaming.responses import ResponseEvents
from arbiter.errors import ArbiterError
from arbiter.modes import Mode

_Kind = type[ChatEvents] | type[ResponseEvents] | type[ContractEvents]
EVENTS: Mapping[str, _Kind] = {
    "/ask": ContractEvents,
    "/v1/chat/completions": ChatEvents,
    "/v1/responses": ResponseEvents,
}
"""By path: how an answer is written as events."""


class Outlet(Protocol):
    """The connection on which a call is answered."""

    def open(self, headers: Mapping[str, str]) -> None:
        """Begin an answer of status 200."""

    def write(self, text: str) -> None:
        """Send a part of it.

        Both raise:
            ClientGone: nobody listens.
        """


class StreamedCall(Call):
    """A call that can be answered while the answer is written."""

    def __init__(self, event: object, context: object, outlet: Outlet) -> None:
        super().__init__(event, context)
        self.outlet = outlet


class Events:
    """One answer on its way out: nothing before its first piece, so that whatever fails until then has its status."""

    def __init__(self, asked: Asked, call: Call, created: int) -> None:
        self._asked, self._call, self._sent = asked, cast("StreamedCall", call), ""
        self._events = EVENTS[call.route[1]](asked, call.request_id, created)
        self._requested, self._begun = "", False
        self._grounds: tuple[Decision | None, Sequence[Passage]] = (None, ())

    def meter(self, model: Model, most: int | None) -> MeteredModel:
        """The model, whose tokens are counted while it streams."""
        return MeteredStream(cast("StreamingModel", model), most=most, stop=self._asked.stop)

    def streamed(self, meter: MeteredModel, request: Request, deadline: Deadline) -> Model:
        """The model, whose answer goes out as it is written; reasoning that stands before an answer does not."""
        self._requested = request.requested_mode
        if request.prompting == "chain_of_thought":
            return meter
        model = cast("StreamingModel", meter)
        return StreamedModel(model, begin=self._begin, tell=self._tell, stop=self._asked.stop, deadline=deadline)

    def stand_on(self, decision: Decision | None, passages: Sequence[Passage]) -> None:
        """Take what the answer stands on, before it is written; the last time counts."""
        self._grounds = decision, passages

    def end(self, answered: Answered) -> None:
        """Send what is left of an answer, and its end."""
        with suppress(ClientGone):  # It was written, and is paid for.
            if not self._begun:
                self.stand_on(answered.answer.decision, answered.answer.passages)
                self._begin(answered.answer.mode)
            if left := answered.text[len(self._sent) :]:
                self._tell(left)
            self._send(self._events.end(answered))

    def fail(self, error: ArbiterError) -> bool:
        """End an answer that was begun with an error; returns whether it was begun."""
        if self._begun:
            with suppress(ClientGone):
                self._send(self._events.fail(error))
        return self._begun

    def _begin(self, mode: Mode) -> None:
        self._begun = True
        modes = {"x-arbiter-mode": mode.value, "x-arbiter-requested-mode": self._requested}
        headers = {**named(self._call.request_id), "content-type": EVENT_STREAM, "cache-control": "no-cache", **modes}
        self._call.outlet.open(headers)
        self._send(self._events.begin(Begun(mode, self._requested, *self._grounds)))

    def _tell(self, text: str) -> None:
        self._sent += text
        self._send(self._events.piece(text))

    def _send(self, events: Iterator[str]) -> None:
        self._call.outlet.write("".join(events))
