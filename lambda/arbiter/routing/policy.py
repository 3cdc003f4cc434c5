"""The calibrated thresholds of `auto`, and those before them: published by calibration, brought back by rollback."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from arbiter.routing.artefact import number, pack, read

KIND = "routing policy"
Policy = Mapping[str, "Calibrated"]
"""By what the caller prefers."""


class Calibrated(NamedTuple):
    """Thresholds that beat each single mode in an evaluation run."""

    run: str
    grounded: float
    """The score from which the documents are needed."""
    specialised: float


class Policies(NamedTuple):
    """The policy in force, and the one before it."""

    current: Policy
    former: Policy

    def dumps(self) -> str:
        """The policies as the text that `loads` takes back."""
        named = {name: {key: one._asdict() for key, one in part.items()} for name, part in self._asdict().items()}
        return pack(KIND, named)

    def with_calibrated(self, prefer: str, calibrated: Calibrated) -> "Policies":
        """New thresholds in force for a preference, and what was in force kept as the former policy.

        Those that are in force already change nothing: a rollback still returns to what was before them.
        """
        changed = {**self.current, prefer: calibrated}
        return self if changed == self.current else Policies(changed, self.current)

    def rolled_back(self) -> "Policies":
        """The former policy in force; rolled back again, this one."""
        return Policies(self.former, self.current)


def policy_key(knowledge_base_id: str) -> str:
    """The key of a knowledge base's policy: scores of two knowledge bases do not compare."""
    return f"routing/{knowledge_base_id}/policy.json"


def loads(text: str | bytes) -> Policies:
    """The policies that a text holds.

    Raises:
        DamagedProfileError: it is cut off, altered, or none.
    """
    return read(KIND, text, lambda content: Policies(_policy(content["current"]), _policy(content["former"])))


def _policy(part: Mapping[str, Any]) -> Policy:
    return {
        str(prefer): Calibrated(str(one["run"]), number(one["grounded"]), number(one["specialised"]))
        for prefer, one in part.items()
    }
