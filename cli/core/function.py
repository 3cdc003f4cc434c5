"""A function of the deployment, called once and waited for."""

import json
from collections.abc import Mapping
from typing import Any

from cli.core.deployment import Deployment
from cli.core.errors import CliError


class FunctionError(CliError):
    """A function refused an event, or failed."""


def call(deployment: Deployment, output: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Invoke the function that an output names, and return its result.

    Raises:
        FunctionError: it refused or failed; its own error's name is the code.
    """
    return invoke(deployment, deployment.output(output), event)


def invoke(deployment: Deployment, name: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Invoke a function by its name or ARN, and return its result.

    Raises:
        FunctionError: as `call` does.
    """
    response = deployment.functions.invoke(FunctionName=name, Payload=json.dumps(event).encode())
    payload = json.loads(response["Payload"].read() or b"null")
    if "FunctionError" in response or not isinstance(payload, dict):
        error = payload if isinstance(payload, dict) else {"errorMessage": payload}
        raise FunctionError(
            str(error.get("errorMessage") or "the function failed without a reason"),
            code=_snake(str(error.get("errorType") or "FunctionFailed")),
        )
    return payload


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
