"""Bedrock's evaluation jobs as a run uses them."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol


class JobError(Exception):
    """Bedrock refuses, or could not be asked."""

    def __init__(self, code: str, message: str, *, passing: bool) -> None:
        super().__init__(message)
        self.code, self.passing = code, passing


class JobStatus(NamedTuple):
    """A job as Bedrock describes it."""

    status: str
    """InProgress, Completed, Failed, Stopping, Stopped or Deleting, and whatever comes."""
    failures: tuple[str, ...]


class Jobs(Protocol):
    """Creates, describes and stops jobs; raises `JobError`."""

    def create(self, request: Mapping[str, Any]) -> str: ...
    def describe(self, arn: str) -> JobStatus: ...
    def stop(self, arn: str) -> bool: ...
