"""Parameters of SSM Parameter Store."""

from typing import Any, Self

import boto3
from botocore.config import Config

from arbiter.tuned_models.service.promotion import Version


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

    def versioned(self, name: str) -> "VersionedParameter":
        """One parameter and its earlier values."""
        return VersionedParameter(self._client, name)


class VersionedParameter:
    """One parameter: Parameter Store numbers its values and keeps the last hundred."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    def read(self, number: int | None = None) -> Version:
        """The value as it is, or an earlier one."""
        name = self._name if number is None else f"{self._name}:{number}"
        parameter = self._client.get_parameter(Name=name)["Parameter"]
        return Version(parameter["Value"], parameter["Version"])

    def write(self, text: str) -> int:
        """Give it a new value; returns that value's number."""
        return int(self._client.put_parameter(Name=self._name, Value=text, Overwrite=True)["Version"])
