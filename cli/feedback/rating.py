"""A verdict on an answer, sent to the router, whose log keeps it."""

from collections.abc import Mapping
from typing import Any

from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.function import call


def rate(deployment: Deployment, rating: Mapping[str, Any]) -> dict[str, Any]:
    """Send `{"request_id", "rating", "text"?, "question"?, "answer"?}`; returns what was noted, and what is kept.

    Raises:
        CliError: the router refuses it.
    """
    noted = call(deployment, "RouterAliasArn", {"feedback": rating})
    if error := noted.get("error"):
        raise CliError(error["message"], code=error["code"])
    return noted
