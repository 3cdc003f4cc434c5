"""Streams of the local AWS as botocore reads them, and what Arbiter makes of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.eventstream import EventStream
from botocore.parsers import create_parser

from arbiter.answering.asked.history import Turn
from arbiter.answering.prompts import Prompt
from arbiter.answering.writer import Generation
from arbiter.aws.streaming.converse import StreamingConverseModel
from arbiter.costs.tokens import Usage
from arbiter.edge.errors import BrokenOff
from arbiter.errors import ArbiterError, BadModelOutput, ModelError, Throttled
from arbiter.modes import Mode
from local.emulator.bedrock.responses import response
from local.emulator.bedrock.streaming import events, frames
from local.emulator.language.model import Answer
from tests.unit.arbiter.aws.stubs import session

ANSWER = "A rope lasts\n four  years."
GENERATION = Generation("amazon.nova-micro-v1:0", Prompt((), (Turn("user", "How long?"),)), 64, None, Mode.BASE)


class Raw:
    """The body of a response, in pieces that end anywhere."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        for at in range(0, len(self._body), 50):
            yield self._body[at : at + 50]

    def close(self) -> None:
        """Nothing is open."""


class Client:
    """Answers ConverseStream with a body, read by botocore's own parser."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def call(self, *_: Any, **__: Any) -> dict[str, Any]:
        model = session().create_client("bedrock-runtime", region_name="us-east-1").meta.service_model
        shape = model.operation_model("ConverseStream").get_event_stream_output()
        parser = create_parser("rest-json")._event_stream_parser
        return {"stream": EventStream(Raw(self._body), shape, parser, "ConverseStream")}


def sent(body: dict[str, Any], *, thinks: bool = False) -> list[bytes]:
    asked = {"messages": [{"role": "user", "content": [{"text": "How long?"}]}], **body}
    whole = response(asked, Answer(ANSWER, []), thinks=thinks)
    return [frames.event(name, content) for name, content in events.events(whole)]


def heard(body: bytes) -> tuple[Any, list[str]]:
    pieces: list[str] = []
    model = StreamingConverseModel(Client(body))  # type: ignore[arg-type]
    return model.stream(GENERATION, 5.0, pieces.append), pieces  # type: ignore[func-returns-value]


@pytest.mark.parametrize("thinks", [False, True])
def test_a_stream_holds_what_converse_would_have_said(thinks: bool) -> None:
    completion, pieces = heard(b"".join(sent({}, thinks=thinks)))
    assert (completion.text, completion.stop_reason) == (ANSWER, "end_turn")
    assert "".join(pieces) == ANSWER
    assert len([piece for piece in pieces if piece]) > 3
    assert completion.usage > Usage(0, 0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("throttlingException", Throttled), ("modelStreamErrorException", ModelError), (None, BadModelOutput)],
)
def test_a_stream_that_breaks_off_tells_why_and_how_much_came(name: str | None, expected: type[ArbiterError]) -> None:
    error = frames.exception(name, "ordered") if name else b""
    with pytest.raises(BrokenOff) as broken:
        heard(b"".join(sent({})[:3]) + error)
    assert type(broken.value.error) is expected
    assert 0 < broken.value.usage.output_tokens < len(ANSWER)


def test_a_tool_is_named_before_its_input() -> None:
    used = {"toolUse": {"toolUseId": "t1", "name": "answer", "input": {"days": 84}}}
    whole = {"output": {"message": {"content": [used]}}, "stopReason": "tool_use", "usage": {}, "metrics": {}}
    body = b"".join(frames.event(name, content) for name, content in events.events(whole))
    read = list(Client(body).call()["stream"])
    assert read[1]["contentBlockStart"]["start"] == {"toolUse": {"toolUseId": "t1", "name": "answer"}}
    assert read[2]["contentBlockDelta"]["delta"] == {"toolUse": {"input": '{"days": 84}'}}
