"""The router's handler, and an endpoint in place of AWS that plays whatever responses it is told to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from arbiter.handlers import router as handler_module
from tests.unit.arbiter.aws.stubs import converse_response

OK = json.dumps(converse_response()).encode()


def http(status: str, body: bytes, *, error: str = "", length: int | None = None) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length or len(body)}\r\n"
    return (head + (f"x-amzn-errortype: {error}\r\n" if error else "") + "\r\n").encode() + body


def failing(status: str, error: str) -> bytes:
    return http(status, json.dumps({"message": f"{error}, says AWS"}).encode(), error=error)


DRIP = b"drip"
HANG, CUT = b"", http("200 OK", OK[:20])
ANSWER = http("200 OK", OK)


class Endpoint(ThreadingHTTPServer):
    """Plays one response after another, the last one for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.plan: list[bytes] = [ANSWER]
        self.calls = 0
        self.closing = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Endpoint

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.calls += 1
        plan = self.server.plan
        response = plan.pop(0) if len(plan) > 1 else plan[0]
        if response == HANG:
            self.server.closing.wait(60)
        if response == DRIP:
            self._drip()
        self.wfile.write(response)

    def _drip(self) -> None:
        """Send one byte after the other, each sooner than any socket's timeout."""
        for byte in ANSWER:
            if self.server.closing.wait(0.1):
                return
            self.wfile.write(bytes([byte]))

    def log_message(self, *_: object) -> None:
        """Not on the tests' standard error."""


@contextmanager
def misbehaving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """The endpoint that the handler is sent to."""
    endpoint = Endpoint()
    threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{endpoint.server_port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "ARBITER_ENVIRONMENT": "test",
        "ARBITER_BASE_MODEL": "amazon.nova-micro-v1:0",
        "ARBITER_KNOWLEDGE_BASE_ID": "KB12345678",
        "ARBITER_TUNED_MODEL_PARAMETER": "in-service",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    handler_module._router.cache_clear()
    yield endpoint
    endpoint.closing.set()
    endpoint.shutdown()
    endpoint.server_close()
    handler_module._router.cache_clear()


def ask(milliseconds: int = 5000, **request: Any) -> Any:
    event = {"question": "How early?", "mode": "base", "limits": {"max_latency_ms": milliseconds}, **request}
    return handler_module.handler(event, None)


def told(status: str, error: str, message: str) -> bytes:
    return http(status, json.dumps({"message": message}).encode(), error=error)
