"""Documents of an issuer, fetched from a server on this machine: within size and time, without a detour."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from arbiter.aws.edge import published as module
from arbiter.aws.edge.published import LARGEST, published
from arbiter.edge.errors import IssuerUnavailable

pytestmark = pytest.mark.enable_socket
BODIES = {
    "/keys": (200, b'{"keys": []}'),
    "/longest": (200, b'"' + b"x" * (LARGEST - 2) + b'"'),
    "/longer": (200, b'"' + b"x" * (LARGEST - 1) + b'"'),
    "/page": (200, b"<html>"),
    "/deep": (200, b"[" * 100_000),
    "/error": (500, b"{}"),
    "/elsewhere": (302, b"{}"),
}


class Issuer(BaseHTTPRequestHandler):
    ended = Event()

    def do_GET(self) -> None:
        if self.path == "/silent":
            self.ended.wait(60)
            return
        status, body = BODIES[self.path]
        self.send_response(status)
        self.send_header("location", "/keys")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Issuer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        Issuer.ended.set()
        server.shutdown()


def test_a_document_is_read(address: str) -> None:
    assert published(address + "/keys") == {"keys": []}
    assert len(published(address + "/longest")) == LARGEST - 2


@pytest.mark.parametrize("path", ["/longer", "/page", "/deep", "/error", "/elsewhere"])
def test_what_is_no_document_of_the_issuer_is_unavailable(address: str, path: str) -> None:
    with pytest.raises(IssuerUnavailable, match=path):
        published(address + path)


def test_a_silent_issuer_is_not_waited_for(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.1)
    with pytest.raises(IssuerUnavailable, match="TimeoutError"):
        published(address + "/silent")
    with pytest.raises(IssuerUnavailable):
        published("http://127.0.0.1:1/nobody")
