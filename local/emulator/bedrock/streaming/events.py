"""Converse's response as the events of ConverseStream, one frame each, sent as they are made."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from local.emulator.base import faults
from local.emulator.base.http import Reply, ServiceError
from local.emulator.base.internals import inside
from local.emulator.bedrock.streaming.frames import CONTENT_TYPE, event, exception

_WORD = re.compile(r"\s*\S+\s*?|\s+")
_MODES = ("sync", "async")


def check(body: dict[str, Any]) -> None:
    """Refuse a mode of the guardrail's looking that ConverseStream does not know."""
    mode = (body.get("guardrailConfig") or {}).get("streamProcessingMode", "sync")
    if mode not in _MODES:
        raise ServiceError("ValidationException", f"guardrailConfig.streamProcessingMode must be one of {_MODES}")


def streamed(model: str, prompt: str, response: dict[str, Any]) -> Reply:
    """The reply that sends a response as its events; a test may have it break off."""
    frames: Iterable[bytes] = [event(name, content) for name, content in events(response)]
    complete, broken = True, faults.strike("stream", model=model, prompt=prompt)
    if broken:
        code = broken.get("code")
        frames = [*list(frames)[: broken["after"]], *([exception(code, "ordered by a test")] if code else [])]
        complete = code is not None

    async def send_all(send: Any, receive: Any) -> None:
        for frame in frames:
            await send({"type": "http.response.body", "body": frame, "more_body": True})
        if complete:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return 200, {"Content-Type": CONTENT_TYPE}, inside("core.responses", "StreamingResponse")(send_all)


def events(response: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and content of every event of a response."""
    yield "messageStart", {"role": "assistant"}
    for index, block in enumerate(response["output"]["message"]["content"]):
        placed = {"contentBlockIndex": index}
        if used := block.get("toolUse"):
            named = {"toolUseId": used["toolUseId"], "name": used["name"]}
            yield "contentBlockStart", {**placed, "start": {"toolUse": named}}
        for delta in _deltas(block):
            yield "contentBlockDelta", {**placed, "delta": delta}
        yield "contentBlockStop", placed
    yield "messageStop", {"stopReason": response["stopReason"]}
    parts = ("usage", "metrics", "trace")
    yield "metadata", {name: response[name] for name in parts if name in response}


def _deltas(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if used := block.get("toolUse"):
        yield {"toolUse": {"input": json.dumps(used["input"])}}
    elif reasoned := block.get("reasoningContent"):
        yield {"reasoningContent": {"text": reasoned["reasoningText"]["text"]}}
    else:
        for piece in _WORD.findall(block.get("text", "")):
            yield {"text": piece}
