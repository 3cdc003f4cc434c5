"""A Lambda function that is started and not waited for."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:  # The function that follows syncs needs none of it.
    from arbiter.answering.serving.shadow import Offers
    from arbiter.aws.clients import Client
    from arbiter.settings.answering import RouterSettings


class LaterFunction:
    """Starts one function by its ARN."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client, self._arn = client, arn

    @classmethod
    def connect(cls, arn: str) -> Self:
        """The function under the credentials of the process."""
        import boto3  # The router has a client of its own.

        return cls(boto3.client("lambda"), arn)

    def start(self, event: Mapping[str, Any]) -> None:
        """Have it invoked with an event; Lambda tries again by itself when it fails."""
        self._client.invoke(FunctionName=self._arn, InvocationType="Event", Payload=json.dumps(event).encode())


def offers_of(settings: "RouterSettings", client: "Client", write: Callable[[str], None]) -> "Offers | None":
    """Where the share of requests that the settings name is handed over; `None` where none is."""
    if settings.shadow_function is None:
        return None
    from arbiter.answering.serving.shadow import Offers

    later = LaterFunction(client.botocore, settings.shadow_function)
    return Offers(settings.shadow_share or 0.0, later.start, write)
