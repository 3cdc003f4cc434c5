"""Clients whose calls are held against botocore's model and answered by its Stubber."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from botocore.session import Session
from botocore.stub import Stubber

from arbiter.aws.clients import Client


class StubbedClient(Client):
    """A client that validates parameters, which the deployed one leaves to these tests."""

    def __init__(self, service: str) -> None:
        super().__init__(session(), service)
        self._client = session().create_client(service, region_name="us-east-1")
        self.stubber = Stubber(self._client)


@cache
def session() -> Session:
    """One for all: it remembers the services' models."""
    session = Session()
    session.set_credentials("test", "test")
    return session


@contextmanager
def stubbed(service: str) -> Iterator[tuple[StubbedClient, Stubber]]:
    """A client of which every expected call must be made."""
    client = StubbedClient(service)
    with client.stubber:
        yield client, client.stubber
        client.stubber.assert_no_pending_responses()


def converse_response(**changes: Any) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": " 84 days. "}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 12, "outputTokens": 3, "totalTokens": 15},
        "metrics": {"latencyMs": 5},
        **changes,
    }
