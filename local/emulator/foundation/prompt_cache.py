"""Prompt caching: prefixes of requests up to their cache points, kept for five minutes after their last use.

Bedrock user guide (*prompt-caching*): a point whose prefix is shorter than the model's minimum caches nothing and is no
error; there are at most four; a model without caching refuses the request.
"""

import hashlib
import json
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from local.emulator.base.http import ServiceError

MOST_POINTS = 4
KEPT_SECONDS = 300.0
LEAST = {
    "amazon.nova-micro-v1:0": 1_000,
    "amazon.nova-lite-v1:0": 1_000,
    "amazon.nova-pro-v1:0": 1_000,
    "anthropic.claude-sonnet-4-5-20250929-v1:0": 1_024,
    "anthropic.claude-haiku-4-5-20251001-v1:0": 4_096,
    "anthropic.claude-opus-4-5-20251101-v1:0": 4_096,
}
"""Tokens of the shortest prefix that each model caches; the guide names no other that is served here."""

_kept: dict[str, float] = {}
_lock = Lock()


def counts(model: str, owner: str, body: dict[str, Any], count: Callable[[str], int]) -> dict[str, int]:
    """The tokens of a request that are read from the cache and written to it; empty without a cache point.

    Args:
        owner: Whose cache it is: account, region and the name of what is called.
        count: The tokens of a text.

    Raises:
        ServiceError: the model caches nothing, or there are too many points.
    """
    blocks = [*(body.get("system") or []), *(block for turn in body["messages"] for block in turn["content"])]
    points = [point for point, block in enumerate(blocks) if "cachePoint" in block]
    if not points:
        return {}
    if model not in LEAST:
        message = "You invoked an unsupported model or your request did not allow prompt caching."
        raise ServiceError("AccessDeniedException", message, 403)
    if len(points) > MOST_POINTS:
        raise ServiceError("ValidationException", f"A request has at most {MOST_POINTS} cache points.")
    read = written = 0
    tools = json.dumps(body.get("toolConfig"), sort_keys=True)
    for point in points:
        prefix = "\n".join(str(block.get("text", "")) for block in blocks[:point])
        tokens = count(prefix)
        if tokens < LEAST[model]:
            continue
        if _hit(hashlib.sha256(f"{owner}\0{model}\0{tools}\0{prefix}".encode()).hexdigest()):
            read = tokens
        else:
            written = tokens - read
    return {"cacheReadInputTokens": read, "cacheWriteInputTokens": written}


def _hit(prefix: str) -> bool:
    """Whether a prefix is kept; it is from now on."""
    now = time.monotonic()
    with _lock:
        hit = _kept.get(prefix, float("-inf")) + KEPT_SECONDS > now
        _kept[prefix] = now
    return hit
