"""The journal of authorization decisions: which role needed which permission, and whether it had it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from types import MappingProxyType

_LOG_STREAM = re.compile(r":log-stream:.+$")


class Journal:
    """A JSON Lines file in which every distinct decision stands once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._seen: set[str] = set()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def record(
        self,
        *,
        role: str,
        action: str,
        resource: str,
        allowed: bool,
        via: str,
        context: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Append one decision unless it stands there already; `context` is what conditions may ask about."""
        decision = {
            "role": role,
            "action": action,
            # Every cold start writes to a stream of its own: one line for all of them.
            "resource": _LOG_STREAM.sub(":log-stream:*", resource),
            "decision": "allow" if allowed else "deny",
            "via": via,
            **({"context": dict(context)} if context else {}),
        }
        line = json.dumps(decision, separators=(",", ":"))
        with self._lock:
            if line in self._seen:
                return
            self._seen.add(line)
            with self._path.open("a", encoding="utf-8") as journal:
                journal.write(line + "\n")


def principal_name(arn: str) -> str:
    """The role's or user's name in a principal ARN: `…:assumed-role/NAME/SESSION` and `…:role/PATH/NAME` give NAME."""
    resource = arn.split(":", 5)[-1]
    parts = resource.split("/")
    if parts[0] == "assumed-role" and len(parts) > 1:
        return parts[1]
    return parts[-1]
