"""Requests as clients send them by themselves are taken: recorded from them, or as their documentation has it."""

from typing import Any

import pytest

from tests.unit.arbiter.answering.router_fakes import FakeModel
from tests.unit.arbiter.edge.edge_fakes import EdgeWorld

USER = {"role": "user", "content": "How early?"}
CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
DEFAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    # LibreChat's documentation, *Default Parameters*.
    "LibreChat": (CHAT, {"temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0, "user": "a"}),
    "LangChain, before 0.3": (CHAT, {"n": 1, "temperature": 0, "stream": False}),
    # Every field that the SDK 2.54.0 knows, with the value that OpenAI documents as its default.
    "openai, all defaults": (CHAT, {
        "n": 1, "store": False, "metadata": {"team": "desk", "run": ""}, "temperature": 1, "top_p": 1, "stop": [],
        "frequency_penalty": 0, "presence_penalty": 0, "logit_bias": {}, "logprobs": False, "modalities": ["text"],
        "parallel_tool_calls": True, "response_format": {"type": "text"}, "tools": [], "tool_choice": "auto",
        "user": "", "service_tier": "auto", "verbosity": "medium", "prompt_cache_retention": "in_memory",
        "prompt_cache_options": None, "moderation": None, "reasoning_effort": None, "seed": None,
    }),
    "openai, responses": (RESPONSES, {
        "store": False, "metadata": {"team": "desk"}, "include": ["reasoning.encrypted_content"], "tools": [],
        "parallel_tool_calls": True, "truncation": "disabled", "text": {"format": {"type": "text"}, "verbosity": None},
        "reasoning": {"effort": None, "summary": None}, "temperature": 1, "top_p": 1, "tool_choice": "auto",
        "background": False, "max_tool_calls": None, "instructions": "", "top_logprobs": 0,
        "context_management": None, "prompt": None,
    }),
}  # fmt: skip


@pytest.mark.parametrize("client", DEFAULTS)
def test_what_a_client_always_sends_is_taken(client: str) -> None:
    path, fields = DEFAULTS[client]
    world = EdgeWorld()
    question = {"messages": [USER]} if path == CHAT else {"input": [{"type": "message", **USER}]}
    answered = world.call(path, {"model": "base", **question, **fields}, key=world.key())

    assert answered.status == 200, answered.body
    if path == RESPONSES:
        assert answered.body["metadata"] == {"team": "desk"}


def test_an_answer_is_sent_back_as_the_sdk_keeps_it() -> None:
    """Its objects have more fields than the answer had: those of its parsers, and the empty ones of its types."""
    world, key = EdgeWorld(), None
    key = world.key()
    message = world.chat(key, model="rag").body["choices"][0]["message"]
    kept = {**message, "parsed": None, "function_call": None, "tool_calls": None, "audio": None}
    item = world.call(RESPONSES, {"model": "rag", "input": "How early?"}, key=key).body["output"][0]
    (part,) = item["content"]
    sent_back = {**item, "phase": None, "content": [{**part, "parsed": {"days": 84}}]}

    assert part["annotations"]
    assert world.chat(key, messages=[USER, kept, USER]).status == 200
    assert world.call(RESPONSES, {"model": "rag", "input": [USER, sent_back, USER]}, key=key).status == 200


def test_a_class_inside_a_class_is_asked_for_as_pydantic_describes_it() -> None:
    world = EdgeWorld(model=FakeModel(text='{"inner": {"name": "Lynx"}, "colour": "red"}'))
    schema = {
        "$defs": {
            "Colour": {"enum": ["red", "blue"], "title": "Colour", "type": "string"},
            "Inner": {"properties": {"name": {"type": "string"}}, "required": ["name"], "type": "object"},
        },
        "properties": {
            "inner": {"$ref": "#/$defs/Inner", "description": "The tent."},
            "colour": {"anyOf": [{"$ref": "#/$defs/Colour"}, {"type": "null"}]},
        },
        "required": ["inner", "colour"],
        "type": "object",
    }
    form = {"type": "json_schema", "json_schema": {"name": "Nested", "strict": True, "schema": schema}}

    assert world.chat(world.key(), response_format=form).status == 200
    (asked,) = world.model.calls
    assert "$" not in str(asked.schema)
    assert asked.schema["properties"]["inner"]["required"] == ["name"]


@pytest.mark.parametrize("kind", ["item_reference", "function_call", "reasoning"])
def test_an_item_that_is_no_message_is_refused_for_that_alone(kind: str) -> None:
    """The AI SDK refers to its earlier answers, unless it is told `store: false`."""
    world = EdgeWorld()
    item = {"type": kind, "id": "msg_1", "call_id": "c", "summary": []}
    refused = world.call(RESPONSES, {"model": "base", "input": [item, USER]}, key=world.key())

    assert (refused.status, refused.error["param"]) == (400, "input[0].type")
    assert "only messages are read" in refused.error["message"]
    assert "missing" not in refused.error["message"]
