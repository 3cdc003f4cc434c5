"""A description of one stack waits until the stack has settled.

The CDK CLI asks every five seconds whether a stack is done, and has no option for it; a stack here is done in less
than one. Without this, deploying takes as many times five seconds as there are stacks behind one another.
"""

import asyncio
import time
from typing import Any
from urllib.parse import parse_qs

from local.emulator.base.http import Reply, ServiceHandler
from local.emulator.base.internals import inside

_PATIENCE_SECONDS = 4.0
_LOOK_SECONDS = 0.02
_UNSETTLED = b"_IN_PROGRESS</StackStatus>"
_REVIEWED = b"REVIEW_IN_PROGRESS</StackStatus>"


def install() -> None:
    """Let descriptions of one stack wait for it; what does not settle in time is described as it is."""
    handlers: dict[str, ServiceHandler] = inside("app", "SERVICE_HANDLERS")
    handlers["cloudformation"] = _settled(handlers["cloudformation"])


def _settled(base: ServiceHandler) -> ServiceHandler:
    async def handle(method: str, path: str, headers: dict[str, str], raw: bytes, query: dict[str, Any]) -> Reply:
        answer = await base(method, path, headers, raw, query)
        if not _describes_one_stack(raw):
            return answer
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while _changes(answer) and time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_SECONDS)
            answer = await base(method, path, headers, raw, query)
        return answer

    return handle


def _describes_one_stack(raw: bytes) -> bool:
    asked = parse_qs(raw.decode("utf-8", "replace"))
    return asked.get("Action") == ["DescribeStacks"] and "StackName" in asked


def _changes(answer: Reply) -> bool:
    """Whether the stack is being worked on; one under review waits for a person."""
    content = answer[2]
    return _UNSETTLED in content and _REVIEWED not in content
