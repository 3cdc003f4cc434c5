"""A deployment whose API streams to who signs is asked there; every other one as before."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from botocore.credentials import Credentials

from cli.console.backend import DeployedBackend
from cli.console.streaming import EVENTS, SignedApi
from cli.core.errors import CliError
from tests.unit.cli.core.invoked import RESPONSE, answer
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment

pytestmark = pytest.mark.enable_socket
TOLD = b"event: decision\ndata: {}\n\nevent: done\ndata: {}\n\n"
DENIED = {"error": {"message": "User is not authorized", "code": "ACCESS_DENIED"}}
THROTTLED = {"error": {"message": "Too Many Requests", "code": "THROTTLED"}}


class Gate(BaseHTTPRequestHandler):
    """Answers a call as the API does."""

    def do_POST(self) -> None:
        told: Any = self.server
        told.asked.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        status, kind, body = told.reply
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Write nothing."""


@contextmanager
def gate(status: int, content: Any) -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Gate)
    events = isinstance(content, bytes)
    server.reply = (
        status,
        EVENTS if events else "application/json",
        content if events else json.dumps(content).encode(),
    )
    server.asked = []
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def deployment(monkeypatch: pytest.MonkeyPatch, server: Any, **outputs: str) -> StubbedDeployment:
    """A deployment with the API of that server, which takes signatures and streams."""
    for name, value in {"ApiAuth": "iam", "StreamLogGroup": "/aws/lambda/stream", **outputs}.items():
        monkeypatch.setitem(OUTPUTS, name, value)
    monkeypatch.setattr(StubbedDeployment, "api", lambda _: f"http://127.0.0.1:{server.server_port}/live")
    monkeypatch.setattr(StubbedDeployment, "credentials", Credentials("AKIDEXAMPLE", "secret"))
    return StubbedDeployment()


def test_the_events_of_a_signed_question_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with gate(200, TOLD) as server:
        told: Any = DeployedBackend(deployment(monkeypatch, server)).ask({"question": "How heavy?", "mode": "rag"})
        assert b"".join(told) == TOLD
    ((path, headers, body),) = server.asked

    assert path == "/live/ask"
    assert json.loads(body) == {"question": "How heavy?", "mode": "rag", "stream": True}
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/us-east-1/execute-api/aws4_request" in headers["Authorization"]


def test_who_may_not_call_the_api_invokes_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    with gate(403, DENIED) as server:
        stubbed = deployment(monkeypatch, server)
        answer(stubbed, RESPONSE)
        assert DeployedBackend(stubbed).ask({"question": "a", "mode": "rag"}) == {
            "mode": "rag", "response": RESPONSE, "error": None,
        }  # fmt: skip


def test_what_the_api_refuses_is_told_and_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with gate(429, THROTTLED) as server:
        told = DeployedBackend(deployment(monkeypatch, server)).ask({"question": "a", "mode": "rag"})
    assert told == {"mode": "rag", "response": None, "error": THROTTLED["error"]}


def test_an_answer_that_is_not_the_api_s_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for content in ({"message": "Bad Gateway"}, ["no object"]):
        with gate(502, content) as server, pytest.raises(CliError, match="with status 502 and no error"):
            DeployedBackend(deployment(monkeypatch, server)).ask({"question": "a", "mode": "rag"})


@pytest.mark.parametrize("outputs", [{"ApiAuth": "api_key"}, {"ApiAuth": "jwt"}, {"StreamLogGroup": ""}])
def test_an_api_that_takes_no_signatures_or_does_not_stream_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, outputs: dict[str, str]
) -> None:
    with gate(200, TOLD) as server:
        assert SignedApi.of(deployment(monkeypatch, server, **outputs)) is None
