"""Integrations of API Gateway that stream: chunks of a function's response, forwarded as they come."""

import asyncio
import contextvars
import json
import logging
import socket
from http.client import HTTPException, HTTPResponse
from typing import Any
from uuid import uuid4

from local.emulator.base import faults
from local.emulator.base.http import ServiceError
from local.emulator.base.internals import inside
from local.emulator.corrections.web_functions import WebFunction, running

log = logging.getLogger("arbiter.local")

SUFFIX = "/response-streaming-invocations"
"""The end of the address of a function that is called by InvokeWithResponseStream (API Gateway developer guide,
*response-transfer-mode-lambda*)."""
LONGEST_MS = 900_000
"""Milliseconds of a streamed response (the same guide, *response-transfer-mode*)."""
_PIECE = 65_536
_OWN_HEADERS = ("connection", "date", "server", "transfer-encoding")


def function_of(integration: dict[str, Any]) -> str | None:
    """The ARN of the function that an integration calls; `None` where it calls none that can stream."""
    uri = str(integration.get("uri", ""))
    return uri.partition("/functions/")[2].removesuffix(SUFFIX) if uri.endswith(SUFFIX) else None


async def stream(function: str, event: dict[str, Any], allowed_ms: int, interpreter: str | None) -> Any:
    """The reply that forwards a function's response."""
    request_id = str(uuid4())
    try:
        application, response = await asyncio.wait_for(
            asyncio.to_thread(_begin, function, event, request_id, interpreter), allowed_ms / 1000
        )
    except TimeoutError:
        return _refusal(504, "Endpoint request timed out")
    except (ServiceError, HTTPException, OSError) as error:
        log.warning("%s cannot stream: %s", function, error)
        return _refusal(502, "Internal server error")
    headers = {name: value for name, value in response.getheaders() if name.lower() not in _OWN_HEADERS}
    context = contextvars.copy_context()

    async def forward(send: Any, receive: Any) -> None:
        try:
            await _forward(response, send, receive)
        finally:
            await asyncio.to_thread(context.run, application.log, request_id)

    return response.status, headers, inside("core.responses", "StreamingResponse")(forward)


def _begin(
    function: str, event: dict[str, Any], request_id: str, interpreter: str | None
) -> tuple[WebFunction, HTTPResponse]:
    name = function.rpartition(":function:")[2].partition(":")[0]
    record, config = inside("services.lambda_svc", "_get_func_record_for_qualifier")(name, None)
    if record is None:
        raise ServiceError("ResourceNotFoundException", f"Function not found: {function}", 404)
    fault = faults.strike("function", name=name, event=json.dumps(event, default=str))
    killed = ServiceError(
        "Runtime.ExitError", f"RequestId: {request_id} Error: Runtime exited with error: signal: killed"
    )
    if fault is not None and fault.get("when") != "after":
        raise killed
    application = running(config, record["code_zip"], interpreter)
    response = application.send(event, request_id)
    if fault is not None:
        response.read()
        application.log(request_id)
        raise killed
    return application, response


async def _forward(response: HTTPResponse, send: Any, receive: Any) -> None:
    """Send each chunk on. A caller that goes away closes the connection to the application: this machine's choice.

    AWS does not say that a function hears of it; there it may go on until it has answered.
    """
    gone = asyncio.ensure_future(_gone(receive))
    try:
        while True:
            reading = asyncio.ensure_future(asyncio.to_thread(response.read1, _PIECE))
            await asyncio.wait({reading, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                _hang_up(response)
                return
            chunk = reading.result()
            await send({"type": "http.response.body", "body": chunk, "more_body": bool(chunk)})
            if not chunk:
                return
    except (HTTPException, OSError) as error:
        log.warning("a stream was cut: %s", error)  # Its end is not sent: the caller sees that it was cut.
    finally:
        gone.cancel()


async def _gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _hang_up(response: HTTPResponse) -> None:
    raw = getattr(getattr(response.fp, "raw", None), "_sock", None)
    if isinstance(raw, socket.socket):
        raw.shutdown(socket.SHUT_RDWR)


def _refusal(status: int, message: str) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps({"message": message}).encode()
