"""Questions put to the deployed router function."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.progress import Progress, silent

MODES = ("base", "rag", "fine_tuned", "combined", "auto")
# Longer than the function may take; never sent a second time, for a second answer is paid for.
READ_SECONDS = 910
ONCE = {"total_max_attempts": 1, "mode": "standard"}


@dataclass(frozen=True)
class Reply:
    """What the router returned in one mode: an answer or an error, as its contract describes them."""

    mode: str
    response: dict[str, Any] | None = None
    error: dict[str, Any] | None = None

    def dump(self) -> dict[str, Any]:
        return asdict(self)

    def failure(self) -> CliError | None:
        """The error as a failure of the command."""
        if self.error is None:
            return None
        rest = {name: value for name, value in self.error.items() if name not in ("code", "message")}
        return CliError(self.error["message"], code=self.error["code"], details=rest)


def ask(deployment: Deployment, request: Mapping[str, Any]) -> Reply:
    """One question.

    Raises:
        CliError: the function itself failed, so that there is neither an answer nor an error object.
    """
    client = deployment.client("lambda", read_timeout=READ_SECONDS, retries=ONCE)
    return _invoke(client, deployment, request)


def ask_all(
    deployment: Deployment,
    request: Mapping[str, Any],
    modes: Sequence[str] = MODES,
    progress: Progress = silent,
) -> list[Reply]:
    """The same question in several modes, one after the other: so the latencies can be compared."""
    client = deployment.client("lambda", read_timeout=READ_SECONDS, retries=ONCE)
    replies: list[Reply] = []
    for mode in modes:
        progress("Asking in every mode", len(replies), len(modes))
        replies.append(_invoke(client, deployment, {**request, "mode": mode}))
    progress("Asking in every mode", len(modes), len(modes))
    return replies


def _invoke(client: Any, deployment: Deployment, request: Mapping[str, Any]) -> Reply:
    alias = deployment.output("RouterAliasArn")
    response = client.invoke(FunctionName=alias, Payload=json.dumps(request).encode())
    payload = json.loads(response["Payload"].read() or b"null")
    if "FunctionError" in response or not isinstance(payload, dict):
        reason = payload.get("errorMessage", payload) if isinstance(payload, dict) else payload
        raise CliError(
            f"The router function failed: {reason}. Its log: {deployment.output('RouterLogGroup')}.",
            code="router_failed",
        )
    mode = str(request.get("mode", "auto"))
    return Reply(mode, error=payload["error"]) if "error" in payload else Reply(mode, response=payload)
