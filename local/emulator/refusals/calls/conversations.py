"""Conversations that Converse refuses, with the sentences that Bedrock was seen to send."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from local.emulator.base.http import ServiceError

Record = dict[str, Any]
_ROLES = ("user", "assistant")
_BLANK = "is blank. Add text to the text field, and try again."


def check(body: Record) -> None:
    """Refuse a conversation that does not alternate, has a blank part, or uses tools by halves.

    Raises:
        ServiceError: ValidationException, with the first reason.
    """
    for reason in _reasons(body):
        raise ServiceError("ValidationException", reason)


def _reasons(body: Record) -> Iterator[str]:
    messages = body.get("messages") or []
    if not messages:
        yield "messages must hold at least one message"
    roles = [message.get("role") for message in messages]
    if roles[:1] != ["user"] or any(role not in _ROLES for role in roles):
        yield "A conversation must start with a user message."
    if any(role == following for role, following in pairwise(roles)):
        yield "Roles must alternate between user and assistant."
    if roles[-1:] != ["user"]:
        yield "The conversation must end with a user message."
    for number, message in enumerate(messages):
        yield from _parts(number, message.get("content") or ())
    for place, block in enumerate(body.get("system") or ()):
        if _blank(block):
            yield f"The text field in the SystemContentBlock object at system.{place} {_BLANK}"
    yield from _tools(body.get("toolConfig") or {})
    yield from _uses(messages, configured=bool(body.get("toolConfig")))


def _parts(number: int, content: Sequence[Record]) -> Iterator[str]:
    if not content:
        text = "is empty. Add a ContentBlock object to the content field and try again."
        yield f"The content field in the Message object at messages.{number} {text}"
    for place, block in enumerate(content):
        if len(block) != 1:
            yield f"The ContentBlock object at messages.{number}.content.{place} must set one of its members"
        if _blank(block):
            yield f"The text field in the ContentBlock object at messages.{number}.content.{place} {_BLANK}"


def _blank(block: Record) -> bool:
    text = block.get("guardContent", {}).get("text", block).get("text")
    return isinstance(text, str) and not text.strip()


def _tools(configuration: Record) -> Iterator[str]:
    tools = [tool["toolSpec"] for tool in configuration.get("tools") or () if "toolSpec" in tool]
    names = [tool["name"] for tool in tools]
    if len(set(names)) < len(names):
        yield "The model returned the following errors: tools: Tool names must be unique."
    for place, tool in enumerate(tools):
        if tool["inputSchema"].get("json", {}).get("type") != "object":
            where = f"toolConfig.tools.{place}.toolSpec.inputSchema.json.type"
            yield f"The value at {where} must be one of the following: object."


def _uses(messages: Sequence[Record], *, configured: bool) -> Iterator[str]:
    """Uses of tools without their results in the next message, and results of no use."""
    before = set[str]()
    for number, message in enumerate(messages):
        content = message["content"]
        used = {block["toolUse"]["toolUseId"] for block in content if "toolUse" in block}
        results = [block["toolResult"]["toolUseId"] for block in content if "toolResult" in block]
        if (used or results) and not configured:
            yield "The toolConfig field must be defined when using toolUse and toolResult content blocks."
        if missing := before - set(results):
            where = f"messages.{number}.content"
            yield f"Expected toolResult blocks at {where} for the following Ids: {', '.join(sorted(missing))}"
        if len(results) > len(before):
            text = "exceeds the number of toolUse blocks of previous turn."
            yield f"The number of toolResult blocks at messages.{number}.content {text}"
        before = used
