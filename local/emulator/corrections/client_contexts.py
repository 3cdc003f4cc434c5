"""Client contexts, by which a caller tells a Lambda function more than its event: the emulator drops them."""

import base64
import contextvars
import json
from collections.abc import Callable
from typing import Any

from local.emulator.base.http import Reply, ServiceError, ServiceHandler, error_reply
from local.emulator.base.internals import inside, replace

_HEADER, _LARGEST = "x-amz-client-context", 3_583
"""Bytes of the header's value (Lambda API, *Invoke*)."""
_LEFT_OUT = '"client_context": None,'
_GIVEN = """"client_context": (lambda told: told and type("ClientContext", (), {
                name: told.get(name) or {} for name in ("custom", "env", "client")
            })())((_ms_ctx.get("durable") or {}).get("client_context")),"""
_context: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("client_context", default=None)


def install() -> None:
    """Give Python functions the client context of each invocation."""
    replace("core.lambda_runtime", "_PYTHON_WORKER_SCRIPT", _giving)
    worker = inside("core.lambda_runtime", "Worker")
    worker.invoke = _carrying(worker.invoke)
    handlers: dict[str, ServiceHandler] = inside("app", "SERVICE_HANDLERS")
    handlers["lambda"] = _reading(handlers["lambda"])


def _giving(script: str) -> str:
    if script.count(_LEFT_OUT) != 1:
        raise SystemExit("the emulator's Lambda worker makes contexts in another way than the tested one")
    return script.replace(_LEFT_OUT, _GIVEN)


def _carrying(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Send the context with what is the invocation's own: the worker leaves alone what it does not know there."""

    def invoke(self: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
        if context := _context.get():
            options["durable"] = {**(options.get("durable") or {}), "client_context": context}
        return original(self, *arguments, **options)

    return invoke


def _reading(original: ServiceHandler) -> ServiceHandler:
    async def handle(method: str, path: str, headers: dict[str, str], raw: bytes, query: dict[str, Any]) -> Reply:
        try:
            _context.set(_read(headers.get(_HEADER)))
        except ServiceError as error:
            return error_reply(error)
        return await original(method, path, headers, raw, query)

    return handle


def _read(header: str | None) -> dict[str, Any] | None:
    if header is None:
        return None
    try:
        context = json.loads(base64.b64decode(header, validate=True)) if len(header) <= _LARGEST else None
    except ValueError:
        context = None
    if not isinstance(context, dict):
        raise ServiceError(
            "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object."
        )
    return context
