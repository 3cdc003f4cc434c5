"""Language models behind Bedrock's Converse."""

import json
from typing import Any

from arbiter.answering.writer import Completion, Generation
from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.errors import BadModelOutput, ModelError, ModelNotFound, TooLarge
from arbiter.pricing import Usage

ANSWER_TOOL = "answer"
"""The tool a model is made to call for an answer in JSON: Nova Micro and Nova 2 Lite know no structured output."""

_SILENT = ("guardrail_intervened", "content_filtered")
"""Stop reasons of an answer that may rightly be empty."""


class ConverseModel:
    """Any model or deployment that Converse takes."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def generate(self, generation: Generation, timeout: float) -> Completion:
        """Write, within so many seconds."""
        callee = Callee(f"the model {generation.model}", missing=ModelNotFound, failed=ModelError, field="request")
        response = self._client.call("converse", callee, timeout, **_parameters(generation))
        return _completion(response, as_json=generation.schema is not None)


def _parameters(generation: Generation) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        "modelId": generation.model,
        "system": [{"text": text} for text in generation.prompt.system],
        "messages": [{"role": turn.role, "content": [{"text": turn.text}]} for turn in generation.prompt.turns],
        # No sampling: the modes are compared with each other, and the same question must get the same answer.
        "inferenceConfig": {"maxTokens": generation.max_output_tokens, "temperature": 0.0},
        "requestMetadata": {"mode": generation.mode.value},
    }
    if generation.schema is not None:
        tool = {
            "name": ANSWER_TOOL,
            "description": "Gives the answer.",
            "inputSchema": {"json": generation.schema},
        }
        parameters["toolConfig"] = {"tools": [{"toolSpec": tool}], "toolChoice": {"tool": {"name": ANSWER_TOOL}}}
    return parameters


def _completion(response: dict[str, Any], *, as_json: bool) -> Completion:
    """Read a response; botocore gives an empty one without a word when a body was cut or was no JSON."""
    stop_reason = response.get("stopReason")
    usage = response.get("usage")
    content = response.get("output", {}).get("message", {}).get("content")
    if not isinstance(stop_reason, str) or not isinstance(usage, dict) or not isinstance(content, list):
        raise BadModelOutput("The model's response is empty or cut: it holds no message, stop reason or usage.")
    text = _tool_input(content) if as_json else _text(content)
    if not text and stop_reason not in _SILENT:
        raise _empty(stop_reason, as_json=as_json)
    return Completion(text, stop_reason, _usage(usage))


def _text(content: list[dict[str, Any]]) -> str:
    return "".join(block["text"] for block in content if isinstance(block.get("text"), str)).strip()


def _tool_input(content: list[dict[str, Any]]) -> str:
    inputs = [block["toolUse"].get("input") for block in content if "toolUse" in block]
    return json.dumps(inputs[0], ensure_ascii=False) if inputs and isinstance(inputs[0], dict) else ""


def _usage(usage: dict[str, Any]) -> Usage:
    return Usage(usage.get("inputTokens", 0), usage.get("outputTokens", 0), usage.get("cacheReadInputTokens") or 0)


def _empty(stop_reason: str, *, as_json: bool) -> BadModelOutput | TooLarge:
    if stop_reason == "model_context_window_exceeded":
        return TooLarge("The conversation is too long for the model. Shorten it or ask for fewer results.")
    wanted = "JSON" if as_json else "text"
    return BadModelOutput(f"The model stopped with {stop_reason} before it gave any {wanted}.")
