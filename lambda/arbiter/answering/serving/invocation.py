"""One invocation of the router: directly with the request as its event, or through the function URL."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from arbiter import strict_json
from arbiter.answering.request import LONGEST_QUESTION
from arbiter.errors import InvalidRequest, MethodNotAllowed, Problem, TooLarge
from arbiter.fields import shown

LARGEST_BODY = 256 * 1024
"""Bytes of an HTTP body: twice what question, history and schema may take together in ASCII."""
RESERVE = 1.0
"""Seconds kept to send the answer before Lambda ends the function, even after a connection that was slow to open."""
DEFAULT_SECONDS = 60.0
"""The time of an invocation that says nothing of its own."""
RETRY_AFTER = 2
"""Seconds that a caller over HTTP is asked to wait."""

_METHOD = "POST"


class Invocation:
    """The request and time of one invocation, and the form in which it is answered."""

    def __init__(self, event: object, context: object) -> None:
        self._event = event
        self._http = _is_http(event)
        self.request_id: str = getattr(context, "aws_request_id", None) or str(uuid4())
        remaining = getattr(context, "get_remaining_time_in_millis", None)
        self.seconds: float = remaining() / 1000 - RESERVE if remaining else DEFAULT_SECONDS

    def payload(self) -> object:
        """The request, not yet checked.

        Raises:
            MethodNotAllowed: for an HTTP request that is no POST.
            InvalidRequest: for an HTTP body that is no JSON.
            TooLarge: for one that is too long to look at.
        """
        if not self._http or not isinstance(self._event, dict):
            return self._event
        if self._event["requestContext"]["http"].get("method") != _METHOD:
            raise MethodNotAllowed(f"Ask with {_METHOD}, and the request as a JSON object in the body.")
        return parse_body(self._event)

    def reply(self, status: int, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The form in which the caller expects an object."""
        if not self._http:
            return body
        headers = {"content-type": "application/json"}
        if body.get("error", {}).get("retryable"):
            headers["retry-after"] = str(RETRY_AFTER)
        if status == MethodNotAllowed.status:
            headers["allow"] = _METHOD
        return {"statusCode": status, "headers": headers, "body": json.dumps(body)}


def _is_http(event: object) -> bool:
    context = event.get("requestContext") if isinstance(event, dict) else None
    return isinstance(context, dict) and isinstance(context.get("http"), dict)


def parse_body(event: Mapping[str, Any]) -> object:
    """The JSON in the body of an HTTP event.

    Raises:
        InvalidRequest: there is none.
        TooLarge: it is too long to look at.
    """
    body, encoded = event.get("body"), event.get("isBase64Encoded") is True
    if not isinstance(body, str) or not body:
        raise _no_json("is empty")
    if len(body) > LARGEST_BODY * (4 / 3 if encoded else 1):
        raise TooLarge(
            f"The body has more than {LARGEST_BODY:,} bytes. A question has at most {LONGEST_QUESTION:,} characters."
        )
    try:
        text = _decoded(body) if encoded else body.removeprefix("\ufeff")
        return strict_json.loads(text)
    except strict_json.RepeatedKeyError as error:
        raise _no_json(f"gives the field {shown(error.key)} more than once") from None
    except (RecursionError, ValueError) as error:
        raise _no_json(_flaw(error)) from None


def _decoded(body: str) -> str:
    return base64.b64decode(body.encode("ascii", "replace"), validate=True).decode("utf-8-sig")


def _flaw(error: Exception) -> str:
    match error:
        case RecursionError():
            return "is nested too deeply"
        case UnicodeDecodeError():
            return f"is no UTF-8 at byte {error.start}"
        case binascii.Error():
            return "is marked as base64 and is none"
        case json.JSONDecodeError():
            return f"is broken at line {error.lineno}, column {error.colno}: {error.msg}"
        case strict_json.NumberError():
            return str(error)
        case _:  # Python refuses to read integers of more than 4,300 digits.
            return "holds a number that is too long to read"


def _no_json(problem: str) -> InvalidRequest:
    return InvalidRequest([Problem("body", problem, "a JSON object as UTF-8 text")])
