"""Failures as sentences that a person can act on."""

from collections import ChainMap
from collections.abc import Callable, Mapping
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


def together(*reads: Callable[[], Any]) -> list[Any]:
    """The results of several reads of what a person named.

    Raises:
        CliError: naming what is wrong in each of them, with the code of the first.
    """
    results, errors = [], []
    for read in reads:
        try:
            results.append(read())
        except CliError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        details = dict(ChainMap(*(one.details for one in errors)))
        if problems := [problem for one in errors for problem in one.details.get("problems", ())]:
            details["problems"] = problems
        raise CliError(" ".join(map(str, errors)), code=errors[0].code, details=details)
    return results
