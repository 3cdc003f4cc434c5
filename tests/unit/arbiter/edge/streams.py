"""Streams of Bedrock without Bedrock, and callers that read what comes of them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from arbiter.aws.streaming.converse import StreamingConverseModel
from arbiter.edge.errors import ClientGone
from arbiter.edge.front import respond_to
from arbiter.edge.streaming.delivery import Events, StreamedCall
from tests.unit.arbiter.edge.edge_fakes import EdgeWorld

ASKED: Mapping[str, dict[str, Any]] = {
    "/ask": {"mode": "base", "question": "How early?"},
    "/v1/chat/completions": {"model": "base", "messages": [{"role": "user", "content": "How early?"}]},
    "/v1/responses": {"model": "base", "input": "How early?"},
}
WHOLE_ENDS = ("data: [DONE]", "event: response.completed", "event: done")
"""The text in the last event of an answer that is whole, by format."""
TEXT = ("  ", "Kits are ", "booked ", "84 days", " before. ", "END", " of it ")


def events(*texts: str, stop_reason: str = "end_turn") -> list[dict[str, Any]]:
    """The events of a reply, as ConverseStream sends them."""
    deltas = [{"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": text}}} for text in texts]
    usage = {"inputTokens": 100, "outputTokens": 10, "totalTokens": 110}
    return [
        {"messageStart": {"role": "assistant"}},
        *deltas,
        {"contentBlockStop": {"contentBlockIndex": 0}},
        {"messageStop": {"stopReason": stop_reason}},
        {"metadata": {"usage": usage, "metrics": {"latencyMs": 1}}},
    ]


@dataclass
class Stream:
    """The body of a response: its events, then nothing, an error, or silence for ever."""

    events: list[dict[str, Any]]
    error: Exception | None = None
    silent: bool = False
    closed: Event = field(default_factory=Event)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        yield from self.events
        if self.error:
            raise self.error
        if self.silent:
            self.closed.wait(5)

    def close(self) -> None:
        self.closed.set()


@dataclass
class Bedrock:
    """A client that answers each call with the next stream."""

    streams: list[Stream]
    calls: list[dict[str, Any]] = field(default_factory=list)

    def call(self, operation: str, *_: Any, **parameters: Any) -> dict[str, Any]:
        self.calls.append(parameters)
        if operation == "converse_stream":
            return {"stream": self.streams.pop(0)}
        used = {"toolUse": {"input": {"days": 84}}}
        return {"output": {"message": {"content": [used]}}, "stopReason": "tool_use", **events()[-1]["metadata"]}


@dataclass
class Outlet:
    """A caller, who may go away after so many parts."""

    leaves_after: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)

    def open(self, headers: Mapping[str, str]) -> None:
        self.headers = headers

    def write(self, text: str) -> None:
        if self.leaves_after is not None and len(self.parts) >= self.leaves_after:
            raise ClientGone("gone")
        self.parts.append(text)

    @property
    def events(self) -> list[Any]:
        """The data of each event; `[DONE]` as it is."""
        lines = "".join(self.parts).split("\n")
        data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
        return [one if one == "[DONE]" else json.loads(one) for one in data]

    @property
    def text(self) -> str:
        """The text of all pieces of a completion."""
        deltas = (one["choices"][0]["delta"] for one in self.events if one != "[DONE]" and one.get("choices"))
        return "".join(delta.get("content", "") for delta in deltas)


def ask(
    world: EdgeWorld,
    bedrock: Bedrock,
    key: str,
    *,
    path: str = "/v1/chat/completions",
    outlet: Outlet | None = None,
    guardrail: str | None = None,
    accept: str | None = None,
    stream: bool | None = True,
    **fields: Any,
) -> tuple[Mapping[str, Any], Outlet]:
    """The reply to a call that is to be streamed, and what its caller got."""
    world.deliver, outlet = Events, outlet or Outlet()
    world.model: Any = StreamingConverseModel(bedrock, guardrail)  # type: ignore[arg-type]
    asked = {**ASKED[path], **({} if stream is None else {"stream": stream}), **fields}
    headers = {"Authorization": f"Bearer {key}", **({"Accept": accept} if accept else {})}
    event = {"httpMethod": "POST", "resource": path, "body": json.dumps(asked), "headers": headers}
    call = StreamedCall(event, None, outlet)
    return respond_to(call, world.front, world.lines.append), outlet
