"""Refusals of hostile requests: short, cheap, and nothing of them in the log."""

from typing import Any

import pytest

from arbiter.errors import TooLarge
from tests.unit.arbiter.answering.router_fakes import FakeModel
from tests.unit.arbiter.edge.edge_fakes import EdgeWorld

NAME = "the patient's name " * 200
SCHEMA = {"type": "object", "properties": {NAME: {f"k{number}": 0 for number in range(900)}}}
PARTS = [{f"field {number}": 0 for number in range(10)}] * 30


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/ask", {"question": "How early?", "format": {"type": "json", "schema": SCHEMA}}),
        ("/v1/chat/completions", {"model": "base", "messages": [{"role": "user", "content": PARTS}] * 20}),
    ],
)
def test_however_much_is_wrong_the_refusal_fits_into_a_response(path: str, body: dict[str, Any]) -> None:
    """Lambda sends six megabytes; one schema of 20,000 bytes was refused in forty-nine, which callers saw as a 502."""
    world = EdgeWorld()
    refused = world.call(path, body, key=world.key())

    assert refused.status == 400
    assert "more problems." in refused.error["message"]
    assert len(str(refused.body)) < 200_000
    assert not world.bought
    assert "patient" not in str(world.lines)


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/ask", {"question": "How early?", "mode": "base"}, 413, "too_large"),
        ("/v1/chat/completions", {"model": "base", "messages": [{"role": "user", "content": "How early?"}]}, 400,
         "context_length_exceeded"),
        ("/v1/responses", {"model": "base", "input": "How early?"}, 400, "context_length_exceeded"),
    ],
)  # fmt: skip
def test_a_conversation_that_is_too_long_is_told_as_clients_look_for_it(
    path: str, body: dict[str, Any], status: int, code: str
) -> None:
    """LangChain knows OpenAI's own code and status alone, LiteLLM the words "prompt is too long"."""
    world = EdgeWorld(model=FakeModel(failures=[TooLarge("The prompt is too long.")] * 3))
    refused = world.call(path, body, key=world.key())

    assert (refused.status, refused.error["code"]) == (status, code)
    assert "prompt is too long" in refused.error["message"]
