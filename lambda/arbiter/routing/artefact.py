"""Profiles as they are kept: under which key, and as JSON with kind, version and a checksum of the content."""

import hashlib
import json
import math
from collections.abc import Callable
from typing import Any, TypeVar

from arbiter import strict_json
from arbiter.store import Store, exists

VERSION = 1
LARGEST = 5 << 20
"""Bytes; a profile of 5,000 terms has about 150,000."""

T = TypeVar("T")


class DamagedProfileError(ValueError):
    """A text that is not the profile it should be: cut off, altered, of another kind or version."""


def pack(kind: str, content: dict[str, Any]) -> str:
    """The text that `read` takes back."""
    body = _canonical(content)
    return f'{{"kind":"{kind}","version":{VERSION},"checksum":"{_digest(body)}","content":{body}}}'


def read(kind: str, text: str | bytes, parse: Callable[[dict[str, Any]], T]) -> T:
    """The profile that a packed text holds, as `parse` makes it of the content.

    Raises:
        DamagedProfileError: it is cut off, altered, or no such profile.
    """
    content = _unpack(kind, text)
    try:
        return parse(content)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        raise DamagedProfileError(f"lacks a part of a {kind}") from None


def number(value: object) -> float:
    """A finite number of a profile.

    Raises:
        ValueError, OverflowError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


MEASURED_KEY = "routing/modes.json"
"""The time and the length of an answer in each mode, as the last evaluation measured them."""


def knowledge_key(knowledge_base_id: str) -> str:
    """The key of a knowledge base's profile: a knowledge base that was replaced takes its profile along."""
    return f"routing/{knowledge_base_id}/knowledge.json"


def former(key: str) -> str:
    """The key of the profile before the one under a key."""
    return key.removesuffix(".json") + ".former.json"


def tuned_key(run: str) -> str:
    """The key of the profile of the model that a training run made."""
    return f"routing/models/{run}.json"


def keep(store: Store, key: str, text: str, loads: Callable[[bytes], object]) -> None:
    """Write a profile; the one that it replaces, if `loads` finds that whole, is kept as the former one."""
    before = store.read(key) if exists(store, key) else None
    if before is not None and _is_whole(before, loads):
        store.write(former(key), before, content_type="application/json")
    store.write(key, text.encode(), content_type="application/json")


def _is_whole(content: bytes, loads: Callable[[bytes], object]) -> bool:
    try:
        loads(content)
    except DamagedProfileError:
        return False
    return True


def _unpack(kind: str, text: str | bytes) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise DamagedProfileError(f"has {len(text):,} bytes, more than the {LARGEST:,} of any profile")
    try:
        value = strict_json.loads(text if isinstance(text, str) else text.decode())
    except (ValueError, RecursionError):
        raise DamagedProfileError("is not JSON") from None
    if not isinstance(value, dict) or value.get("kind") != kind:
        raise DamagedProfileError(f"is not a {kind}")
    if value.get("version") != VERSION:
        raise DamagedProfileError(f"has version {str(value.get('version'))[:20]}, and version {VERSION} is read")
    content = value.get("content")
    if not isinstance(content, dict) or _checksum(content) != (value.get("checksum") or ""):
        raise DamagedProfileError("does not match its checksum")
    return content


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)


def _checksum(content: dict[str, Any]) -> str | None:
    try:
        return _digest(_canonical(content))
    except (ValueError, RecursionError):  # A lone surrogate, or a number that no profile was written with.
        return None


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
