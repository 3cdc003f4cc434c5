"""Language models behind Bedrock's Converse."""

import json
import time
from typing import Any

from arbiter.answering.asked.malformed import MalformedAnswer
from arbiter.answering.writer import Completion, Generation
from arbiter.aws.calls.text import object_of, text_of
from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.costs.tokens import Usage
from arbiter.errors import BadModelOutput, InvalidRequest, ModelError, ModelNotFound, TooLarge
from arbiter.model_parameters import reasoning_tokens, takes_temperature

ANSWER_TOOL = "answer"
"""The tool a model is made to call for an answer in JSON: Nova Micro and Nova 2 Lite know no structured output."""

_SILENT = ("guardrail_intervened", "content_filtered", "stop_sequence")
"""Stop reasons of an answer that may rightly be empty."""
_UNREAD = "The model's response is empty or cut: it holds no message, stop reason or token counts."


class ConverseModel:
    """Any model or deployment that Converse takes."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._without_temperature: set[str] = set()
        """Models that have refused it."""

    def generate(self, generation: Generation, timeout: float) -> Completion:
        """Write, within so many seconds."""
        ends = time.monotonic() + timeout
        sampled = takes_temperature(generation.model) and generation.model not in self._without_temperature
        try:
            return self._converse(generation, timeout, sampled=sampled)
        except InvalidRequest as error:
            if not sampled or "temperature" not in str(error):
                raise
        self._without_temperature.add(generation.model)
        return self._converse(generation, ends - time.monotonic(), sampled=False)

    def _converse(self, generation: Generation, timeout: float, *, sampled: bool) -> Completion:
        callee = Callee(
            f"the model {generation.model}",
            missing=ModelNotFound,
            failed=ModelError,
            unreadable=BadModelOutput,
            field="request",
        )
        response = self._client.call("converse", callee, timeout, **_parameters(generation, sampled=sampled))
        return _completion(response, as_json=generation.schema is not None)


def _parameters(generation: Generation, *, sampled: bool) -> dict[str, Any]:
    # No sampling: the modes are compared with each other, and the same question must get the same answer.
    temperature = {"temperature": 0.0} if sampled else {}
    # A call of one token asks for no answer, and so for no reasoning before it.
    reserve = reasoning_tokens(generation.model) if generation.max_output_tokens > 1 else 0
    tokens = generation.max_output_tokens + reserve
    parameters: dict[str, Any] = {
        "modelId": generation.model,
        "system": [{"text": text} for text in generation.prompt.system],
        "messages": [{"role": turn.role, "content": [{"text": turn.text}]} for turn in generation.prompt.turns],
        "inferenceConfig": {"maxTokens": tokens, **temperature},
        "requestMetadata": {"mode": generation.mode.value},
    }
    if generation.stop:
        parameters["inferenceConfig"]["stopSequences"] = list(generation.stop)
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
    content = object_of(object_of(response.get("output")).get("message")).get("content")
    if not isinstance(stop_reason, str) or not isinstance(content, list):
        raise BadModelOutput(_UNREAD)
    blocks, usage = [object_of(block) for block in content], _usage(object_of(response.get("usage")))
    text = _tool_input(blocks, usage) if as_json else _text(blocks)
    if not text and stop_reason not in _SILENT:
        raise _empty(stop_reason, blocks, as_json=as_json)
    return Completion(text, stop_reason, usage)


def _text(blocks: list[dict[str, Any]]) -> str:
    return "".join(text_of(block.get("text")) for block in blocks).strip()


def _tool_input(blocks: list[dict[str, Any]], usage: Usage) -> str:
    inputs = [object_of(block["toolUse"]).get("input") for block in blocks if "toolUse" in block]
    if not inputs or inputs[0] is None:
        return ""
    try:
        text = text_of(json.dumps(inputs[0], ensure_ascii=False))
        json.dumps(inputs[0], allow_nan=False)
    except (RecursionError, TypeError):
        raise BadModelOutput("The model's JSON is nested too deeply, or holds what JSON cannot carry.") from None
    except ValueError:
        raise MalformedAnswer("holds NaN or an infinity, which JSON does not know", text, usage) from None
    if not isinstance(inputs[0], dict):
        raise MalformedAnswer("is no object", text, usage)
    return text


def _usage(usage: dict[str, Any]) -> Usage:
    read, written, cached = (usage.get(name) for name in ("inputTokens", "outputTokens", "cacheReadInputTokens"))
    if not all(type(count) is int and count >= 0 for count in (read, written, cached or 0)):
        raise BadModelOutput(_UNREAD)
    return Usage(read or 0, written or 0, cached or 0)


def _empty(stop_reason: str, blocks: list[dict[str, Any]], *, as_json: bool) -> BadModelOutput | TooLarge:
    if stop_reason == "model_context_window_exceeded":
        return TooLarge("The conversation is too long for the model. Shorten it or ask for fewer results.")
    wanted = "JSON" if as_json else "text"
    if any("reasoningContent" in block for block in blocks):
        return BadModelOutput(
            f"The model gave its reasoning and no {wanted}: it stopped with {stop_reason}. Allow it more tokens "
            "(limits.max_output_tokens), or choose a model that does not reason."
        )
    return BadModelOutput(f"The model stopped with {stop_reason} before it gave any {wanted}.")
