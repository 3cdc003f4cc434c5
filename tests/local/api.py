"""The API of a deployment as its clients call it, through the local AWS."""

import http.client
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from arbiter.edge.budgets import Budget
from arbiter.edge.keys import Key, digest_of, new_secret
from cli.keys.table import Table
from tests.local.deployed import Deployed


@dataclass
class Reply:
    """A reply of the API."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])


class Api:
    """The API, and the table of its keys."""

    def __init__(self, deployed: Deployed) -> None:
        self._url, self.table = urlsplit(deployed.deployment.api()), Table(deployed.deployment)

    def key(self, *, modes: tuple[str, ...], budget: Budget) -> str:
        """A new key."""
        secret, now = new_secret(), int(datetime.now(UTC).timestamp())
        self.table.add(Key(f"key-{digest_of(secret)[:8]}", digest_of(secret), modes, {}, budget, now))
        return secret

    def kept(self, secret: str) -> Key:
        """A key as it is kept."""
        return next(key for key in self.table.all() if key.digest == digest_of(secret))

    def call(self, verb: str, path: str, body: Any = None, *, key: str | None) -> Reply:
        """One call."""
        connection = http.client.HTTPConnection(self._url.hostname or "", self._url.port, timeout=60)
        headers = {"content-type": "application/json", **({"authorization": f"Bearer {key}"} if key else {})}
        connection.request(verb, self._url.path + path, None if body is None else json.dumps(body), headers)
        reply = connection.getresponse()
        content = reply.read()
        connection.close()
        return Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, json.loads(content))

    def stream(self, path: str, body: dict[str, Any], *, key: str) -> list[Any]:
        """The data of each event of an answer that is told while it is written; `[DONE]` as it is."""
        connection = http.client.HTTPConnection(self._url.hostname or "", self._url.port, timeout=60)
        headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
        connection.request("POST", self._url.path + path, json.dumps({**body, "stream": True}), headers)
        lines = connection.getresponse().read().decode().split("\n")
        connection.close()
        told = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
        return [one if one == "[DONE]" else json.loads(one) for one in told]

    @staticmethod
    def chat(model: str) -> dict[str, Any]:
        """A chat completion that is asked for."""
        return {"model": model, "messages": [{"role": "user", "content": "Hello!"}], "max_tokens": 50}
