"""Language models behind Bedrock's Converse."""

import json
import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from arbiter.answering.asked.malformed import MalformedAnswer
from arbiter.answering.writer import Completion, Generation
from arbiter.aws.calls.text import object_of, text_of
from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.costs.tokens import Usage, estimated_tokens
from arbiter.errors import (
    AccessDenied,
    ArbiterError,
    BadModelOutput,
    InvalidRequest,
    ModelError,
    ModelNotFound,
    TooLarge,
)
from arbiter.model_parameters import cached_prefix, reasoning_tokens, takes_temperature

if TYPE_CHECKING:
    from arbiter.aws.guardrail import ScreenedCalls

Call = Callable[..., dict[str, Any]]
"""Takes callee, seconds and parameters, and gives a response in the form of Converse's."""
ANSWER_TOOL = "answer"
"""The tool a model is made to call for an answer in JSON: Nova Micro and Nova 2 Lite know no structured output."""
_IN_TOOLS = ("type", "properties", "required")
"""All that Nova takes at the top of a tool's schema; it refuses any other key there, such as `additionalProperties`, as
extraneous (Nova user guide, *Defining a tool*; zed 28521, mcp-agent 126)."""

CACHE_POINT = {"cachePoint": {"type": "default"}}
"""Kept for five minutes. It follows the system texts alone: in messages Nova Pro was seen to refuse it."""

_SILENT = ("guardrail_intervened", "content_filtered", "stop_sequence")
"""Stop reasons of an answer that may rightly be empty."""
_UNREAD = "The model's response is empty or cut: it holds no message, stop reason or token counts."


class ConverseModel:
    """Any model or deployment that Converse takes."""

    def __init__(self, client: Client, guardrail: str | None = None) -> None:
        self._client, self._screen = client, _screen(client, guardrail) if guardrail else None
        self._without_temperature: set[str] = set()
        self._without_cache: set[str] = set()
        """Models that have refused it."""

    def generate(self, generation: Generation, timeout: float) -> Completion:
        """Write, within so many seconds."""
        return self._adapted(generation, timeout, partial(self._client.call, "converse"))

    def _adapted(self, generation: Generation, timeout: float, call: Call) -> Completion:
        """The reply to a call, which is made again without what the model refuses to be told."""
        ends, left = time.monotonic() + timeout, timeout
        while True:
            sampled = takes_temperature(generation.model) and generation.model not in self._without_temperature
            cached = _caches(generation) and generation.model not in self._without_cache
            try:
                return self._converse(generation, left, call, sampled=sampled, cached=cached)
            except (AccessDenied, InvalidRequest) as error:
                message = f"{error} {error.__cause__}"
                if sampled and "temperature" in message:
                    self._without_temperature.add(generation.model)
                elif cached and re.search("prompt caching|cachePoint", message):
                    self._without_cache.add(generation.model)
                elif self._screen is None or not self._screen.does_without(generation, message):
                    raise
            left = ends - time.monotonic()

    def _converse(
        self, generation: Generation, timeout: float, call: Call, *, sampled: bool, cached: bool
    ) -> Completion:
        callee = Callee(
            f"the model {generation.model}", missing=ModelNotFound, failed=ModelError, unreadable=BadModelOutput,
            field="request", model=generation.model,
        )  # fmt: skip
        parameters, ends = _parameters(generation, sampled=sampled, cached=cached), time.monotonic() + timeout
        if self._screen is not None:
            parameters = self._screen.on(parameters, generation)
        response = call(callee, timeout, **parameters)
        completion = _completion(response, as_json=generation.schema is not None)
        if self._screen is None:
            return completion
        try:
            return self._screen.screened(completion, response, ends - time.monotonic())
        except ArbiterError as error:
            error.usage = completion.usage
            raise


def _screen(client: Client, guardrail: str) -> "ScreenedCalls":
    from arbiter.aws.guardrail import ScreenedCalls  # Only where a guardrail is deployed.

    return ScreenedCalls(client, guardrail)


def _caches(generation: Generation) -> bool:
    """Whether a model that caches prefixes is given one that is long enough, and that will come again."""
    least = cached_prefix(generation.model) if generation.prompt.stable else None
    return least is not None and sum(map(estimated_tokens, generation.prompt.system)) >= least


def _parameters(generation: Generation, *, sampled: bool, cached: bool) -> dict[str, Any]:
    # No sampling: the modes are compared with each other, and the same question must get the same answer.
    temperature = {"temperature": 0.0} if sampled else {}
    # A call of one token asks for no answer, and so for no reasoning before it.
    reserve = reasoning_tokens(generation.model) if generation.max_output_tokens > 1 else 0
    tokens = generation.max_output_tokens + reserve
    parameters: dict[str, Any] = {
        "modelId": generation.model,
        "system": [*({"text": text} for text in generation.prompt.system), *([CACHE_POINT] if cached else [])],
        "messages": [{"role": turn.role, "content": [{"text": turn.text}]} for turn in generation.prompt.turns],
        "inferenceConfig": {"maxTokens": tokens, **temperature},
        "requestMetadata": {"mode": generation.mode.value},
    }
    if generation.stop:
        parameters["inferenceConfig"]["stopSequences"] = list(generation.stop)
    if generation.schema is not None:
        tool = {"toolSpec": _answer_tool(generation.schema)}
        parameters["toolConfig"] = {"tools": [tool], "toolChoice": {"tool": {"name": ANSWER_TOOL}}}
    return parameters


def _answer_tool(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The tool by whose input a model answers; rules that not every model takes in its schema are told in words."""
    rules = {name: rule for name, rule in schema.items() if name not in (*_IN_TOOLS, "$schema", "title")}
    in_words = f" Its JSON schema has {json.dumps(rules, ensure_ascii=False)}, too." if rules else ""
    taken = {name: schema[name] for name in _IN_TOOLS if name in schema}
    return {"name": ANSWER_TOOL, "description": f"Gives the answer.{in_words}", "inputSchema": {"json": taken}}


def _completion(response: dict[str, Any], *, as_json: bool) -> Completion:
    """Read a response; botocore gives an empty one without a word when a body was cut or was no JSON."""
    usage, stop_reason = usage_of(object_of(response.get("usage"))), response.get("stopReason")
    content = object_of(object_of(response.get("output")).get("message")).get("content")
    try:
        if not isinstance(stop_reason, str) or not isinstance(content, list):
            raise BadModelOutput(_UNREAD)
        blocks = [object_of(block) for block in content]
        # What a guardrail gives in place of an answer in JSON is text.
        text = _tool_input(blocks, usage) if as_json and stop_reason != "guardrail_intervened" else _text(blocks)
        if not text and stop_reason not in _SILENT:
            raise _empty(stop_reason, blocks, as_json=as_json)
    except ArbiterError as error:
        error.usage = usage
        raise
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


def usage_of(usage: dict[str, Any]) -> Usage:
    """The tokens of a response.

    Raises:
        BadModelOutput: they are not told.
    """
    needed = [usage.get(name) for name in ("inputTokens", "outputTokens")]
    counts = [*needed, *(usage.get(name) or 0 for name in ("cacheReadInputTokens", "cacheWriteInputTokens"))]
    if not all(type(count) is int and count >= 0 for count in counts):
        raise BadModelOutput(_UNREAD)
    return Usage(*(int(count) for count in counts if count is not None))


def _empty(stop_reason: str, blocks: list[dict[str, Any]], *, as_json: bool) -> BadModelOutput | TooLarge:
    if stop_reason == "model_context_window_exceeded":
        return TooLarge("The prompt is too long for the model. Shorten the conversation or ask for fewer results.")
    wanted = "JSON" if as_json else "text"
    if any("reasoningContent" in block for block in blocks):
        return BadModelOutput(
            f"The model gave its reasoning and no {wanted}: it stopped with {stop_reason}. Allow it more tokens "
            "(limits.max_output_tokens), or choose a model that does not reason."
        )
    return BadModelOutput(f"The model stopped with {stop_reason} before it gave any {wanted}.")
