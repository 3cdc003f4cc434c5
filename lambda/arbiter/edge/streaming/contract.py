"""The events of an answer in Arbiter's own contract."""

import json
from collections.abc import Iterator
from typing import Any

from arbiter.answering.serving.response import citation
from arbiter.edge.delivery import Begun
from arbiter.edge.formats.format import OWN, Answered, Asked
from arbiter.errors import ArbiterError


class ContractEvents:
    """The parts of a response as they become known, then the whole of it."""

    def __init__(self, asked: Asked, request_id: str, created: int) -> None:
        self._request_id = request_id

    def begin(self, begun: Begun) -> Iterator[str]:
        """The events before the first piece: how it is answered, and from which passages."""
        decision = begun.decision.to_object() if begun.decision else None
        fields = {"request_id": self._request_id, "mode": begun.mode.value, "requested_mode": begun.requested_mode}
        yield _event("decision", {**fields, "decision": decision})
        yield _event("passages", {"citations": [citation(passage) for passage in begun.passages]})

    def piece(self, text: str) -> Iterator[str]:
        """The event of a piece."""
        yield _event("delta", {"text": text})

    def end(self, answered: Answered) -> Iterator[str]:
        """The response, as it is without a stream."""
        yield _event("done", OWN.write(answered))

    def fail(self, error: ArbiterError) -> Iterator[str]:
        """The end of an answer that broke off."""
        yield _event("error", OWN.fail(error, self._request_id))


def _event(kind: str, content: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(content)}\n\n"
