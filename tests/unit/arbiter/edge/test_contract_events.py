"""Answers of Arbiter's own contract as events: the parts of the response as they become known, then the whole of it."""

import json
from typing import Any

import pytest

from arbiter.errors import ModelError, TooLarge
from tests.unit.arbiter.answering.router_fakes import FakeModel
from tests.unit.arbiter.edge.edge_fakes import EdgeWorld
from tests.unit.arbiter.edge.streams import TEXT, Bedrock, Outlet, Stream, ask, events

EVENTS = "text/event-stream"
QUESTION = "How early can a kit be booked?"


def kinds(outlet: Outlet) -> list[str]:
    return [line.removeprefix("event: ") for line in "".join(outlet.parts).split("\n") if line.startswith("event: ")]


def test_parts_come_as_they_are_known_and_the_end_is_the_response_in_one_piece() -> None:
    world = EdgeWorld()
    key, asked = world.key(), {"question": QUESTION, "mode": "auto"}
    _, outlet = ask(world, Bedrock([Stream(events(*TEXT))]), key, path="/ask", **asked)
    decision, passages, *deltas, done = outlet.events
    world.model = FakeModel(text="".join(TEXT).strip())
    plain = world.call("/ask", {**asked, "stream": False}, key=key).body

    assert kinds(outlet) == ["decision", "passages", *["delta"] * len(deltas), "done"]
    assert outlet.headers["content-type"] == EVENTS
    assert len(deltas) > 3
    assert "".join(one["text"] for one in deltas) == done["answer"] == plain["answer"]
    assert passages["citations"] == done["citations"] == plain["citations"] != []
    told = ("mode", "requested_mode", "decision")
    assert {name: decision[name] for name in told} == {name: plain[name] for name in told}
    assert (done.keys(), done["usage"], done["cost_usd"]) == (plain.keys(), plain["usage"], plain["cost_usd"])
    assert decision["request_id"] == done["request_id"]


@pytest.mark.parametrize("failure", [TooLarge("long"), ModelError("broken")])
def test_what_is_told_before_the_first_piece_is_what_the_answer_stands_on_in_the_end(failure: Exception) -> None:
    class Refusing(Bedrock):
        def call(self, operation: str, *rest: Any, **parameters: Any) -> dict[str, Any]:
            if not self.calls:
                self.calls.append(parameters)
                raise failure
            return super().call(operation, *rest, **parameters)

    world = EdgeWorld()
    _, outlet = ask(world, Refusing([Stream(events(*TEXT)) for _ in range(2)]), world.key(), path="/ask",
                    mode="combined", degrade=True)  # fmt: skip
    decision, passages, *_, done = outlet.events

    assert done["degraded"]
    assert (decision["mode"], passages["citations"]) == (done["mode"], done["citations"])


def test_an_answer_in_one_piece_has_all_its_events() -> None:
    world = EdgeWorld()
    _, outlet = ask(world, Bedrock([]), world.key(), path="/ask", mode="rag", format={"type": "json"})

    assert kinds(outlet) == ["decision", "passages", "delta", "done"]
    assert json.loads(outlet.events[2]["text"]) == json.loads(outlet.events[3]["answer"]) == {"days": 84}
    assert outlet.events[1]["citations"] == outlet.events[3]["citations"] != []


@pytest.mark.parametrize(
    ("accept", "stream", "streams"),
    [
        (EVENTS, None, True),
        ("Text/Event-Stream; charset=utf-8", None, True),
        (f"application/json, {EVENTS}", None, False),
        (f"{EVENTS}, */*", None, False),
        (EVENTS, False, False),
        (None, None, False),
    ],
)
def test_who_takes_events_alone_gets_them_unless_the_body_says_otherwise(
    accept: str | None, stream: bool | None, streams: bool
) -> None:
    bedrock = Bedrock([Stream(events(*TEXT))])
    world = EdgeWorld()
    _, outlet = ask(world, bedrock, world.key(), path="/ask", accept=accept, stream=stream)

    assert bool(outlet.parts) == streams == (not bedrock.streams)


def test_a_stream_that_is_no_switch_and_one_that_is_not_deployed_are_refused_before_anything_is_bought() -> None:
    world = EdgeWorld()
    key = world.key()
    for stream in ("yes", 1, None, True):
        refused = world.call("/ask", {"question": QUESTION, "stream": stream}, key=key)
        assert (refused.status, refused.error["code"], world.bought) == (400, "invalid_request", False)
        assert "stream" in refused.error["message"]
