"""Questions put to the deployed router function."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from arbiter.answering.serving.document import Response
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.function import FunctionError, call
from cli.core.progress import Progress, silent

MODES = ("base", "rag", "fine_tuned", "combined", "auto")


@dataclass(frozen=True)
class Reply:
    """An answer of the router in one mode, or its error, as its contract describes them."""

    mode: str
    response: Response | None = None
    error: dict[str, Any] | None = None

    def dump(self) -> dict[str, Any]:
        return asdict(self)

    def require_response(self) -> Response:
        """The answer.

        Raises:
            CliError: there is none; it tells the router's error.
        """
        if self.response is not None:
            return self.response
        error = dict(self.error or {})
        raise CliError(error.pop("message"), code=error.pop("code"), details=error)


def ask(deployment: Deployment, request: Mapping[str, Any]) -> Reply:
    """Ask one question.

    Raises:
        CliError: the function itself failed, so that there is neither an answer nor an error object.
    """
    try:
        payload = call(deployment, "RouterAliasArn", request)
    except FunctionError as error:
        raise CliError(
            f"The router function failed: {error}. Its log: {deployment.output('RouterLogGroup')}.",
            code="router_failed",
        ) from error
    mode = str(request.get("mode", "auto"))
    if "error" in payload:
        return Reply(mode, error=payload["error"])
    return Reply(mode, response=cast("Response", payload))


def ask_all(
    deployment: Deployment,
    request: Mapping[str, Any],
    modes: Sequence[str] = MODES,
    progress: Progress = silent,
) -> list[Reply]:
    """Ask the same question in several modes, one after the other: so the latencies can be compared."""
    replies: list[Reply] = []
    for mode in modes:
        progress("Asking in every mode", len(replies), len(modes))
        replies.append(ask(deployment, {**request, "mode": mode}))
    progress("Asking in every mode", len(modes), len(modes))
    return replies


def json_format(schema: Path) -> dict[str, Any]:
    """The format of an answer that fits the JSON schema in a file.

    Raises:
        CliError: it cannot be read, or is no JSON.
    """
    try:
        return {"type": "json", "schema": json.loads(schema.read_text(encoding="utf-8-sig"))}
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"no JSON: {error}"
        raise CliError(f"{schema} cannot be read as a JSON schema ({reason}).", code="bad_schema") from None
