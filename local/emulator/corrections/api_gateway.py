"""REST APIs as API Gateway serves them: requests validated, size and time limited, functions' policies asked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from local.emulator.base.identity import journal
from local.emulator.base.internals import inside, replace, scope
from local.emulator.corrections import api_streams

SERVICE = "apigateway.amazonaws.com"
LARGEST = 10 * 1024 * 1024
"""Bytes of a request (API Gateway developer guide, *limits*)."""
LONGEST_MS = 29_000
"""Milliseconds that a function may take, where no quota was raised."""
_V1 = "services.apigateway_v1"
_METHOD, _VALIDATOR = "AWS::ApiGateway::Method", "AWS::ApiGateway::RequestValidator"


def install(interpreter: str | None) -> None:
    """Keep the validators that templates make, and check each call of a function.

    Args:
        interpreter: of functions that are web applications.
    """
    table = inside("services.cloudformation.provisioners", "_RESOURCE_HANDLERS")
    table[_METHOD] = {**table[_METHOD], **{name: _validated(table[_METHOD][name]) for name in ("create", "update")}}
    table[_VALIDATOR] = {"create": _create, "update": _update, "delete": _delete}
    replace(_V1, "_invoke_lambda_proxy_v1", lambda original: _limited(original, interpreter))


def _validated(original: Callable[..., Any]) -> Callable[..., Any]:
    """A method made or changed by CloudFormation, whose validator and way of responding are left out."""

    def make(*arguments: Any, **options: Any) -> Any:
        made = original(*arguments, **options)
        properties = arguments[-2]
        resource = inside(_V1, "_resources")[properties["RestApiId"]][properties["ResourceId"]]
        method = resource["resourceMethods"][properties["HttpMethod"]]
        method["requestValidatorId"] = properties.get("RequestValidatorId")
        integration = properties.get("Integration") or {}
        method["methodIntegration"]["responseTransferMode"] = integration.get("ResponseTransferMode", "BUFFERED")
        method["requestParameters"] = {
            name: str(required).lower() == "true" for name, required in method["requestParameters"].items()
        }
        return made

    return make


def _create(logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
    name = f"{stack}-{logical_id}"
    _keep(name, properties)
    return name, {"RequestValidatorId": name}


def _update(name: str, old: dict[str, Any], new: dict[str, Any], *_: Any) -> tuple[str, dict[str, Any]]:
    _keep(name, new)
    return name, {"RequestValidatorId": name}


def _delete(name: str, properties: dict[str, Any]) -> None:
    inside(_V1, "_request_validators").get(properties.get("RestApiId"), {}).pop(name, None)


def _keep(name: str, properties: dict[str, Any]) -> None:
    checks = {
        f"validateRequest{part}": str(properties.get(f"ValidateRequest{part}", False)).lower() == "true"
        for part in ("Body", "Parameters")
    }
    validators = inside(_V1, "_request_validators").setdefault(properties["RestApiId"], {})
    validators[name] = {"id": name, "name": properties.get("Name", ""), **checks}


def _limited(original: Callable[..., Awaitable[Any]], interpreter: str | None) -> Callable[..., Awaitable[Any]]:
    error = inside(_V1, "_gw_error")

    async def invoke(
        integration: dict[str, Any],
        api: str,
        stage_name: str,
        stage: Any,
        resource: dict[str, Any],
        path: str,
        method: str,
        headers: Any,
        body: Any,
        *rest: Any,
        **options: Any,
    ) -> Any:
        if len(body or b"") > LARGEST:
            return error("REQUEST_TOO_LARGE", "Request Too Long")
        streams = integration.get("responseTransferMode") == "STREAM"
        plain = inside(_V1, "_extract_lambda_ref_from_integration_uri")(integration.get("uri", ""))
        function = api_streams.function_of(integration) if streams else plain
        if function is None or not _admitted(function, f"{api}/{stage_name}/{method}{resource['path']}"):
            return error("API_CONFIGURATION_ERROR", "Internal server error")
        if streams:
            event = inside(_V1, "_build_lambda_event_v1")(
                api, stage_name, stage, resource, path, method, headers, body, *rest, **_of_event(options)
            )
            longest = min(int(integration.get("timeoutInMillis") or LONGEST_MS), api_streams.LONGEST_MS)
            return await api_streams.stream(function, event, longest, interpreter)
        call = original(integration, api, stage_name, stage, resource, path, method, headers, body, *rest, **options)
        allowed = min(int(integration.get("timeoutInMillis") or LONGEST_MS), LONGEST_MS)
        try:
            return await asyncio.wait_for(call, allowed / 1000)
        except TimeoutError:
            return error("INTEGRATION_TIMEOUT", "Endpoint request timed out")

    return invoke


def _of_event(options: dict[str, Any]) -> dict[str, Any]:
    names = ("binary_media_types", "authorizer_context", "caller_identity")
    return {name: options[name] for name in names if name in options}


def _admitted(function: str, route: str) -> bool:
    """Whether the function's policy lets API Gateway call it for this route."""
    account, region = scope()
    source = f"arn:aws:execute-api:{region}:{account}:{route}"
    context = inside("core.iam_evaluator", "EvalContext")(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="lambda:InvokeFunction",
        resource_arn=function,
        region=region,
        secure_transport=True,
        service_context={"aws:sourcearn": source, "aws:sourceaccount": account},
    )
    policy = inside("services.lambda_svc", "function_policy_for_arn")(function)
    evaluate = inside("core.iam_evaluator", "evaluate_resource_policy")
    allowed = bool(policy and policy[0]) and evaluate(policy[0], context, service=SERVICE).decision == "Allow"
    journal().record(role=route, action="lambda:InvokeFunction", resource=function, allowed=allowed, via=SERVICE)
    return allowed
