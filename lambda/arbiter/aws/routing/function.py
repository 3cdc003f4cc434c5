"""A Lambda function that is started and not waited for."""

import json
from collections.abc import Mapping
from typing import Any, Self

import boto3


class LaterFunction:
    """Starts one function by its ARN."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client, self._arn = client, arn

    @classmethod
    def connect(cls, arn: str) -> Self:
        """The function under the credentials of the process."""
        return cls(boto3.client("lambda"), arn)

    def start(self, event: Mapping[str, Any]) -> None:
        """Have it invoked with an event; Lambda tries again by itself when it fails."""
        self._client.invoke(FunctionName=self._arn, InvocationType="Event", Payload=json.dumps(event).encode())
