"""Callers of REST APIs that IAM admits: signatures made for another service, and denials in the API's own shape."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from local.emulator.base.internals import inside, replace

_V1 = "services.apigateway_v1"
_SCOPE = re.compile(r"\bCredential=[^/\s,]+/\d{8}/[^/]+/([^/]+)/aws4_request")
_SERVICE, _FORBIDDEN = "execute-api", 403
WRONG_SCOPE = f"Credential should be scoped to correct service: '{_SERVICE}'. "
"""As callers report it (aws-sdk-js 4097); the emulator computes a signature for whatever service it names."""
Enforce = Callable[..., Any]


def install() -> None:
    """Ask for whom a signature was made, and give a denial the API's gateway response."""
    replace("app", "_enforce_execute_api", _enforcing)


def _enforcing(original: Enforce) -> Enforce:
    def enforce(
        api: str, stage: str, method: str, path: str, headers: dict[str, str], query: dict[str, Any], **options: Any
    ) -> Any:
        signed = _SCOPE.search(f"{headers.get('authorization', '')} Credential={_presigned(query)}")
        kind = inside(_V1, "method_authorization_type")(api, stage, method, path)
        if kind == "AWS_IAM" and signed and signed[1] != _SERVICE:
            return _refusal(api, stage, ("INVALID_SIGNATURE", WRONG_SCOPE, "InvalidSignatureException"), headers, query)
        denied = original(api, stage, method, path, headers, query, **options)
        if kind != "AWS_IAM" or not denied or denied[0] != _FORBIDDEN or "x-amzn-ErrorType" in denied[1]:
            return denied
        return _refusal(api, stage, ("ACCESS_DENIED", _words(denied[2])), headers, query)

    return enforce


def _presigned(query: Mapping[str, Any]) -> str:
    """The credential of a signature in the query."""
    given = query.get("X-Amz-Credential") or ""
    return str(given[0] if isinstance(given, list) else given)


def _words(body: bytes) -> str | None:
    """The sentence of a denial, under whichever name a service has it."""
    error: Mapping[str, Any] = json.loads(body)
    return error.get("message") or error.get("Message")


def _refusal(
    api: str, stage: str, error: tuple[str | None, ...], headers: dict[str, str], query: dict[str, Any]
) -> tuple[int, dict[str, str], bytes]:
    """An error by the templates that the stage's deployment has, or by API Gateway's own."""
    request = {
        "api_id": api, "stage_name": stage, "stage": inside(_V1, "stages_for_api")(api)[stage], "headers": headers,
        "query_params": query, "path_params": {}, "resource_path": "", "request_id": str(uuid4()),
    }  # fmt: skip
    with inside(_V1, "request_scope")(*inside(_V1, "find_api_scope")(api)):
        answered: tuple[int, dict[str, str], bytes] = inside(_V1, "_gateway_error_response")(
            inside(_V1, "_GatewayError")(*error), request
        )
    return answered
