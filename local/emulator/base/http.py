"""Requests, replies and routes of the services added to the emulator."""

import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from local.emulator.base.internals import inside

log = logging.getLogger("arbiter.local")

Reply = tuple[int, dict[str, str], bytes]
ServiceHandler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Reply]]


class ServiceError(Exception):
    """An error as AWS answers it: a code for programs, a message for people, an HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Request:
    """One request to an emulated service."""

    method: str
    path: str
    headers: dict[str, str]
    query: dict[str, Any]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body; an empty object when there is none."""
        try:
            parsed = json.loads(self.raw or b"{}")
        except ValueError as error:
            raise ServiceError("SerializationException", f"the request body is not JSON: {error}") from error
        if not isinstance(parsed, dict):
            raise ServiceError("SerializationException", "the request body is not a JSON object")
        return parsed

    def parameter(self, name: str) -> str | None:
        """A query parameter's first value."""
        value = self.query.get(name)
        return value[0] if isinstance(value, list) else value


Handler = Callable[..., Reply | None]
Route = tuple[str, str, Handler]


def reply(content: Any, status: int = 200) -> Reply:
    """A JSON reply."""
    return status, {"Content-Type": "application/json"}, json.dumps(content, default=str).encode()


def error_reply(error: ServiceError) -> Reply:
    """An error as the AWS SDKs read it."""
    headers = {"Content-Type": "application/json", "x-amzn-errortype": error.code}
    return error.status, headers, json.dumps({"message": error.message, "__type": error.code}).encode()


def serve(service: str, routes: list[Route]) -> None:
    """Put `routes` in front of an emulated service, or make a new service of them.

    A handler gets the request and the groups of its pattern; `None` passes the request on.
    """
    handlers: dict[str, ServiceHandler] = inside("app", "SERVICE_HANDLERS")
    run: Callable[..., Awaitable[Reply | None]] = inside("core.concurrency", "run_reentrant")
    base = handlers.get(service)
    compiled = [(method, re.compile(pattern), handler) for method, pattern, handler in routes]

    async def handle(method: str, path: str, headers: dict[str, str], raw: bytes, query: dict[str, Any]) -> Reply:
        for expected, pattern, handler in compiled:
            match = pattern.match(path) if method == expected else None
            if match:
                request = Request(method, path, headers, query, raw)
                # On a thread of its own: handlers call back into this very server.
                answer = await run(_answer, handler, request, [unquote(group) for group in match.groups()])
                if answer is not None:
                    return answer
        if base is None:
            unknown = ServiceError("UnknownOperationException", f"{service} {method} {path} is not emulated", 404)
            return error_reply(unknown)
        return await base(method, path, headers, raw, query)

    handlers[service] = handle


def _answer(handler: Handler, request: Request, groups: list[str]) -> Reply | None:
    try:
        return handler(request, *groups)
    except ServiceError as error:
        return error_reply(error)
    except ClientError as error:
        # A call made on the caller's behalf was refused: the caller sees that refusal.
        details = error.response["Error"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return error_reply(ServiceError(details["Code"], details["Message"], status))
    except Exception as error:  # the server must answer, and the log must tell
        log.exception("the handler of %s %s failed", request.method, request.path)
        return error_reply(ServiceError("InternalServerException", f"{type(error).__name__}: {error}", 500))
