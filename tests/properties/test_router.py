"""Whatever arrives, the router answers with an answer or with an error that is not its own fault."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arbiter.answering.request import Features, Request, parse_request
from arbiter.errors import InvalidRequest
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import World, http

CHARACTERS = st.characters(categories=["L", "M", "N", "P", "S", "Z", "Cc", "Cf", "Cs", "Co", "Cn"])
TEXT = st.text(CHARACTERS, max_size=30)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4))
FIELDS = [*Request._fields, "model", "Mode", "quetsion"]
WORDS = st.sampled_from(
    ["auto", *Mode, "text", "json", "user", "assistant", "semantic", "hybrid", "basic", "adaptive", "quality", "object"]
)
NESTED = st.dictionaries(
    st.sampled_from(
        ["type", "schema", "results", "search", "filter", "rerank", "strategy", "role", "text", "equals", "andAll",
         "key", "value", "max_output_tokens", "max_latency_ms", "max_cost_usd"]
    ),
    SCALARS | WORDS | st.integers(1, 600) | JSON,
    max_size=4,
)  # fmt: skip
NEARLY = st.dictionaries(
    st.sampled_from(FIELDS), WORDS | JSON | NESTED | st.lists(NESTED, max_size=4), max_size=6
) | st.builds(lambda fields, question: fields | {"question": question},
              st.dictionaries(st.sampled_from(FIELDS), WORDS | NESTED | st.booleans(), max_size=3),
              st.just("How early?") | TEXT)  # fmt: skip
EVENTS = JSON | NEARLY
MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def assert_answered(response: Any) -> None:
    json.dumps(response)
    if "error" in response:
        assert response["error"]["code"] != "internal", response
        assert response["error"]["message"]
    else:
        assert response["mode"] in set(Mode)


@pytest.mark.slow
@MANY
@given(event=EVENTS)
def test_any_event_gets_an_answer_or_an_error_of_its_own(event: Any) -> None:
    assert_answered(World().respond(event))


@pytest.mark.slow
@MANY
@given(body=TEXT | EVENTS.map(json.dumps), encoded=st.booleans())
def test_any_http_body_gets_one_too(body: str, encoded: bool) -> None:
    reply = World().respond(http(body, encoded=encoded))

    assert reply["statusCode"] < 500
    assert_answered(json.loads(reply["body"]))


def parsed(value: Any) -> Request | list[str]:
    """The request, or the paths of its problems."""
    try:
        return parse_request(value, Features())
    except InvalidRequest as refused:
        return [problem.path for problem in refused.problems]


@pytest.mark.slow
@MANY
@given(value=EVENTS)
def test_no_request_gets_through_that_the_contract_does_not_know(value: Any) -> None:
    request = parsed(value)
    assert request, "a refusal names a problem"
    if isinstance(request, list):
        return
    assert request.mode is None or type(request.mode) is Mode
    assert set(value) <= set(Request._fields)
    assert 1 <= len(request.question) <= 20_000
    request.question.encode()
    assert request.retrieval.search != "hybrid"
    assert not request.retrieval.rerank


@given(mode=TEXT | JSON)
def test_no_unknown_mode_gets_through(mode: Any) -> None:
    known = isinstance(mode, str) and mode in {"auto", *Mode}

    assert (parsed({"question": "How early?", "mode": mode}) == ["mode"]) is not known
