"""A client of AWS whose network is a list of bodies."""

import json
from functools import cache
from typing import Any

from botocore.awsrequest import AWSResponse

from arbiter.aws.clients import Client
from tests.unit.arbiter.aws.stubs import session


class Wire(Client):
    """A deployed client, parsers and all, that is answered with one body after another, the last one for ever."""

    def __init__(self, service: str) -> None:
        super().__init__(session(), service)
        self.replies: list[tuple[int, bytes]] = []
        self.sent: list[dict[str, Any]] = []
        self._client = session().create_client(service, region_name="us-east-1")
        self._client.meta.events.register("before-send", self._send)

    def play(self, *bodies: bytes | object, status: int = 200) -> "Wire":
        """Answer with these from now on; what is not bytes is sent as JSON."""
        encoded = (body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies)
        self.replies, self.sent = [(status, body) for body in encoded], []
        return self

    def _send(self, request: Any, **_: Any) -> AWSResponse:
        self.sent.append(json.loads(request.body))
        status, body = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        response = AWSResponse(request.url, status, {}, None)
        response._content = body
        return response


@cache
def wire(service: str) -> Wire:
    """One for all tests: making a client takes longer than a hundred calls of it."""
    return Wire(service)
