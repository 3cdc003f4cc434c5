"""A server in place of the stand-in: its refusals are Bedrock's, and what it does not take is left out."""

import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import nullcontext
from email.message import Message
from typing import Any

import pytest

from local.emulator.base.http import ServiceError
from local.emulator.bedrock.upstream import Upstream

TOOL = {"toolSpec": {"name": "verdict", "inputSchema": {"json": {"type": "object"}}}}
BODY = {
    "messages": [{"role": "user", "content": [{"text": "Hello?"}]}],
    "inferenceConfig": {"maxTokens": 9, "temperature": 0.0},
    "toolConfig": {"tools": [TOOL], "toolChoice": {"tool": {"name": "verdict"}}},
}
ANSWER = {"choices": [{"message": {"content": "Good morning."}}]}


def serve(monkeypatch: pytest.MonkeyPatch, refuse: Callable[[dict[str, Any]], tuple[int, str] | None]) -> None:
    """Answer, but for the requests that are refused with a status and a reason."""

    def urlopen(request: urllib.request.Request, timeout: float) -> io.BytesIO:
        assert isinstance(request.data, bytes)
        if refusal := refuse(json.loads(request.data)):
            status, reason = refusal
            raise urllib.error.HTTPError("http://s", status, "", Message(), io.BytesIO(reason.encode()))
        return io.BytesIO(json.dumps(ANSWER).encode())

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)


def answered() -> str:
    blocks = Upstream("http://s", "m").converse("m", BODY)["output"]["message"]["content"]
    return str(blocks[0]["text"])


LM_STUDIO = """{"error":"Invalid tool_choice type: 'object'. Supported string values: none, auto, required"}"""
MAX_TOKENS = (
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
)
TEMPERATURE = "Unsupported value: 'temperature' does not support 0.0 with this model."


def test_what_a_server_does_not_take_is_left_out_or_put_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(request: dict[str, Any]) -> tuple[int, str] | None:
        if request.get("tool_choice") != "required":
            return 400, LM_STUDIO
        if "max_tokens" in request or request["max_completion_tokens"] != 9:
            return 400, MAX_TOKENS
        return (422, TEMPERATURE) if "temperature" in request else None

    serve(monkeypatch, refuse)
    assert answered() == "Good morning."


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://s:11434", "http://s:11434/v1/chat/completions"),
        ("http://s/v1/", "http://s/v1/chat/completions"),
        ("https://s/api/paas/v4", "https://s/api/paas/v4/chat/completions"),
        ("https://s/v1beta/openai/", "https://s/v1beta/openai/chat/completions"),
        ("https://s/openai/v1/chat/completions", "https://s/openai/v1/chat/completions"),
    ],
)
def test_an_address_is_taken_with_the_version_that_it_names(
    monkeypatch: pytest.MonkeyPatch, url: str, asked: str
) -> None:
    addresses: list[str] = []

    def urlopen(request: urllib.request.Request, timeout: float) -> io.BytesIO:
        addresses.append(request.full_url)
        return io.BytesIO(json.dumps(ANSWER).encode())

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    upstream = Upstream.of({"ARBITER_LLM_URL": url})
    assert upstream
    upstream.converse("m", BODY)
    assert addresses == [asked]


@pytest.mark.parametrize(
    ("text", "read", "cut"),
    [
        ("word " * 5_065, 2050, True),
        ("word " * 5_065, 20, False),
        ("word " * 5_065, 4100, False),
        ("word " * 5_065, None, False),
        ("\u0e01" * 5_065, 2050, False),
    ],
    ids=["cut", "cached", "whole", "uncounted", "Thai"],
)
def test_a_prompt_that_a_server_cut_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, text: str, read: int | None, cut: bool
) -> None:
    """As Ollama reports it of 5,065 tokens in a context of 2,048; a low count may leave out what is in its cache."""
    told = json.dumps({**ANSWER, "usage": {"prompt_tokens": read, "completion_tokens": 3}}).encode()
    monkeypatch.setattr(urllib.request, "urlopen", lambda request, timeout: io.BytesIO(told))
    body = {**BODY, "messages": [{"role": "user", "content": [{"text": text}]}]}
    with pytest.raises(ServiceError, match="context window is too short") if cut else nullcontext():
        Upstream("http://s", "m").converse("m", body)


@pytest.mark.parametrize(
    ("status", "reason", "code"),
    [
        (503, '{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}', "ModelNotReadyException"),
        (503, "overloaded", "ServiceUnavailableException"),
        (404, 'model "m" not found, try pulling it first', "ResourceNotFoundException"),
        (400, "the request exceeds the available context size", "ValidationException"),
        (400, TEMPERATURE.replace("temperature", "seed"), "ValidationException"),
        (429, "slow down", "ThrottlingException"),
        (429, "rate limit reached: lower the context length or wait", "ThrottlingException"),
        (500, "CUDA out of memory", "ModelErrorException"),
        (500, "rpc error: context length exceeded", "ValidationException"),
        (401, "no key", "ModelErrorException"),
    ],
)
def test_a_refusal_is_the_one_that_bedrock_would_give(
    monkeypatch: pytest.MonkeyPatch, status: int, reason: str, code: str
) -> None:
    serve(monkeypatch, lambda request: (status, reason))
    with pytest.raises(ServiceError) as refused:
        answered()
    assert refused.value.code == code
    assert reason in refused.value.message
    assert ("ARBITER_LLM_API_KEY" in refused.value.message) == (status == 401)
