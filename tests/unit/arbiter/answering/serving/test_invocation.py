"""An HTTP body is read as JSON, or refused with a sentence."""

import base64
import gzip
import json
from typing import Any

import pytest

from arbiter.answering.serving.invocation import LARGEST_BODY, Invocation
from arbiter.errors import ArbiterError, InvalidRequest, TooLarge
from tests.unit.arbiter.answering.router_fakes import http

DEEP = "[" * 100_000


class Context:
    """The context that Lambda gives of an invocation."""

    aws_request_id = "req-1"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def encoded(content: bytes) -> dict[str, Any]:
    return http(base64.b64encode(content).decode(), encoded=True)


def refusal(event: object) -> str:
    with pytest.raises(ArbiterError) as refused:
        Invocation(event, None).payload()
    return str(refused.value)


@pytest.mark.parametrize(
    "event",
    [
        http('{"question": "Wie früh?"}'),
        http('\ufeff{"question": "Wie früh?"}'),
        encoded('{"question": "Wie früh?"}'.encode()),
        encoded('{"question": "Wie früh?"}'.encode("utf-8-sig")),
    ],
)
def test_a_body_is_read_in_every_form_it_comes_in(event: object) -> None:
    assert Invocation(event, None).payload() == {"question": "Wie früh?"}


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (http(None), "is empty"),
        (http(""), "is empty"),
        (http("{"), "is broken at line 1, column 2"),
        (http("question=How+early"), "is broken at line 1, column 1"),
        (http('{"question": "a", "question": "b"}'), "gives the field 'question' more than once"),
        (http('{"limits": {"max_cost_usd": NaN}}'), "holds NaN, which is no JSON"),
        (http("[-Infinity]"), "holds -Infinity, which is no JSON"),
        (http("9" * 5000), "holds a number that is too long to read"),
        (http(DEEP), "is nested too deeply"),
        (http("%%%", encoded=True), "is marked as base64 and is none"),
        (http("é", encoded=True), "is marked as base64 and is none"),
        (encoded(b'{"question": "\xff"}'), "is no UTF-8 at byte 14"),
        (encoded(gzip.compress(b"{}", mtime=0)), "is no UTF-8 at byte 1"),
        (http("\x00{}"), "is broken at line 1, column 1"),
    ],
)
def test_what_is_no_json_is_refused_with_the_place(event: object, sentence: str) -> None:
    assert f"body: {sentence}" in refusal(event)


@pytest.mark.parametrize(
    "event", [http("x" * (LARGEST_BODY + 1)), encoded(b"x" * (LARGEST_BODY + 9)), http("x" * 10**7)]
)
def test_a_body_that_is_too_long_is_not_looked_at(event: object) -> None:
    with pytest.raises(TooLarge, match="at most 20,000 characters"):
        Invocation(event, None).payload()


@pytest.mark.parametrize("event", [None, [], "x", {"requestContext": None}, {"requestContext": {"http": "x"}}])
def test_any_other_event_is_the_request_itself(event: object) -> None:
    invocation = Invocation(event, None)

    assert invocation.payload() is event
    assert invocation.reply(200, {"answer": "x"}) == {"answer": "x"}


def test_an_http_reply_has_the_object_as_its_body() -> None:
    reply = Invocation(http("{}"), None).reply(200, {"answer": "früh"})

    assert reply["statusCode"] == 200
    assert reply["headers"] == {"content-type": "application/json"}
    assert json.loads(reply["body"]) == {"answer": "früh"}


def test_who_may_try_again_is_told_when() -> None:
    reply = Invocation(http("{}"), None).reply(429, {"error": {"retryable": True}})

    assert reply["headers"]["retry-after"] == "2"


def test_the_answer_leaves_before_lambda_ends_the_function() -> None:
    invocation = Invocation({}, Context())

    assert invocation.request_id == "req-1"
    assert invocation.seconds == 29.0


def test_every_invocation_has_an_id() -> None:
    assert len({Invocation({}, None).request_id for _ in range(3)}) == 3


def test_a_refusal_is_an_invalid_request() -> None:
    with pytest.raises(InvalidRequest):
        Invocation(http("{"), None).payload()
