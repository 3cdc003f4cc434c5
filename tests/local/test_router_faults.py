"""The router's handler against an endpoint that misbehaves: few calls, in time, and never an exception."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from arbiter.handlers import router as handler_module
from tests.local.misbehaving import ANSWER, CUT, DRIP, HANG, Endpoint, ask, failing, http, misbehaving, told


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    with misbehaving(monkeypatch) as endpoint:
        yield endpoint


@pytest.mark.parametrize(
    ("plan", "calls", "code"),
    [
        ([ANSWER], 1, None),
        ([failing("429 Too Many Requests", "ThrottlingException"), ANSWER], 2, None),
        ([failing("503 Service Unavailable", "ServiceUnavailableException"), ANSWER], 2, None),
        ([failing("500 Internal Server Error", "InternalServerException"), ANSWER], 2, None),
        ([failing("429 Too Many Requests", "ModelNotReadyException"), ANSWER], 2, None),
        ([failing("429 Too Many Requests", "ThrottlingException")], 2, "throttled"),
        ([failing("429 Too Many Requests", "ModelNotReadyException")], 2, "model_not_ready"),
        ([http("502 Bad Gateway", b"<html>bad</html>")], 2, "model_error"),
        ([failing("408 Request Timeout", "ModelTimeoutException")], 1, "deadline_exceeded"),
        ([failing("424 Failed Dependency", "ModelErrorException")], 1, "model_error"),
        ([failing("403 Forbidden", "AccessDeniedException")], 1, "access_denied"),
        ([failing("404 Not Found", "ResourceNotFoundException")], 1, "model_error"),
        ([failing("400 Bad Request", "ValidationException")], 1, "invalid_request"),
        ([http("200 OK", b"<html>hello</html>")], 1, "bad_model_output"),
        ([CUT], 1, "bad_model_output"),
        ([http("200 OK", b"")], 1, "bad_model_output"),
        ([http("200 OK", b"{}")], 1, "bad_model_output"),
        ([http("200 OK", b"null")], 1, "bad_model_output"),
        ([http("200 OK", b"[]")], 1, "bad_model_output"),
        ([http("200 OK", b"\xff\xfe")], 1, "bad_model_output"),
        ([http("200 OK", b'{"output": {"message": null}, "stopReason": "end_turn"}')], 1, "bad_model_output"),
        ([http("200 OK", b'{"output": ' + b"[" * 5000 + b"]" * 5000 + b"}")], 1, "bad_model_output"),
        ([told("429 Too Many Requests", "ThrottlingException", "Too many tokens per day.")], 1, "daily_quota"),
        ([told("400 Bad Request", "ValidationException", "`temperature` is deprecated for this model."), ANSWER],
         2, None),
        ([told("400 Bad Request", "ValidationException", "Input Tokens Exceeded: Number of input tokens exceeds "
               "maximum length. Please update the input to try again.")], 1, "too_large"),
        ([told("404 Not Found", "ResourceNotFoundException", "Model use case details have not been submitted for "
               "this account.")], 1, "model_not_open"),
    ],
)  # fmt: skip
def test_a_fault_costs_few_calls_and_has_a_name(
    endpoint: Endpoint, plan: list[bytes], calls: int, code: str | None
) -> None:
    endpoint.plan = plan
    response = ask()

    assert response.get("error", {}).get("code") == code
    assert endpoint.calls == calls


ADAPTIVE = {"mode": "rag", "retrieval": {"strategy": "adaptive"}}
PASSAGES = http("200 OK", json.dumps({"retrievalResults": [{"content": {"text": t}} for t in "ab"]}).encode())


@pytest.mark.parametrize(
    ("request_", "plan", "mode", "degraded"),
    [
        ({"mode": "rag"}, [HANG, ANSWER], "base", "deadline_exceeded"),
        ({"mode": "rag"}, [http("200 OK", b'{"retrievalResults": [null]}')] * 2 + [ANSWER], "base",
         "knowledge_base_unavailable"),
        ({"mode": "rag"}, [http("200 OK", b'{"retrievalResults": [{"content": {"text": "x"}, "score": "high"}]}')] * 2
         + [ANSWER], "base", "knowledge_base_unavailable"),
        ({"mode": "fine_tuned"}, [HANG, ANSWER], "base", "deadline_exceeded"),
        ({"mode": "fine_tuned"}, [http("200 OK", b'{"Parameter": {"Value": null}}')] * 2 + [ANSWER], "base",
         "tuned_model_unavailable"),
        ({"mode": "rag"}, [PASSAGES, told("400 Bad Request", "ValidationException", "Input is too long."), ANSWER],
         "rag", "too_large: answered from 1 of 2 passages"),
        (ADAPTIVE, [PASSAGES, HANG, ANSWER], "rag", "deadline_exceeded: answered from what was found before"),
        (ADAPTIVE, [PASSAGES, CUT, ANSWER], "rag", "bad_model_output: answered from what was found before"),
    ],
)  # fmt: skip
def test_what_fails_or_hangs_degrades_in_time(
    endpoint: Endpoint, request_: dict[str, Any], plan: list[bytes], mode: str, degraded: str
) -> None:
    ask(mode="rag")
    endpoint.plan = list(plan)
    started = time.monotonic()
    response = ask(milliseconds=6000, degrade=True, **request_)

    assert response.get("mode") == mode, response
    assert [reason.startswith(degraded) for reason in response["degraded"]] == [True]
    assert time.monotonic() - started < 6.5


def test_a_model_that_hangs_is_called_once_and_left_in_time(endpoint: Endpoint) -> None:
    ask()
    endpoint.plan, endpoint.calls = [HANG], 0
    started = time.monotonic()
    response = ask(milliseconds=400)

    assert response["error"]["code"] == "deadline_exceeded"
    assert endpoint.calls == 1
    assert time.monotonic() - started < 1.0


def test_a_model_that_drips_is_left_in_time(endpoint: Endpoint) -> None:
    ask()
    endpoint.plan, endpoint.calls = [DRIP], 0
    started = time.monotonic()
    response = ask(milliseconds=400)

    assert response["error"]["code"] == "deadline_exceeded"
    assert endpoint.calls == 1
    assert time.monotonic() - started < 3.0, "the whole body takes half a minute"


def test_throttling_is_told_after_one_more_attempt(endpoint: Endpoint) -> None:
    endpoint.plan = [failing("429 Too Many Requests", "ThrottlingException")]

    assert ask(milliseconds=5000)["error"]["code"] == "throttled"
    assert endpoint.calls == 2, "further attempts add to the storm"


def test_an_endpoint_that_is_not_there_is_named(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    response = ask()

    assert response["error"]["code"] == "model_error"
    assert "the model amazon.nova-micro-v1:0 could not be reached" in response["error"]["message"]


def test_a_tuned_model_made_elsewhere_is_called_without_a_look_at_the_pointer(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl"
    monkeypatch.setenv("ARBITER_TUNED_MODEL", arn)
    event = {"question": "How early?", "mode": "fine_tuned", "limits": {"max_latency_ms": 5000}}
    response = handler_module.handler(event, None)

    assert (response["model"], response["mode"]) == (arn, "fine_tuned")
    assert response["cost_usd"] is None, "nobody knows its price"
    assert endpoint.calls == 1


def test_a_tuned_model_made_elsewhere_that_is_gone_is_named(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl"
    monkeypatch.setenv("ARBITER_TUNED_MODEL", arn)
    endpoint.plan = [failing("404 Not Found", "ResourceNotFoundException"), ANSWER]
    event = {"question": "How early?", "mode": "fine_tuned", "limits": {"max_latency_ms": 5000}}
    error = handler_module.handler(event, None)["error"]

    assert error["code"] == "tuned_model_unavailable"
    assert arn in capsys.readouterr().out, "the log names it"
    assert "arn:" not in error["message"]
