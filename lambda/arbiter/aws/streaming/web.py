"""A web application that streams: HTTP as the Lambda Web Adapter speaks it, on loopback.

The adapter hands on what API Gateway and Lambda know of a call in two headers, which callers cannot set (its guide,
*Request & Lambda Context*).
"""

import base64
import json
import sys
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from arbiter.answering.serving.invocation import RESERVE
from arbiter.answering.serving.journal import defect
from arbiter.edge.errors import ClientGone
from arbiter.edge.front import Front, respond_to
from arbiter.edge.streaming.delivery import StreamedCall
from arbiter.log import entry

GATEWAY, INVOCATION = "x-amzn-request-context", "x-amzn-lambda-context"
HOST = "127.0.0.1"
LAST = 0.1
"""Seconds for what is sent once the time is over: the event that says so."""


class Context(NamedTuple):
    """The invocation as Lambda knows it, told as its own context object tells it."""

    aws_request_id: str
    deadline_ms: float
    """Since 1970."""
    now: Callable[[], float]

    def get_remaining_time_in_millis(self) -> float:
        """Milliseconds until Lambda ends it."""
        return self.deadline_ms - self.now() * 1000


class Server(ThreadingHTTPServer):
    """Serves calls until it is told to stop."""

    daemon_threads = True

    def __init__(
        self, port: int, front: Callable[[], Front], *, now: Callable[[], float], write: Callable[[str], None]
    ) -> None:
        super().__init__((HOST, port), _Handler)
        self.front, self.now, self.log = front, now, write

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a connection that was closed in the middle; anything else is a line of the log."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.log(entry("connection failed", level="ERROR", **defect(error)))


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60.0
    """Seconds without a byte: whoever reads no answer for so long is gone."""

    def do_GET(self) -> None:
        """Tell the adapter that calls are served; nobody else comes this way."""
        self._reply({"statusCode": 200, "headers": {}, "body": ""})

    def do_POST(self) -> None:
        """Answer a call."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        context = self._context()
        outlet = _Outlet(self, context)
        call = StreamedCall(event_of(dict(self.headers.items()), body), context, outlet)
        reply = respond_to(call, self.server.front, self.server.log)
        try:
            if outlet.opened:
                outlet.close()
            else:
                self._reply(reply)
        except (ClientGone, OSError):
            self.close_connection = True
        finally:
            self.connection.settimeout(self.timeout)

    def log_message(self, *_: Any) -> None:
        """Write nothing: the front has its own line for every call."""

    def _context(self) -> Context | None:
        context = _json(self.headers.get(INVOCATION))
        deadline = context.get("deadline")
        return Context(str(context.get("request_id")), deadline, self.server.now) if isinstance(deadline, int) else None

    def _reply(self, reply: Mapping[str, Any]) -> None:
        content = str(reply["body"]).encode()
        self.send_response(reply["statusCode"])
        for name, value in {**reply["headers"], "content-length": len(content)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(content)


class _Outlet:
    """The connection of one call, answered in chunks.

    Whoever reads more slowly than Lambda waits is gone before it ends the function: what was written is counted then.
    """

    def __init__(self, handler: _Handler, context: Context | None) -> None:
        self._handler, self._context, self.opened = handler, context, False

    def open(self, headers: Mapping[str, str]) -> None:
        """Begin an answer of status 200."""
        self.opened = True
        self._handler.send_response(200)
        for name, value in {**headers, "transfer-encoding": "chunked"}.items():
            self._handler.send_header(name, value)
        self._send(self._handler.end_headers)

    def write(self, text: str) -> None:
        """Send a part of it."""
        content = text.encode()
        if content:  # An empty chunk would be the end.
            self._send(lambda: self._handler.wfile.write(b"%x\r\n%b\r\n" % (len(content), content)))

    def close(self) -> None:
        """End it."""
        self._send(lambda: self._handler.wfile.write(b"0\r\n\r\n"))

    def _send(self, send: Callable[[], object]) -> None:
        if self._context:
            left = self._context.get_remaining_time_in_millis() / 1000 - RESERVE
            self._handler.connection.settimeout(min(self._handler.timeout, max(LAST, left)))
        try:
            send()
        except OSError as error:
            raise ClientGone("The caller has closed the connection.") from error


def event_of(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """A request of the adapter as the event that a function behind API Gateway gets."""
    context = _json(next((value for name, value in headers.items() if name.lower() == GATEWAY), None))
    return {
        "httpMethod": context.get("httpMethod"),
        "resource": context.get("resourcePath"),
        "headers": headers,
        "requestContext": context,
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def _json(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
