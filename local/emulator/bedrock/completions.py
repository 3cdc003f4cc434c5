"""Replies of servers that speak OpenAI's chat completions, read as Converse's: each shape, or a sentence.

shape                                          sent by
content as text, null, or a list of parts      all; null beside tool calls (llama.cpp); parts of the type text, and
                                               thinking (Mistral's models)
<think>…</think> before the answer             Ollama, LM Studio, llama.cpp with `--reasoning-format none` or
                                               `deepseek-legacy`; vLLM without `--reasoning-parser`
…</think> alone: the template opens it         vLLM without `--reasoning-parser` (DeepSeek R1)
reasoning_content beside the content           llama.cpp (`--reasoning-format deepseek`), vLLM to 0.15, LM Studio
reasoning beside the content                   vLLM from 0.11, Ollama
[THINK]…[/THINK], <thinking>…</thinking>       Magistral and others, where no parser knows their marks
<|channel|>analysis… before <|channel|>final   gpt-oss, where the server leaves its channels in the text
<tool_call>{"name", "arguments"}</tool_call>   Qwen and Hermes, where it leaves their calls there
arguments of a tool as JSON text or as object  text: all; object: Ollama's own form
JSON in the text instead of the tool's call    Ollama, which knows no `tool_choice`
usage null, absent, or with counts of null     servers in between, and some builds of each: counted here
"error" as text or object, with status 200     llama.cpp, LM Studio, Ollama
text of a choice; message, response, content   /v1/completions; Ollama's /api/chat and /api/generate, llama.cpp's
instead of choices                             /completion: gateways that pass these on
a body that is no object, an event stream      a wrong address, a proxy

Sources: docs.vllm.ai features/reasoning_outputs (0.8.3, 0.11.2, 0.26.0), llama.cpp tools/server/README.md, Ollama
docs/api.md and docs/openai.md, LM Studio docs/app/api.
"""

import json
import re
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.knowledge.reading.chunking import count_tokens

Block = dict[str, Any]

_STOP_REASONS = {
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "content_filtered",
}
_MARKS = r"<(?P<tag>think|thinking|reasoning)>|\[THINK\]"
_ENDS = r"</(?:think|thinking|reasoning)>|\[/THINK\]"
_THOUGHT = re.compile(rf"\s*(?:{_MARKS})?(?P<thought>.*?)(?:{_ENDS})", re.DOTALL)
_OPEN_THOUGHT = re.compile(rf"\s*(?:{_MARKS})(?P<thought>.*)", re.DOTALL)
_FINAL = "<|channel|>final<|message|>"
_HARMONY = re.compile(r"<\|(?:start|end|return|message|channel)\|>(?:assistant|analysis)?")
_FENCE = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.DOTALL)
_CALL = re.compile(r"\s*<tool_call>\s*(.*?)\s*</tool_call>\s*", re.DOTALL)


def completion_of(body: bytes, server: str, input_tokens: int, forced_tool: str | None) -> dict[str, Any]:
    """Converse's response, without the metrics; with a tool that must be called, JSON in the text is its input.

    Raises:
        ServiceError: naming the server and the shape that cannot be read.
    """
    answered = _parsed(body, server)
    choice = _choice(answered, server)
    message = _message(choice)
    if message is None:
        raise _unreadable(server, "with a choice without a message")
    thoughts, text = _text(message)
    blocks: list[Block] = [
        {"reasoningContent": {"reasoningText": {"text": thought}}} for thought in thoughts if thought.strip()
    ]
    uses = _tool_uses(message, server)
    if forced_tool and not uses:
        uses = _tool_use_in(text, forced_tool)
    blocks += [{"text": text}] if text.strip() else []
    blocks += uses
    written = count_tokens(" ".join([*thoughts, text]))
    return {
        "output": {"message": {"role": "assistant", "content": blocks or [{"text": ""}]}},
        "stopReason": _STOP_REASONS.get(str(choice.get("finish_reason")), "end_turn"),
        "usage": _usage(answered.get("usage"), input_tokens, written),
    }


def _parsed(body: bytes, server: str) -> Any:
    if body.lstrip().startswith(b"data:"):
        raise _unreadable(server, "with an event stream, though none was asked for")
    try:
        return json.loads(body)
    except (RecursionError, ValueError):
        if body.lstrip().startswith(b"{") and b"}\n{" in body:
            raise _unreadable(server, "with a stream of JSON lines, though none was asked for") from None
        raise _unreadable(server, f"with no JSON: {body[:80].decode('utf-8', 'replace')!r}") from None


def _choice(answered: Any, server: str) -> dict[str, Any]:
    if not isinstance(answered, dict):
        raise _unreadable(server, "with JSON that is no object")
    if error := answered.get("error"):
        reason = error.get("message") if isinstance(error, dict) else error
        raise _unreadable(server, f"with an error: {reason or error}")
    choices = answered.get("choices", [answered] if _message(answered) else None)
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise _unreadable(server, "without choices")
    return choices[0]


def _message(choice: dict[str, Any]) -> dict[str, Any] | None:
    """The message of a choice, or of an answer in the form of an older or a server's own address."""
    message = choice.get("message")
    if isinstance(message, dict):
        return message
    text = next((choice[name] for name in ("text", "response", "content") if isinstance(choice.get(name), str)), None)
    return None if text is None else {"content": text, "reasoning": choice.get("thinking")}


def _text(message: dict[str, Any]) -> tuple[list[str], str]:
    """The reasoning of a message, and its text."""
    content, thoughts = (
        message.get("content"),
        [_joined(message.get(name)) for name in ("reasoning_content", "reasoning", "thinking")],
    )
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        thoughts += [_joined(part.get("thinking")) for part in parts]
        content = "".join(_joined(part.get("text")) for part in parts)
    text = _joined(content) or _joined(message.get("refusal"))
    if text.lstrip().startswith("<|") and _FINAL in text:
        thought, _, text = text.partition(_FINAL)
        return [*thoughts, _HARMONY.sub("", thought)], _HARMONY.sub("", text)
    if match := _THOUGHT.match(text) or _OPEN_THOUGHT.match(text):
        return [*thoughts, match["thought"]], text[match.end() :]
    return thoughts, text


def _joined(value: Any) -> str:
    """A text, or the texts of a list of parts; empty for anything else."""
    if isinstance(value, list):
        return "".join(_joined(part.get("text")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


def _tool_uses(message: dict[str, Any], server: str) -> list[Block]:
    calls = message.get("tool_calls")
    uses = []
    for number, call in enumerate(calls if isinstance(calls, list) else []):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise _unreadable(server, "with a tool call without a function")
        given = _arguments(function.get("arguments"), function["name"], server)
        identifier = str(call.get("id") or f"tooluse_{number}")
        uses.append({"toolUse": {"toolUseId": identifier, "name": function["name"], "input": given}})
    return uses


def _tool_use_in(text: str, tool: str) -> list[Block]:
    """The call that a server which knows no `tool_choice` (Ollama) leaves to the model, written out as JSON."""
    written = _FENCE.sub(r"\1", _CALL.sub(r"\1", text.strip()))
    try:
        given = json.loads(written)
    except (RecursionError, ValueError):
        return []
    if isinstance(given, dict) and given.get("name") == tool:
        given = given.get("arguments", given.get("parameters", given))
    return [{"toolUse": {"toolUseId": "tooluse_0", "name": tool, "input": given}}] if isinstance(given, dict) else []


def _arguments(arguments: Any, name: str, server: str) -> Any:
    if not isinstance(arguments, str):
        return arguments or {}
    try:
        return json.loads(arguments or "{}")
    except (RecursionError, ValueError):
        raise _unreadable(server, f"with broken JSON in a call of {name}") from None


def _usage(usage: Any, read: int, written: int) -> dict[str, int]:
    """The tokens that the server counted; where it did not, the local AWS counts words and marks."""
    counts = usage if isinstance(usage, dict) else {}
    spent = {
        "inputTokens": _count(counts.get("prompt_tokens"), read),
        "outputTokens": _count(counts.get("completion_tokens"), written),
    }
    return {**spent, "totalTokens": sum(spent.values())}


def _count(value: Any, counted: int) -> int:
    return value if type(value) is int and value >= 0 else counted


def _unreadable(server: str, flaw: str) -> ServiceError:
    return ServiceError("ModelErrorException", f"ARBITER_LLM_URL {server} answered {flaw}", 424)
