"""One SQS queue."""

import json
from collections.abc import Mapping
from typing import Any, Self

import boto3


class Queue:
    """Sends messages to one queue."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    @classmethod
    def connect(cls, url: str) -> Self:
        """The queue under the credentials of the process."""
        return cls(boto3.client("sqs"), url)

    def send(self, message: Mapping[str, Any], delay_seconds: int) -> None:
        """Send a message that can be received after a delay."""
        self._client.send_message(QueueUrl=self._url, MessageBody=json.dumps(message), DelaySeconds=delay_seconds)
