"""A call of the API as API Gateway hands it to a function, and the reply that it takes."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from arbiter.answering.answer import Answer
from arbiter.answering.request import Request
from arbiter.answering.serving.invocation import RETRY_AFTER, Invocation, parse_body
from arbiter.edge.errors import BudgetSpent, NotAuthenticated
from arbiter.errors import ArbiterError

if TYPE_CHECKING:
    from arbiter.edge.delivery import Delivery

JSON, EVENT_STREAM = "application/json", "text/event-stream"
_SCHEME = "bearer "
_RETRIED = (408, 409, 429)
"""Statuses at which OpenAI's clients ask again, beside those from 500, unless a header says no."""


class Call:
    """One call: its route, its headers, its caller as API Gateway knows it, its body."""

    def __init__(self, event: object, context: object) -> None:
        self._event: Mapping[str, Any] = event if isinstance(event, dict) else {}
        asked = self._event.get("requestContext")
        self._context: Mapping[str, Any] = asked if isinstance(asked, dict) else {}
        invocation = Invocation(event, context)
        self.request_id, self.seconds = invocation.request_id, invocation.seconds
        self.asked: Request | None = None
        """The request, once it is read."""
        self.delivery: Delivery | None = None
        """The way on which its answer goes out, where that is begun before it is written."""
        self.route = (str(self._event.get("httpMethod")), str(self._event.get("resource")))
        headers = self._event.get("headers")
        given = headers.items() if isinstance(headers, dict) else ()
        self.headers = {str(name).lower(): str(value) for name, value in given}

    @property
    def principal(self) -> str | None:
        """The ARN that signed the call, where API Gateway checked a signature."""
        identity = self._context.get("identity")
        return identity.get("userArn") if isinstance(identity, dict) else None

    @property
    def hears_events(self) -> bool:
        """Whether the caller takes server-sent events and nothing else."""
        accepted, _, _ = self.headers.get("accept", "").partition(";")
        return accepted.strip().lower() == EVENT_STREAM

    def body(self) -> object:
        """The JSON in the body.

        Raises:
            InvalidRequest: there is none.
            TooLarge: it is too long to look at.
        """
        return parse_body(self._event)


def bearer(headers: Mapping[str, str], absent: str) -> str:
    """The secret behind `Bearer` in the header Authorization.

    Raises:
        NotAuthenticated: with the sentence `absent`, where nothing does.
    """
    given = headers.get("authorization", "")
    secret = given[len(_SCHEME) :].strip()
    if given[: len(_SCHEME)].lower() != _SCHEME or not secret:
        raise NotAuthenticated(absent)
    return secret


def reply(
    status: int, body: Mapping[str, Any], request_id: str, headers: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """The reply with a JSON body."""
    all_headers = {"content-type": JSON, **named(request_id), **(headers or {})}
    return {"statusCode": status, "headers": all_headers, "body": json.dumps(body)}


def named(request_id: str) -> dict[str, str]:
    """The headers that name a call."""
    return {"x-request-id": request_id, "x-arbiter-request-id": request_id}


def retrying(error: ArbiterError) -> dict[str, str]:
    """Headers that tell a client when to ask again, and not to where that would be in vain."""
    if isinstance(error, BudgetSpent):
        return {"retry-after": str(error.seconds), "x-should-retry": "false"}
    if error.retryable:
        return {"retry-after": str(RETRY_AFTER), "x-should-retry": "true"}
    return {"x-should-retry": "false"} if error.status in _RETRIED or error.status >= 500 else {}


def decision_headers(request: Request, answer: Answer) -> dict[str, str]:
    """The decision and the cost, as headers: only what Arbiter itself writes, no text of anybody."""
    headers = {"x-arbiter-mode": answer.mode.value, "x-arbiter-requested-mode": request.requested_mode}
    if answer.cost_usd is not None:
        headers["x-arbiter-cost-usd"] = f"{answer.cost_usd:.9f}"
    if answer.decision is not None:
        headers["x-arbiter-policy"] = answer.decision.policy
        headers["x-arbiter-grounded"] = f"{answer.decision.grounded.score:.3f}"
        headers["x-arbiter-specialised"] = f"{answer.decision.specialised.score:.3f}"
    if answer.degraded:
        headers["x-arbiter-degraded"] = ",".join(entry.partition(":")[0] for entry in answer.degraded)
    return headers
