"""Nova takes three keys at the top of a tool's schema; classes of clients bring more, and the model is told of them."""

from typing import Any
from unittest.mock import Mock

import pytest

from arbiter.answering.asked.history import Turn
from arbiter.answering.prompts import Prompt
from arbiter.answering.writer import Generation
from arbiter.aws.converse import ConverseModel
from arbiter.modes import Mode
from local.emulator.base.http import ServiceError
from local.emulator.bedrock.responses import check_tools
from tests.unit.arbiter.aws.stubs import converse_response

NOVA = "us.amazon.nova-micro-v1:0"
PROMPT = Prompt(("Be brief.",), (Turn("user", "How early?"),))
CLASS = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Stay",
    "description": "A stay at the hotel.",
    "type": "object",
    "properties": {"days": {"title": "Days", "type": "integer", "minimum": 1}},
    "required": ["days"],
    "additionalProperties": False,
}
"""As Pydantic writes a class, and the `openai` client sends it."""


def sent(schema: dict[str, Any]) -> dict[str, Any]:
    used = {"toolUse": {"toolUseId": "1", "name": "answer", "input": {"days": 84}}}
    output = {"message": {"role": "assistant", "content": [used]}}
    client = Mock()
    client.call.return_value = converse_response(output=output, stopReason="tool_use")

    ConverseModel(client).generate(Generation(NOVA, PROMPT, 64, schema, Mode.RAG), 10.0)

    return dict(client.call.call_args.kwargs)


def test_a_class_of_a_client_becomes_a_tool_that_nova_takes() -> None:
    parameters = sent(CLASS)

    check_tools("amazon.nova-micro-v1:0", parameters)
    (tool,) = parameters["toolConfig"]["tools"]
    assert tool["toolSpec"]["inputSchema"]["json"] == {key: CLASS[key] for key in ("type", "properties", "required")}
    for rule in ('"description": "A stay at the hotel."', '"additionalProperties": false'):
        assert rule in tool["toolSpec"]["description"]


def test_the_local_nova_refuses_the_rest_as_nova_does() -> None:
    body = {"toolConfig": {"tools": [{"toolSpec": {"name": "answer", "inputSchema": {"json": CLASS}}}]}}

    with pytest.raises(ServiceError, match=r"tools/0/toolSpec/inputSchema/json: extraneous key \[\$schema\]"):
        check_tools("amazon.nova-micro-v1:0", body)
    check_tools("anthropic.claude-haiku-4-5-20251001-v1:0", body)
