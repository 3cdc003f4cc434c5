"""A function of the deployment, called once and waited for."""

import json
from collections.abc import Mapping
from typing import Any

from cli.core.deployment import Deployment
from cli.core.errors import CliError

# Longer than a function may take; never sent a second time, for the first may still be at work.
READ_SECONDS = 910
ONCE = {"total_max_attempts": 1, "mode": "standard"}


def call(deployment: Deployment, output: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """What the function, known by the output that names it, makes of an event.

    Raises:
        CliError: it refused or failed; its own error's name is the code.
    """
    client = deployment.client("lambda", read_timeout=READ_SECONDS, retries=ONCE)
    response = client.invoke(FunctionName=deployment.output(output), Payload=json.dumps(event).encode())
    payload = json.loads(response["Payload"].read() or b"null")
    if "FunctionError" in response or not isinstance(payload, dict):
        told = payload if isinstance(payload, dict) else {"errorMessage": payload}
        raise CliError(
            str(told.get("errorMessage") or "the function failed without a reason"),
            code=_snake(str(told.get("errorType") or "FunctionFailed")),
        )
    return payload


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).lstrip("_")
