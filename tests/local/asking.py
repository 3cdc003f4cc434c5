"""Questions put to a deployed router: by invoking it, or through its URL, signed as AWS asks for."""

import http.client
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.local.deployed import Deployed

ROOT = Credentials("test", "test")
"""The account's owner."""
POLL_SECONDS = 0.2


def invoke(deployed: Deployed, request: object) -> dict[str, Any]:
    """What the function returns; it must return, whatever it is given."""
    client = deployed.deployment.client("lambda")
    answered = client.invoke(
        FunctionName=deployed.deployment.output("RouterAliasArn"), Payload=json.dumps(request).encode()
    )
    body = answered["Payload"].read()
    assert "FunctionError" not in answered, body
    response: dict[str, Any] = json.loads(body)
    return response


def post(deployed: Deployed, body: bytes, credentials: Credentials | None = ROOT) -> tuple[int, dict[str, Any]]:
    """HTTP status and body that the function's URL answers; without credentials the request is not signed."""
    url = urlsplit(deployed.deployment.output("RouterUrl"))
    request = AWSRequest("POST", url.geturl(), data=body, headers={"content-type": "application/json"})
    if credentials:
        SigV4Auth(credentials, "lambda", deployed.aws.region).add_auth(request)
    # The name resolves nowhere: the local AWS tells functions apart by the host that a request is for.
    connection = http.client.HTTPConnection("127.0.0.1", deployed.aws.port, timeout=60)
    connection.request("POST", url.path, body=body, headers={**dict(request.headers.items()), "host": url.netloc})
    answered = connection.getresponse()
    content = answered.read()
    connection.close()
    response: dict[str, Any] = json.loads(content)
    return answered.status, response


def cited(response: dict[str, Any]) -> list[str]:
    """The keys of the documents that an answer cites, best first; empty for an error."""
    return [citation["uri"].split("/", 3)[3] for citation in response.get("citations", ())]


def acted(deployed: Deployed, role: str) -> set[str]:
    """The actions that a role was allowed; none may have been denied to it."""
    lines = [json.loads(line) for line in deployed.aws.authorizations.read_text().splitlines()]
    used = {(one["action"], one["decision"]) for one in lines if role in one["role"]}
    assert {decision for _, decision in used} == {"allow"}
    return {action for action, _ in used}


def until(reached: Callable[[], bool], what: str, *, seconds: float, pause: float = POLL_SECONDS) -> float:
    """Wait for something to come about by itself; returns the seconds it took."""
    started = time.monotonic()
    while not reached():
        assert time.monotonic() - started < seconds, f"not within {seconds:g} s: {what}"
        time.sleep(pause)
    return time.monotonic() - started
