"""Refusals of hostile requests: short, cheap, and nothing of them in the log."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from arbiter.answering.request import Features
from arbiter.edge.routes import ROUTES
from arbiter.errors import InvalidRequest, TooLarge
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


ASKED: dict[str, Any] = {
    "/ask": {"question": "?", "format": {"type": "json"}},
    "/v1/chat/completions": {
        "model": "rag",
        "messages": [{"role": "user", "content": "?"}],
        "response_format": {"type": "json_schema"},
        "stream": True,
    },
    "/v1/responses": {"model": "rag", "input": "?", "text": {"format": {"type": "json_schema"}}, "stream": True},
}


def published(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """The fields of a schema, and those of its objects, each once for every kind of value that it takes."""
    for one in (schema, *schema.get("anyOf", ())):
        for name, field in one.get("properties", {}).items():
            yield from (((*path, name), kind) for kind in (field, *field.get("anyOf", ())))
            yield from published(field, (*path, name))


def given(route: str, path: tuple[str, ...], value: Any) -> bool:
    """Whether a body is taken in which a field has that value."""
    body = inner = copy.deepcopy(ASKED[route])
    for name in path[:-1]:
        inner = inner.setdefault(name, {})
    inner[path[-1]] = value
    form = ROUTES["POST", route].format
    assert form is not None
    try:
        form.read(body).request(Features(hybrid_search=True, rerank=True))
    except InvalidRequest:
        return False
    return True


def bounds(kind: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """The outermost values that a kind takes, and the first ones beyond them."""
    least, most, longest = kind.get("minimum"), kind.get("maximum"), kind.get("maxLength")
    taken = [None] if kind.get("type") == "null" or None in kind.get("enum", ()) else []
    taken += [end for end in (least, most) if end is not None] + (["x" * longest] if longest else [])
    beyond = [least - 1] if least is not None else []
    return taken, beyond + ([most + 1] if most is not None else []) + (["x" * (longest + 1)] if longest else [])


@pytest.mark.parametrize("route", ASKED)
def test_the_reader_takes_what_the_document_takes_and_nothing_beyond(route: str) -> None:
    schema = ROUTES["POST", route].body
    assert schema is not None
    fields = [(path, *bounds(kind)) for path, kind in published(schema)]

    assert [(path, value) for path, taken, _ in fields for value in taken if not given(route, path, value)] == []
    assert [(path, value) for path, _, beyond in fields for value in beyond if given(route, path, value)] == []
    assert sum(len(beyond) for _, _, beyond in fields) > 5
