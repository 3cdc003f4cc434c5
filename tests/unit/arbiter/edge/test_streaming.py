"""Answers while they are written: the same as in one piece, never ended in silence, billed as used."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EventStreamError
from urllib3.exceptions import ReadTimeoutError

from arbiter.edge.budgets import Budget, pico
from arbiter.edge.formats.format import end_of
from arbiter.edge.streaming.pieces import Pieces
from arbiter.errors import Throttled
from tests.unit.arbiter.answering.router_fakes import FakeModel
from tests.unit.arbiter.edge.edge_fakes import NOW, EdgeWorld
from tests.unit.arbiter.edge.streams import ASKED, TEXT, WHOLE_ENDS, Bedrock, Outlet, Stream, ask, events

BUDGET = Budget(usd=1.0, tokens=50_000)
WHOLE = "".join(TEXT).strip()


def refused(code: str) -> EventStreamError:
    return EventStreamError({"Error": {"Code": code, "Message": "in the middle"}}, "ConverseStream")


@pytest.mark.parametrize("stop", [(), ("END",), (" before. E", "zzz"), ("\n", "days b", "84 days before"), ("K",)])
@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_pieces_are_the_text_in_one_piece_however_it_is_cut(stop: tuple[str, ...], size: int) -> None:
    text = "".join(TEXT)
    wanted, pieces = WHOLE[: end_of(WHOLE, stop)], Pieces(stop)
    told = "".join(pieces.add(text[at : at + size]) for at in range(0, len(text), size))

    assert wanted.startswith(told)
    assert len(wanted) - len(told) < max([1, *map(len, stop)])


def test_a_streamed_completion_says_what_one_in_one_piece_says() -> None:
    world = EdgeWorld()
    key = world.key(budget=BUDGET)
    reply, outlet = ask(world, Bedrock([Stream(events(*TEXT))]), key, stop="END", model="rag",
                        stream_options={"include_usage": True})  # fmt: skip
    spent = world.table.of(next(iter(world.table.keys)))
    world.model = FakeModel(text=WHOLE)
    plain = world.chat(key, stop="END", model="rag").body
    first, *_, last, usage, done = outlet.events

    assert reply["statusCode"] == 200
    assert outlet.headers["content-type"] == "text/event-stream"
    assert outlet.headers["x-arbiter-mode"] == first["model"] == "rag"
    assert outlet.text == plain["choices"][0]["message"]["content"] == "Kits are booked 84 days before. "
    assert last["choices"][0]["delta"]["annotations"] == plain["choices"][0]["message"]["annotations"]
    assert (last["choices"][0]["finish_reason"], done) == ("stop", "[DONE]")
    assert last["arbiter"].keys() == plain["arbiter"].keys()
    assert (usage["choices"], usage["usage"]) == ([], plain["usage"])
    assert (spent.tokens, spent.pico) == (110, pico(plain["arbiter"]["cost_usd"]))


def test_a_streamed_response_ends_with_the_response_in_one_piece() -> None:
    world = EdgeWorld()
    key, path = world.key(), "/v1/responses"
    _, outlet = ask(world, Bedrock([Stream(events(*TEXT, stop_reason="max_tokens"))]), key, path=path, model="rag")
    world.model = FakeModel(text=WHOLE, stop_reason="max_tokens")
    plain = world.call(path, {"model": "rag", "input": "How early?"}, key=key).body
    kinds = [event["type"] for event in outlet.events]
    last = outlet.events[-1]

    assert kinds[:4] == ["response.created", "response.in_progress", "response.output_item.added",
                         "response.content_part.added"]  # fmt: skip
    assert "".join(event["delta"] for event in outlet.events if event["type"].endswith("text.delta")) == WHOLE
    assert [event["sequence_number"] for event in outlet.events] == list(range(len(kinds)))
    assert kinds[-1] == "response.incomplete"
    same = ("status", "incomplete_details", "usage", "model", "tools")
    assert {name: last["response"][name] for name in same} == {name: plain[name] for name in same}
    assert last["response"]["output"][0]["content"] == plain["output"][0]["content"]


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
def test_an_answer_that_takes_seconds_has_one_time_of_creation(path: str) -> None:
    class Slow(Outlet):
        def write(self, text: str) -> None:
            super().write(text)
            world.at += timedelta(seconds=3)

    world = EdgeWorld()
    _, outlet = ask(world, Bedrock([Stream(events(*TEXT))]), world.key(), path=path, outlet=Slow())
    told = [one.get("response", one) for one in outlet.events if one != "[DONE]"]
    times = {one.get("created", one.get("created_at")) for one in told} - {None}

    assert times == {int(NOW.timestamp())}


@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("error", [refused("modelStreamErrorException"), ConnectionResetError("reset"), None])
def test_a_stream_cut_anywhere_ends_in_an_error_or_a_full_answer_and_is_billed_as_used(
    path: str, error: Exception | None
) -> None:
    sent = events(*TEXT)
    for cut in range(len(sent) + 1):
        world = EdgeWorld()
        key = world.key(budget=BUDGET)
        streams = [Stream(sent[:cut], error) for _ in range(2)]
        reply, outlet = ask(world, Bedrock(streams.copy()), key, path=path)
        told = "".join(outlet.parts)
        spent = world.table.of(next(iter(world.table.keys)))

        if error is None and cut == len(sent):
            assert any(end in told for end in WHOLE_ENDS)
            assert spent.tokens == 110
            continue
        assert streams[0].closed.wait(1)
        if outlet.parts:
            assert outlet.events[-1]["error"]["message"]
            assert not any(end in told for end in WHOLE_ENDS)
        else:
            assert reply["statusCode"] >= 500
            assert json.loads(reply["body"])["error"]["message"]
        assert 0 < spent.tokens < 2_500  # Of 512 tokens that may be written and a prompt of some hundred bytes, twice.
        assert spent.pico > 0


def test_a_socket_whose_clock_rings_first_is_too_late_and_not_cut_off() -> None:
    late = ReadTimeoutError(None, None, "Read timed out.")  # type: ignore[arg-type]
    world, bedrock = EdgeWorld(), Bedrock([Stream(events(*TEXT)[:3], late), Stream(events()[:1], late)])
    key = world.key()
    _, outlet = ask(world, bedrock, key)
    silent, _ = ask(world, bedrock, key)

    assert outlet.events[-1]["error"]["code"] == json.loads(silent["body"])["error"]["code"] == "deadline_exceeded"
    assert bedrock.streams == []


def test_a_call_that_fails_before_its_first_piece_is_made_again_as_without_a_stream() -> None:
    world = EdgeWorld()
    streams = [Stream(events(*TEXT)[:2], refused("throttlingException")), Stream(events(*TEXT))]
    _, outlet = ask(world, Bedrock(streams), world.key())
    assert outlet.text == WHOLE
    assert outlet.events[-1] == "[DONE]"


def test_who_hangs_up_stops_the_model_and_pays_for_what_came() -> None:
    world = EdgeWorld()
    stream, key = Stream(events(*TEXT)), world.key(budget=BUDGET)
    ask(world, Bedrock([stream]), key, outlet=Outlet(leaves_after=2))
    spent, line = world.table.of(next(iter(world.table.keys))), json.loads(world.lines[-1])

    assert stream.closed.wait(1)
    assert (line["error"], line["level"], line["Errors"]) == ("client_gone", "WARN", 0)
    assert 10 < spent.tokens < 512  # Bytes of the prompt and of two pieces, not all that was reserved.


def test_an_answer_without_a_readable_usage_is_no_whole_one_and_nobody_stands_in_for_it() -> None:
    world, sent = EdgeWorld(), events(*TEXT)
    sent[-1]["metadata"]["usage"] = {"inputTokens": "many"}
    bedrock = Bedrock([Stream(sent), Stream(events("another"))])
    _, outlet = ask(world, bedrock, world.key(), model="fine-tuned", arbiter={"degrade": True})
    assert outlet.text == WHOLE
    assert (outlet.events[-1]["error"]["code"], len(bedrock.calls)) == ("bad_model_output", 1)


def test_a_model_that_falls_silent_is_stopped_when_the_time_is_over() -> None:
    world = EdgeWorld()
    stream = Stream(events(*TEXT)[:4], silent=True)
    _, outlet = ask(world, Bedrock([stream]), world.key(), arbiter={"limits": {"max_latency_ms": 150}})
    assert stream.closed.wait(1)
    assert outlet.events[-1]["error"]["code"] == "deadline_exceeded"


def test_nothing_is_sent_before_the_passages_are_there() -> None:
    world = EdgeWorld()
    world.retriever.failures = [Throttled("no"), Throttled("no")]
    reply, outlet = ask(world, Bedrock([Stream(events(*TEXT))]), world.key(), model="rag")
    assert (reply["statusCode"], outlet.parts, outlet.headers) == (429, [], {})


def test_the_reasoning_of_a_model_is_not_sent() -> None:
    world = EdgeWorld()
    thought: Any = {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "Hm."}}}}
    sent = events("84", " days")
    _, outlet = ask(world, Bedrock([Stream([sent[0], thought, *sent[1:]])]), world.key())
    assert outlet.text == "84 days"


def test_json_is_checked_before_it_is_sent() -> None:
    world, form = EdgeWorld(), {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}
    _, outlet = ask(world, Bedrock([]), world.key(), response_format=form)
    assert [json.loads(outlet.text), outlet.events[-1]] == [{"days": 84}, "[DONE]"]


def test_a_guardrail_looks_at_everything_before_it_is_sent() -> None:
    world, bedrock = EdgeWorld(), Bedrock([Stream(events("Not here.", stop_reason="guardrail_intervened"))])
    _, outlet = ask(world, bedrock, world.key(), guardrail="arn:aws:bedrock:us-east-1:1:guardrail/a:1")
    configured = bedrock.calls[0]["guardrailConfig"]
    assert (configured["streamProcessingMode"], configured["guardrailVersion"]) == ("sync", "1")
    assert outlet.events[-2]["choices"][0]["finish_reason"] == "content_filter"


def test_a_deployment_that_does_not_stream_says_so() -> None:
    world = EdgeWorld()
    answered = world.chat(world.key(), stream=True)
    assert (answered.status, answered.error["param"], world.bought) == (400, "stream", False)
    assert world.chat(world.key(), stream_options={"include_usage": True}).error["param"] == "stream_options"
