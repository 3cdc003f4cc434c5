"""Answers that an order changes: whose credentials a call is made with, and the state that a stack is in."""

import re
from typing import Any
from urllib.parse import parse_qs

from local.emulator.base import faults
from local.emulator.base.http import Reply, ServiceHandler
from local.emulator.base.internals import inside

_STACK = re.compile(rb"<member>(<StackName>([^<]+)</StackName>.*?)</Outputs>", re.DOTALL)
_STATUS = re.compile(rb"<StackStatus>[^<]*</StackStatus>")
_OUTPUTS = re.compile(rb"<Outputs>.*", re.DOTALL)


def install() -> None:
    """Change what GetCallerIdentity and DescribeStacks answer, where that is ordered."""
    handlers: dict[str, ServiceHandler] = inside("app", "SERVICE_HANDLERS")
    for service, action, change in (
        ("sts", "GetCallerIdentity", _identity),
        ("cloudformation", "DescribeStacks", _stacks),
    ):
        handlers[service] = _changing(handlers[service], action, change)


def _changing(original: ServiceHandler, action: str, change: Any) -> ServiceHandler:
    async def handle(method: str, path: str, headers: dict[str, str], raw: bytes, query: dict[str, Any]) -> Reply:
        status, reply_headers, body = await original(method, path, headers, raw, query)
        asked = parse_qs(raw.decode("utf-8", "replace")).get("Action")
        return status, reply_headers, change(body) if asked == [action] and status == 200 else body

    return handle


def _identity(body: bytes) -> bytes:
    """Another account's credentials: every twelve digits of the answer are those of that account."""
    effect = faults.ordered("identity")
    return body if effect is None else re.sub(rb"\b\d{12}\b", str(effect["account"]).encode(), body)


def _stacks(body: bytes) -> bytes:
    return _STACK.sub(_stack, body)


def _stack(match: re.Match[bytes]) -> bytes:
    """A stack whose creation was rolled back has no outputs either."""
    effect = faults.ordered("stack", name=match[2].decode())
    if effect is None:
        return match[0]
    changed = _STATUS.sub(f"<StackStatus>{effect['status']}</StackStatus>".encode(), match[0], count=1)
    rolled_back = effect["status"].startswith("ROLLBACK_")
    return _OUTPUTS.sub(b"<Outputs></Outputs>", changed) if rolled_back else changed
