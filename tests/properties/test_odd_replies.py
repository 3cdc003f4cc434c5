"""A reply of AWS in any shape is an answer or one of Arbiter's errors, and never a defect."""

import copy
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arbiter.answering.asked.history import Turn
from arbiter.answering.prompts import Prompt
from arbiter.answering.request import Retrieval
from arbiter.answering.retrieval import Query
from arbiter.answering.writer import Generation
from arbiter.aws.converse import ConverseModel
from arbiter.aws.pointer import TunedModelParameter
from arbiter.aws.searching.retrieve import KnowledgeBase
from arbiter.errors import ArbiterError, Internal
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import TUNED, FakeClock
from tests.unit.arbiter.aws.stubs import converse_response
from tests.unit.arbiter.aws.wire import wire

TEXT = st.text(st.characters(categories=["L", "N", "P", "Zs", "Cc", "Cs"]), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
ODD = st.sampled_from([None, [], {}, "", "0.7", [None], {"a": math.nan}, 3, True, -1, 1e400]) | JSON
MANY = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
pytestmark = pytest.mark.slow
DEEP = b"[" * 10_000 + b"]" * 10_000
GENERATION = Generation("nova", Prompt(("Be brief.",), (Turn("user", "How early?"),)), 64, None, Mode.RAG)
TOOL_USE = {"toolUse": {"toolUseId": "1", "name": "answer", "input": {"days": 84}}}
REASONING = {"reasoningContent": {"reasoningText": {"text": "Hm."}}}
GOOD = {
    "converse": converse_response(output={"message": {"role": "assistant", "content": [REASONING, {"text": "84"}]}}),
    "json": converse_response(output={"message": {"role": "assistant", "content": [TOOL_USE]}}),
    "retrieve": {
        "retrievalResults": [
            {
                "content": {"text": "84 days.", "type": "TEXT"},
                "location": {"type": "S3", "s3Location": {"uri": "s3://docs/a.md"}},
                "metadata": {"x-amz-bedrock-kb-source-uri": "s3://docs/a.md"},
                "score": 0.7,
            }
        ]
    },
    "pointer": {"Parameter": {"Name": "in-service", "Type": "String", "Value": TUNED.dump(), "Version": 3}},
    "error": {"__type": "ValidationException", "code": "x", "message": "Input is too long.", "Error": {"Code": "x"}},
}


def paths_of(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of a JSON value and of everything inside it."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(inner for key, child in children for inner in paths_of(child, (*path, key)))]


@st.composite
def bodies(draw: st.DrawFn, good: str) -> bytes:
    """A good body with one part replaced, or cut, or none at all."""
    body: Any = copy.deepcopy(GOOD[good])
    path = draw(st.sampled_from(paths_of(body)))
    odd = draw(ODD)
    if not path:
        return draw(st.sampled_from([json.dumps(odd).encode(), b"", b"\xff\xfe{", b"<html>", DEEP]) | st.binary())
    node = body
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = odd
    encoded = json.dumps(body).encode()
    return encoded[: draw(st.integers(0, len(encoded)))] if draw(st.booleans()) and draw(st.booleans()) else encoded


def outcome(call: Callable[[], Any]) -> Any:
    """The result of a call; `None` for an error of Arbiter's own, which a caller can be told."""
    try:
        return call()
    except Internal:
        raise
    except ArbiterError as error:
        json.dumps(error.to_object("r-1")).encode()
        return None


@MANY
@given(body=bodies("converse"))
def test_a_reply_of_converse(body: bytes) -> None:
    model = ConverseModel(wire("bedrock-runtime").play(body))
    if completion := outcome(lambda: model.generate(GENERATION, 5.0)):
        assert completion.text.encode() or completion.stop_reason in ("guardrail_intervened", "content_filtered")
        assert all(type(count) is int and count >= 0 for count in completion.usage)


@MANY
@given(body=bodies("json"))
def test_a_reply_of_converse_in_json(body: bytes) -> None:
    model = ConverseModel(wire("bedrock-runtime").play(body))
    completion = outcome(lambda: model.generate(GENERATION._replace(schema={"type": "object"}), 5.0))
    if completion and completion.text:
        assert isinstance(json.loads(completion.text, parse_constant=lambda word: 1 / 0), dict), "no NaN, an object"


@MANY
@given(body=bodies("retrieve"))
def test_a_reply_of_retrieve(body: bytes) -> None:
    knowledge_base = KnowledgeBase(wire("bedrock-agent-runtime").play(body), "KB12345678", None)
    for passage in outcome(lambda: knowledge_base.retrieve(Query("Q?", 5, Retrieval()), 5.0)) or ():
        assert passage.text.encode()
        passage.uri.encode()
        assert passage.score is None or math.isfinite(passage.score)


@MANY
@given(body=bodies("pointer"))
def test_a_reply_of_the_parameter_store(body: bytes) -> None:
    parameter = TunedModelParameter(wire("ssm").play(body), "in-service", 30.0, FakeClock())
    model = outcome(lambda: parameter.current(5.0))
    assert model is None or all(isinstance(field, str) and field.strip() for field in model)


@MANY
@given(body=bodies("error"), status=st.sampled_from([400, 403, 404, 408, 424, 429, 500, 503, 302, 600]))
def test_an_error_of_any_of_them(body: bytes, status: int) -> None:
    model = ConverseModel(wire("bedrock-runtime").play(body, status=status))
    assert outcome(lambda: model.generate(GENERATION, 5.0)) is None
    knowledge_base = KnowledgeBase(wire("bedrock-agent-runtime").play(body, status=status), "KB12345678", None)
    assert outcome(lambda: knowledge_base.retrieve(Query("Q?", 5, Retrieval()), 5.0)) is None
    parameter = TunedModelParameter(wire("ssm").play(body, status=status), "in-service", 30.0, FakeClock())
    assert outcome(lambda: parameter.current(5.0)) is None
