"""The console's HTTP server: one page, a few calls behind a token, and opened pages; on 127.0.0.1 alone."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cli.console.backend import Backend
from cli.console.protection import Protection, RefusedError, length_of, object_in
from cli.console.streaming import EVENTS, Parts
from cli.core.errors import CliError
from cli.core.output import as_cli_error
from cli.reporting.page import TEMPLATES as REPORT

PAGE = Path(__file__).parent / "page"
SCRIPTS = ("dom.js", "asking.js", "records.js", "console.js")
SECONDS = 30
"""Longest time between two bytes of a request."""
COMMON = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
OPENED = "sandbox allow-scripts allow-popups allow-modals; frame-ancestors 'none'"
"""Policy of an opened report: of an origin of its own, so that nothing in it reaches the console. It has its own
policy beside this one, which lets it load nothing."""


@dataclass(frozen=True)
class Response:
    """An HTTP response before it is sent."""

    status: int
    type: str
    body: bytes | Parts
    """A whole one, or its parts as they come."""
    policy: str = "default-src 'none'"


class Console:
    """Answers requests; everything that is refused or fails is a JSON object with a sentence."""

    def __init__(self, backend: Backend, protection: Protection) -> None:
        self._backend, self._protection = backend, protection
        self._opened: dict[str, tuple[str, str]] = {}
        self._calls: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any] | Parts]] = {
            "about": lambda _: backend.about(),
            "ask": backend.ask,
            "rate": backend.rate,
            "documents": lambda _: backend.documents(),
            "trainings": lambda _: backend.trainings(),
            "evaluations": lambda _: backend.evaluations(),
            "open": self._open,
        }

    def get(self, path: str, headers: Mapping[str, str]) -> Response:
        """The page itself, which holds nothing of the deployment, or a page that was opened from it."""
        return self._answered(lambda: self._got(path, headers))

    def post(self, path: str, headers: Mapping[str, str], read: Callable[[int], bytes]) -> Response:
        """The result of one call of the page."""
        return self._answered(lambda: self._posted(path, headers, read))

    def _got(self, path: str, headers: Mapping[str, str]) -> Response:
        self._protection.require_own_page(headers)
        if path == "/":
            return self._page
        ticket = path.removeprefix("/open/")
        if ticket not in self._opened:
            raise RefusedError(404, "There is no such page. Open it again from the console.")
        return Response(200, HTML, self._backend.page(*self._opened[ticket]).encode("utf-8", "replace"), OPENED)

    def _posted(self, path: str, headers: Mapping[str, str], read: Callable[[int], bytes]) -> Response:
        self._protection.require_own_page(headers)
        self._protection.require_token(headers)
        call = self._calls.get(path.removeprefix("/api/"))
        if call is None:
            raise RefusedError(404, "The console has no such call.")
        result = call(object_in(read(length_of(headers))))
        return _json(200, result) if isinstance(result, Mapping) else Response(200, EVENTS, result)

    def _open(self, wanted: Mapping[str, Any]) -> Mapping[str, Any]:
        """An address under which a page can be opened in a tab of its own, and which nobody can guess."""
        ticket = secrets.token_urlsafe(32)
        self._opened[ticket] = str(wanted.get("kind")), str(wanted.get("name"))
        return {"path": f"/open/{ticket}"}

    @staticmethod
    def _answered(answer: Callable[[], Response]) -> Response:
        try:
            return answer()
        except RefusedError as refused:
            return _json(refused.status, CliError(str(refused), code="refused").to_object())
        except Exception as error:
            return _json(502, as_cli_error(error).to_object())

    @cached_property
    def _page(self) -> Response:
        style = (REPORT / "report.css").read_text(encoding="utf-8") + (PAGE / "console.css").read_text(encoding="utf-8")
        script = "".join((PAGE / name).read_text(encoding="utf-8") for name in SCRIPTS)
        page = (
            (PAGE / "console.html")
            .read_text(encoding="utf-8")
            .replace("/* style */", style)
            .replace("/* script */", script)
        )
        policy = (
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; connect-src 'self'; "
            "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'"
        )
        return Response(200, HTML, page.encode(), policy)


HTML = "text/html; charset=utf-8"


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _json(status: int, value: Mapping[str, Any]) -> Response:
    return Response(status, "application/json", json.dumps(value, default=str).encode())


class Server(ThreadingHTTPServer):
    """A console that listens on a port of 127.0.0.1; the port is closed when its context ends.

    Raises:
        CliError: the port is taken.
    """

    def __init__(self, backend: Backend, port: int = 0) -> None:
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise CliError(f"Port {port} cannot be used: {error.strerror}. Try another --port.", code="port") from error
        protection = Protection.new(self.server_port)
        self.url, self.console = protection.url, Console(backend, protection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a connection that the browser closed in the middle; everything else is told on its page."""

    def until_interrupted(self) -> None:
        """Serve until the person presses Ctrl-C, which is how a console ends."""
        with suppress(KeyboardInterrupt):
            self.serve_forever()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    timeout = SECONDS
    server: Server

    def do_GET(self) -> None:
        self._send(self.server.console.get(self.path, self._headers))

    def do_POST(self) -> None:
        self._send(self.server.console.post(self.path, self._headers, self.rfile.read))

    @property
    def _headers(self) -> dict[str, str]:
        # By the names that the checks use, however the browser spells them.
        return {name.title(): value for name, value in self.headers.items()}

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        headers = {**COMMON, "Content-Type": response.type, "Content-Security-Policy": response.policy}
        body = response.body
        length = {"Content-Length": str(len(body))} if isinstance(body, bytes) else {}
        for name, value in {**headers, **length}.items():
            self.send_header(name, value)
        self.end_headers()
        if isinstance(body, bytes):
            self.wfile.write(body)
        else:
            self._stream(body)

    def _stream(self, parts: Parts) -> None:
        """Send each part; the connection ends with the last one, and the page knows by its text whether it was."""
        with closing(parts):  # Where the page was closed, which ends what it asked for, too.
            for part in parts:
                self.wfile.write(part)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the library's own name
        """Log nothing: addresses of opened pages are secrets."""

    def version_string(self) -> str:
        """Name no version of Python."""
        return "arbiter"
