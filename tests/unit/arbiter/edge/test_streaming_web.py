"""The web application on loopback: what the adapter sends comes in, and chunks go out as they are written."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest

from arbiter.aws.streaming.converse import StreamingConverseModel
from arbiter.aws.streaming.web import LAST, Context, Server, _Outlet
from arbiter.edge.errors import ClientGone
from arbiter.edge.streaming.delivery import Events
from tests.unit.arbiter.edge.edge_fakes import EdgeWorld
from tests.unit.arbiter.edge.streams import TEXT, Bedrock, Stream, events

pytestmark = pytest.mark.enable_socket
NOW = 1_800_000_000.0


@contextmanager
def application(world: EdgeWorld, *streams: Stream) -> Iterator[http.client.HTTPConnection]:
    """A connection to the application."""
    model: Any = StreamingConverseModel(Bedrock(list(streams)))  # type: ignore[arg-type]
    world.deliver, world.model = Events, model
    server = Server(0, world.front, now=lambda: NOW, write=world.lines.append)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    connection = http.client.HTTPConnection(*server.server_address[:2], timeout=5)
    yield connection
    connection.close()
    server.shutdown()
    server.server_close()


def post(connection: http.client.HTTPConnection, body: bytes, *, key: str, seconds: float = 20) -> Any:
    """The response to a call as the adapter makes it."""
    context = {"resourcePath": "/v1/chat/completions", "httpMethod": "POST", "requestId": "of the gateway"}
    invocation = {"request_id": "of-lambda", "deadline": int((NOW + seconds) * 1000)}
    headers = {"Authorization": f"Bearer {key}", "x-amzn-request-context": json.dumps(context),
               "x-amzn-lambda-context": json.dumps(invocation)}  # fmt: skip
    connection.request("POST", "/live/v1/chat/completions", body, headers)
    return connection.getresponse()


def test_a_call_is_answered_in_chunks_and_a_refusal_in_one_piece() -> None:
    world = EdgeWorld()
    asked = {"model": "base", "stream": True, "messages": [{"role": "user", "content": "How early?"}]}
    with application(world, Stream(events(*TEXT))) as connection:
        key = world.key()
        connection.request("GET", "/")
        ready = connection.getresponse()
        ready.read()
        streamed = post(connection, json.dumps(asked).encode(), key=key)
        told = streamed.read().decode()
        refusals = [
            (refusal.status, json.loads(refusal.read())["error"]["code"], refusal.headers["x-request-id"])
            for body, secret, seconds in [
                (b"\xff", key, 20), (b"", key, 20), (json.dumps(asked).encode(), "arb-none", 20),
                (json.dumps(asked).encode(), key, 1),
            ]
            for refusal in [post(connection, body, key=secret, seconds=seconds)]
        ]  # fmt: skip

    assert (ready.status, streamed.status) == (200, 200)
    assert streamed.headers["x-request-id"].startswith("of-lambda-")
    assert streamed.headers["transfer-encoding"] == "chunked"
    assert told.endswith("data: [DONE]\n\n")
    assert [refusal[:2] for refusal in refusals] == [
        (400, "invalid_request"), (400, "invalid_request"), (401, "invalid_api_key"), (504, "deadline_exceeded"),
    ]  # fmt: skip
    assert not any("How early" in line for line in world.lines)


def test_a_connection_that_is_closed_in_the_middle_leaves_no_trace(capfd: pytest.CaptureFixture[str]) -> None:
    world = EdgeWorld()
    server = Server(0, world.front, now=lambda: NOW, write=world.lines.append)
    for error in (ConnectionResetError("gone"), RuntimeError("a defect")):
        try:
            raise error
        except Exception:
            server.handle_error(None, None)
    server.server_close()

    assert capfd.readouterr() == ("", "")
    assert [json.loads(line)["exception"] for line in world.lines] == ["RuntimeError"]


def test_who_reads_more_slowly_than_lambda_waits_is_gone_before_it_ends_the_function() -> None:
    class Connection:
        """A connection of which nothing is taken."""

        timeout = 60.0

        def __init__(self) -> None:
            self.connection = self.wfile = self
            self.waited = list[float]()

        def settimeout(self, seconds: float) -> None:
            self.waited.append(seconds)

        def write(self, content: bytes) -> None:
            raise TimeoutError

    slow: Any = Connection()
    for left in (20.0, 200.0, 0.5):
        with pytest.raises(ClientGone):
            _Outlet(slow, Context("of-lambda", (NOW + left) * 1000, lambda: NOW)).write("84 days")
    assert slow.waited == [19.0, 60.0, LAST]
