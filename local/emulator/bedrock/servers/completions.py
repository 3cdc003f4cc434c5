"""Replies of servers that speak OpenAI's chat completions, read as Converse's: each shape, or a sentence.

shape                                          sent by
content as text, null, or a list of parts      all; null beside tool calls (llama.cpp); parts of the type text, and
                                               thinking (Mistral's models)
reasoning in the text, with its marks          all, where no parser of the server knows them: see `reasoning`
reasoning_content beside the content           llama.cpp (`--reasoning-format deepseek`), vLLM to 0.15, LM Studio
reasoning beside the content                   vLLM from 0.11, Ollama
parts of the type reasoning or thinking        Mistral's models, gateways to the Responses API
<tool_call>{"name", "arguments"}</tool_call>   Qwen and Hermes, where it leaves their calls there
arguments of a tool as JSON text or as object  text: all; object: Ollama's own form; text in text: some templates
function_call; a call without `function`       older llama-cpp-python and LocalAI; gateways
JSON in the text instead of the tool's call    Ollama, which knows no `tool_choice`
usage null, absent, or with counts of null     servers in between, and some builds of each: counted here
prompt_eval_count, tokens_evaluated            Ollama's and llama.cpp's own forms
"error" as text or object, with status 200     llama.cpp, LM Studio, Ollama
"object": "error"; "detail"; "errors"          vLLM; servers built on FastAPI; gateways
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
from local.emulator.bedrock.servers.reasoning import separated
from local.emulator.knowledge.reading.tokens import count_tokens

Block = dict[str, Any]

_STOP_REASONS = {
    "length": "max_tokens",
    "limit": "max_tokens",
    "maxPredictedTokensReached": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "content_filtered",
}
_STOPPED = ("finish_reason", "done_reason", "stop_type", "stopReason")
"""Why a reply ended: in OpenAI's form, Ollama's, llama.cpp's and LM Studio's own."""
_READ = ("prompt_tokens", "input_tokens", "prompt_eval_count", "tokens_evaluated")
_WRITTEN = ("completion_tokens", "output_tokens", "eval_count", "tokens_predicted")
_THOUGHTS = ("thinking", "reasoning", "reasoning_text", "reasoning_content")
"""Names of a message's reasoning, and types of its parts that are none of the answer."""
_MOST_TOKENS = 10**9
_STREAM = re.compile(rb"\s*(?:data|event|id|retry)?:")
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
    stopped = [str(part.get(name)) for part in (choice, answered) for name in _STOPPED]
    return {
        "output": {"message": {"role": "assistant", "content": blocks or [{"text": ""}]}},
        "stopReason": next((_STOP_REASONS[why] for why in stopped if why in _STOP_REASONS), "end_turn"),
        "usage": _usage(answered, input_tokens, written),
    }


def _parsed(body: bytes, server: str) -> Any:
    if _STREAM.match(body):
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
    if error := _error(answered):
        raise _unreadable(server, f"with an error: {error}")
    choices = answered.get("choices", [answered] if _message(answered) else None)
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise _unreadable(server, "without choices")
    return choices[0]


def _error(answered: dict[str, Any]) -> object:
    """The reason that a server gives in place of an answer."""
    failed = answered.get("object") == "error" or answered.get("type") == "error"
    error = answered.get("error") or answered.get("errors") or answered.get("detail")
    error = error[0] if isinstance(error, list) and error else error or (failed and answered)
    message = (error.get("message") or error.get("msg")) if isinstance(error, dict) else None
    return message or error


def _message(choice: dict[str, Any]) -> dict[str, Any] | None:
    """The message of a choice, or of an answer in the form of an older or a server's own address."""
    message = choice.get("message")
    if isinstance(message, dict):
        return message
    text = next((choice[name] for name in ("text", "response", "content") if isinstance(choice.get(name), str)), None)
    return None if text is None else {"content": text, "reasoning": choice.get("thinking")}


def _text(message: dict[str, Any]) -> tuple[list[str], str]:
    """The reasoning of a message, and its text."""
    content = message.get("content")
    parts = content if isinstance(content, list) else [content]
    thinking = [part for part in parts if isinstance(part, dict) and part.get("type") in _THOUGHTS]
    text = _joined([part for part in parts if part not in thinking]) or _joined(message.get("refusal"))
    beside = [_joined(each.get(name)) for each in (message, *thinking) for name in _THOUGHTS]
    inside, text = separated(text)
    return [*beside, *(_joined(part.get("text")) for part in thinking), *inside], text


def _joined(value: Any) -> str:
    """A text, or the texts of a part or of a list of parts; empty for anything else."""
    if isinstance(value, list):
        return "".join(map(_joined, value))
    if isinstance(value, dict):
        return _joined(value.get("text")) or _joined(value.get("refusal"))
    return value if isinstance(value, str) else ""


def _tool_uses(message: dict[str, Any], server: str) -> list[Block]:
    older = message.get("function_call")
    calls = message.get("tool_calls") or ([{"function": older}] if older else None)
    uses = []
    for number, call in enumerate(calls if isinstance(calls, list) else []):
        function = call.get("function", call) if isinstance(call, dict) else None
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
        given = json.loads(arguments or "{}")
        return json.loads(given) if isinstance(given, str) else given
    except (RecursionError, ValueError):
        raise _unreadable(server, f"with broken JSON in a call of {name}") from None


def _usage(answered: dict[str, Any], read: int, written: int) -> dict[str, int]:
    """The tokens that the server counted; where it did not, the local AWS counts words and marks."""
    usage = answered.get("usage")
    counts = {**answered, **(usage if isinstance(usage, dict) else {})}
    spent = {"inputTokens": _count(counts, _READ, read), "outputTokens": _count(counts, _WRITTEN, written)}
    return {**spent, "totalTokens": sum(spent.values())}


def _count(counts: dict[str, Any], names: tuple[str, ...], counted: int) -> int:
    usage: list[Any] = [counts.get(name) for name in names]
    return next((int(each) for each in usage if type(each) in (int, float) and 0 <= each < _MOST_TOKENS), counted)


def _unreadable(server: str, flaw: str) -> ServiceError:
    return ServiceError("ModelErrorException", f"ARBITER_LLM_URL {server} answered {flaw}", 424)
