"""Addresses of gateways, which agents call: for who signs and may; the tools behind them are functions."""

import base64
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from local.emulator.base.http import Reply, ServiceError
from local.emulator.base.identity import assume, client
from local.emulator.base.internals import inside, replace, scope
from local.emulator.edge import gateways
from local.emulator.edge.protocol import Failed, Tool, response_to, tools_of

log = logging.getLogger("arbiter.local")

_ADDRESS = re.compile(re.escape(gateways.PATH) + r"([a-z0-9-]+)/mcp")
_ACTION = "bedrock-agentcore:InvokeGateway"
_MESSAGE_VERSION = "1.0"
_JSON = {"Content-Type": "application/json"}
Respond = Callable[..., Awaitable[Any]]


def install() -> None:
    """Answer at the addresses of gateways, before any service does."""
    replace("app", "_handle_special_data_plane_request", _before)


def _before(original: Respond) -> Respond:
    async def handle(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
        request_id: str,
        *rest: Any,
        **options: Any,
    ) -> Any:
        address = _ADDRESS.fullmatch(path)
        if address is None:
            return await original(method, path, headers, body, query, request_id, *rest, **options)
        account, region = scope()
        arn = f"arn:aws:bedrock-agentcore:{region}:{account}:gateway/{address[1]}"
        enforce = inside("app", "_enforce_data_plane")
        denied = enforce(gateways.SERVICE, _ACTION, headers, query, request_id, resource_arn=arn, named_resource=arn)
        if denied:
            return denied
        if method != "POST":
            # Specification, *transports*: a server without a stream or a session of its own says so.
            return 405, {**_JSON, "Allow": "POST"}, b'{"message":"Method Not Allowed"}'
        run = inside("core.concurrency", "run_reentrant")
        return await run(_answer, address[1], body, request_id)

    return handle


def _answer(identifier: str, body: bytes, request_id: str) -> Reply:
    try:
        gateway = gateways.gateway(identifier)
    except ServiceError as error:
        return error.status, dict(_JSON), json.dumps({"message": error.message}).encode()
    response = response_to(
        body, gateway, tools_of(gateways.targets(identifier)),
        lambda tool, given, message: _invoke(gateway, tool, given, message, request_id),
    )  # fmt: skip
    return (202, {}, b"") if response is None else (200, dict(_JSON), json.dumps(response).encode())


def _invoke(gateway: Mapping[str, Any], tool: Tool, given: Mapping[str, Any], message: Any, request_id: str) -> str:
    """Call a tool's function: arguments are its event, and its client context says which tool it is.

    The names are those of the developer guide, *gateway-add-target-lambda*.

    Raises:
        Failed: the role may not, or the function failed.
    """
    fields = {
        "bedrockAgentCoreMessageVersion": _MESSAGE_VERSION,
        "bedrockAgentCoreAwsRequestId": request_id,
        "bedrockAgentCoreMcpMessageId": str(message),
        "bedrockAgentCoreGatewayId": gateway["gatewayId"],
        "bedrockAgentCoreTargetId": tool.target,
        "bedrockAgentCoreToolName": tool.definition["name"],
    }
    try:
        held = assume(gateway["roleArn"], gateways.PRINCIPAL, gateway["gatewayId"], gateway["gatewayArn"])
        answered = client("lambda", held).invoke(
            FunctionName=tool.function,
            Payload=json.dumps(given),
            ClientContext=base64.b64encode(json.dumps({"custom": fields}).encode()).decode(),
        )
    except (ClientError, ServiceError) as error:
        log.warning("gateway %s could not invoke %s: %s", gateway["gatewayId"], tool.function, error)
        raise Failed from error
    payload: str = answered["Payload"].read().decode()
    if "FunctionError" in answered:
        log.warning("gateway %s: %s failed: %s", gateway["gatewayId"], tool.function, payload)
        raise Failed
    return payload
