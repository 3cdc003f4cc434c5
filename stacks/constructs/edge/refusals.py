"""API Gateway's own refusals, in the form that the API's clients read."""

import json

from aws_cdk import aws_apigateway as apigateway

RETRY_AFTER = "'2'"
"""Seconds, after a throttled request."""
_WANTED = {"api_key": "a key of this deployment", "jwt": "a token of this deployment's issuer"}
"""By the setting `edge.auth`, what a caller shows in the header Authorization."""


def shape_refusals(api: apigateway.RestApi, auth: str) -> None:
    """Give every refusal of the gate a status, a sentence and a code.

    Args:
        auth: the setting; with `iam` the gate checks signatures itself, and so cannot tell a missing one from a path
            that is not there.
    """
    kinds = apigateway.ResponseType
    _shape(api, kinds.DEFAULT_4_XX, "invalid_request_error")
    _shape(api, kinds.DEFAULT_5_XX, "server_error", retryable=True)
    waits = {"Retry-After": RETRY_AFTER}
    _shape(api, kinds.THROTTLED, "rate_limit_error", status="429", headers=waits, retryable=True)
    body = "The body is no JSON object with the required fields; the API's OpenAPI document names them."
    _shape(api, kinds.BAD_REQUEST_BODY, "invalid_request_error", sentence=body)
    if auth not in _WANTED:
        return
    # The one parameter that is required is the header.
    wanted = f"Send {_WANTED[auth]} in the header Authorization, as a bearer token."
    _shape(api, kinds.BAD_REQUEST_PARAMETERS, "invalid_request_error", status="401", sentence=wanted)
    absent = "There is no such path, or it takes another method."
    _shape(api, kinds.MISSING_AUTHENTICATION_TOKEN, "invalid_request_error", status="404", sentence=absent)


def _shape(
    api: apigateway.RestApi,
    kind: apigateway.ResponseType,
    error_type: str,
    *,
    status: str | None = None,
    sentence: str | None = None,
    headers: dict[str, str] | None = None,
    retryable: bool = False,
) -> None:
    message = json.dumps(sentence) if sentence else "$context.error.messageString"
    fields = f'"message":{message},"type":"{error_type}","param":null,"code":"$context.error.responseType"'
    # Of both forms of errors: a client of `/ask` reads the last two, those of OpenAI's formats the others.
    fields += f',"retryable":{json.dumps(retryable)},"request_id":"$context.requestId"'
    api.add_gateway_response(
        f"On{kind.response_type.title().replace('_', '')}",
        type=kind,
        status_code=status,
        response_headers=headers,
        templates={"application/json": f'{{"error":{{{fields}}}}}'},
    )
