"""The Model Context Protocol as a gateway speaks it: one JSON-RPC message in, its response out.

Sources: the protocol's specification of 2025-06-18 and the AgentCore developer guide, *gateway-using*.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

METHOD_NOT_FOUND, INVALID_REQUEST, INVALID_PARAMS, PARSE_ERROR = -32601, -32600, -32602, -32700
_SEPARATOR = "___"
_INTERNAL = "An internal error occurred. Please retry later."
"""Told of a failed target where debugging is off (developer guide, *gateway-debugging*)."""


class Tool(NamedTuple):
    """A tool of a target, under the name that clients see."""

    target: str
    """The target's id."""
    function: str
    definition: Mapping[str, Any]
    """As the target's schema has it, but for the name."""


class Failed(Exception):  # noqa: N818 - the target's, told to the caller in a result
    """A function could not be invoked, or failed."""


class Refused(Exception):  # noqa: N818 - a response, no fault of this program
    """A message that is answered with an error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


Invoke = Callable[[Tool, Mapping[str, Any], Any], str]
"""The JSON that a tool's function returns for arguments, sent with the message of this id.

Raises:
    Failed: it returns nothing.
"""


def tools_of(targets: Sequence[Mapping[str, Any]]) -> dict[str, Tool]:
    """The tools of a gateway's targets by name (developer guide, *gateway-tool-naming*)."""
    return {
        name: Tool(target["targetId"], function["lambdaArn"], {**definition, "name": name})
        for target in targets
        for function in (target["targetConfiguration"]["mcp"]["lambda"],)
        for definition in function["toolSchema"]["inlinePayload"]
        for name in (f"{target['name']}{_SEPARATOR}{definition['name']}",)
    }


def response_to(
    raw: bytes, gateway: Mapping[str, Any], tools: Mapping[str, Tool], invoke: Invoke
) -> dict[str, Any] | None:
    """The response to a message; `None` to a notification, which has none."""
    try:
        message = json.loads(raw)
    except ValueError:
        return _error(None, Refused(PARSE_ERROR, "Parse error"))
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0" or not isinstance(message.get("method"), str):
        return _error(None, Refused(INVALID_REQUEST, "Invalid request"))
    if "id" not in message:
        return None
    try:
        parameters = message.get("params") or {}
        if not isinstance(parameters, dict):
            raise Refused(INVALID_PARAMS, "The parameters of a request are an object")
        result = _result(message, parameters, gateway, tools, invoke)
    except Refused as refused:
        return _error(message["id"], refused)
    return {"jsonrpc": "2.0", "id": message["id"], "result": result}


def _result(
    message: Mapping[str, Any],
    parameters: Mapping[str, Any],
    gateway: Mapping[str, Any],
    tools: Mapping[str, Tool],
    invoke: Invoke,
) -> dict[str, Any]:
    match message["method"]:
        case "initialize":
            return _initialised(parameters, gateway)
        case "ping":
            return {}
        case "tools/list":
            return {"tools": [tool.definition for tool in tools.values()]}
        case "tools/call":
            return _called(parameters, tools, lambda tool, given: invoke(tool, given, message["id"]))
        case other:
            raise Refused(METHOD_NOT_FOUND, f"Method not found: {other}")


def _initialised(parameters: Mapping[str, Any], gateway: Mapping[str, Any]) -> dict[str, Any]:
    configured = (gateway.get("protocolConfiguration") or {}).get("mcp") or {}
    supported, asked = configured.get("supportedVersions") or ["2025-03-26"], parameters.get("protocolVersion")
    more = {"instructions": configured["instructions"]} if configured.get("instructions") else {}
    return {
        # Specification, *lifecycle*: the client's version where the server knows it, else the server's latest.
        "protocolVersion": asked if asked in supported else max(supported),
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": {"name": gateway["name"], "version": "1.0.0"},
        **more,
    }


def _called(
    parameters: Mapping[str, Any], tools: Mapping[str, Tool], invoke: Callable[[Tool, Mapping[str, Any]], str]
) -> dict[str, Any]:
    tool, given = tools.get(str(parameters.get("name"))), parameters.get("arguments") or {}
    if tool is None:
        raise Refused(INVALID_PARAMS, f"Unknown tool: {parameters.get('name')}")
    if not isinstance(given, dict):
        raise Refused(INVALID_PARAMS, "The arguments of a tool are an object")
    if missing := [name for name in tool.definition["inputSchema"].get("required", ()) if name not in given]:
        raise Refused(INVALID_PARAMS, f"Missing required parameters: {', '.join(missing)}")
    try:
        return {"content": [{"type": "text", "text": invoke(tool, given)}], "isError": False}
    except Failed:
        return {"content": [{"type": "text", "text": _INTERNAL}], "isError": True}


def _error(identifier: Any, refused: Refused) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identifier, "error": {"code": refused.code, "message": str(refused)}}
