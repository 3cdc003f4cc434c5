"""Responses of Converse: an answer as text or as a tool's input, cut to the tokens allowed, with its usage."""

import json
import uuid
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.knowledge.reading.tokens import count_tokens
from local.emulator.language.model import Answer
from local.emulator.language.prompt import text_of
from local.emulator.language.structured import fill

_DEFAULT_MAX_TOKENS = 10_000
_THOUGHT = "The documents are compared with the question, statement by statement, before an answer is given."


def input_tokens(body: dict[str, Any]) -> int:
    """Tokens that a request gives the model to read."""
    return count_tokens(
        text_of(body.get("system") or []) + "".join(text_of(turn["content"]) for turn in body["messages"])
    )


def response(body: dict[str, Any], answered: Answer, *, thinks: bool) -> dict[str, Any]:
    """Converse's response with this answer; a model that thinks spends tokens on that first."""
    settings = body.get("inferenceConfig") or {}
    tool = _forced_tool(body.get("toolConfig"))
    if tool:
        given = fill(tool["inputSchema"]["json"], answered.text, answered.grounds)
        use = {"toolUseId": f"tooluse_{uuid.uuid4().hex[:22]}", "name": tool["name"], "input": given}
        content: dict[str, Any] = {"toolUse": use}
        text, reason = json.dumps(given), "tool_use"
    else:
        most = int(settings.get("maxTokens") or _DEFAULT_MAX_TOKENS)
        text, reason = _limited(answered.text, most - (count_tokens(_THOUGHT) if thinks else 0))
        content = {"text": text}
    thought = [{"reasoningContent": {"reasoningText": {"text": _THOUGHT}}}] if thinks else []
    spent = {"inputTokens": input_tokens(body), "outputTokens": count_tokens(text + _THOUGHT * len(thought))}
    return {
        "output": {"message": {"role": "assistant", "content": [*thought, *([content] if text or not thinks else [])]}},
        "stopReason": reason,
        "usage": {**spent, "totalTokens": sum(spent.values())},
    }


def check_tools(base: str, body: dict[str, Any]) -> None:
    """Refuse what Nova refuses at the top of a tool's schema (Nova user guide, *Defining a tool*)."""
    tools = (body.get("toolConfig") or {}).get("tools") or []
    for index, tool in enumerate(tools if "amazon.nova" in base else []):
        for key in tool["toolSpec"]["inputSchema"]["json"]:
            if key not in ("type", "properties", "required"):
                raise ServiceError(
                    "ValidationException",
                    "The model returned the following errors: Malformed input request: "
                    f"#/toolConfig/tools/{index}/toolSpec/inputSchema/json: extraneous key [{key}] is not permitted, "
                    "please reformat your input and try again.",
                )


def _forced_tool(configuration: dict[str, Any] | None) -> dict[str, Any] | None:
    if not configuration:
        return None
    tools: list[dict[str, Any]] = [tool["toolSpec"] for tool in configuration["tools"]]
    choice = configuration.get("toolChoice") or {}
    if "any" in choice:
        return tools[0]
    wanted = (choice.get("tool") or {}).get("name")
    if wanted is None:
        return None  # the model may choose, and this one would rather answer
    forced = next((tool for tool in tools if tool["name"] == wanted), None)
    if forced is None:
        raise ServiceError("ValidationException", f"toolChoice names {wanted}, which is not among the tools")
    return forced


def _limited(text: str, most: int) -> tuple[str, str]:
    """The text cut to a number of tokens, and why generation stopped."""
    if most < 1:
        return "", "max_tokens"
    if count_tokens(text) <= most:
        return text, "end_turn"
    kept = ""
    for word in text.split(" "):
        longer = f"{kept} {word}" if kept else word
        if count_tokens(longer) > most:
            break
        kept = longer
    return kept or text[: most * 4], "max_tokens"
