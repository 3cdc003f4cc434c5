"""A gateway answers what it serves, and refuses by name what it does not."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from local.emulator.edge.protocol import Failed, Tool, response_to, tools_of

SCHEMA = {"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]}
TARGETS = [
    {
        "targetId": "abcdefghij",
        "name": "arbiter",
        "targetConfiguration": {
            "mcp": {
                "lambda": {
                    "lambdaArn": "arn",
                    "toolSchema": {"inlinePayload": [{"name": "ask", "inputSchema": SCHEMA}]},
                }
            }
        },
    }
]
GATEWAY = {
    "name": "arbiter-dev",
    "protocolConfiguration": {"mcp": {"supportedVersions": ["2025-03-26", "2025-06-18"], "instructions": "Ask."}},
}


def sent(message: Any, fails: bool = False) -> Any:
    """The response to a message, from a function that returns what it is given."""

    def invoke(tool: Tool, given: Mapping[str, Any], identifier: Any) -> str:
        if fails:
            raise Failed
        return json.dumps([tool.target, tool.definition["name"], given, identifier])

    raw = message if isinstance(message, bytes) else json.dumps(message).encode()
    return response_to(raw, GATEWAY, tools_of(TARGETS), invoke)


def request(method: str, **parameters: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 7, "method": method, "params": parameters}


@pytest.mark.parametrize(("asked", "agreed"), [("2025-03-26", "2025-03-26"), ("2030-01-01", "2025-06-18")])
def test_a_version_is_agreed_on(asked: str, agreed: str) -> None:
    told = sent(request("initialize", protocolVersion=asked))["result"]
    assert (told["protocolVersion"], told["instructions"], told["serverInfo"]["name"]) == (
        agreed,
        "Ask.",
        "arbiter-dev",
    )


def test_tools_bear_the_names_of_their_targets_and_are_called_by_them() -> None:
    assert sent(request("tools/list"))["result"]["tools"] == [{"name": "arbiter___ask", "inputSchema": SCHEMA}]
    called = sent(request("tools/call", name="arbiter___ask", arguments={"question": "Why?"}))["result"]
    assert json.loads(called["content"][0]["text"]) == ["abcdefghij", "arbiter___ask", {"question": "Why?"}, 7]
    assert called["isError"] is False


def test_of_a_failed_function_only_that_it_failed_is_told() -> None:
    told = sent(request("tools/call", name="arbiter___ask", arguments={"question": "Why?"}), fails=True)["result"]
    assert told == {
        "content": [{"type": "text", "text": "An internal error occurred. Please retry later."}],
        "isError": True,
    }


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        (request("resources/list"), -32601, "Method not found: resources/list"),
        (request("tools/call", name="ask", arguments={"question": "Why?"}), -32602, "Unknown tool: ask"),
        (request("tools/call", name="arbiter___ask"), -32602, "Missing required parameters: question"),
        (request("tools/call", name="arbiter___ask", arguments=[1]), -32602, "an object"),
        ([request("ping")], -32600, "Invalid request"),
        ({"id": 1, "method": "ping"}, -32600, "Invalid request"),
        ({**request("ping"), "params": [1]}, -32602, "an object"),
        (b"{", -32700, "Parse error"),
        (b"\xff", -32700, "Parse error"),
    ],
)
def test_what_is_not_served_is_refused_by_name(message: Any, code: int, words: str) -> None:
    error = sent(message)["error"]
    assert error["code"] == code
    assert words in error["message"]


def test_a_notification_has_no_response() -> None:
    assert sent({"jsonrpc": "2.0", "method": "notifications/initialized"}) is None
