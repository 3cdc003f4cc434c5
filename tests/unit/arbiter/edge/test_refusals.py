"""Refusals of hostile requests: short, cheap, and nothing of them in the log."""

from typing import Any

import pytest

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
