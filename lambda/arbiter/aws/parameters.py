"""Parameters of SSM Parameter Store."""

from typing import Any, Self

import boto3
from botocore.config import Config


class Parameters:
    """Reads and writes parameters as text."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def connect(cls) -> Self:
        """The parameters under the credentials of the process."""
        return cls(boto3.client("ssm", config=Config(retries={"mode": "standard", "total_max_attempts": 4})))

    def read(self, name: str) -> str:
        """The value of a parameter."""
        value: str = self._client.get_parameter(Name=name)["Parameter"]["Value"]
        return value

    def write(self, name: str, value: str) -> None:
        """Give an existing parameter a new value."""
        self._client.put_parameter(Name=name, Value=value, Overwrite=True)
