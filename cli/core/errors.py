"""Failures as sentences that a person can act on."""

from collections.abc import Mapping
from typing import Any


class CliError(Exception):
    """A failure with a message for people, and for programs a code and what else is known."""

    def __init__(self, message: str, *, code: str = "failed", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.details = dict(details or {})

    def to_object(self) -> dict[str, Any]:
        """The error as `--json` prints it."""
        return {"error": {"code": self.code, "message": str(self), **self.details}}
