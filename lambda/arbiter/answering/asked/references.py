"""References inside a JSON schema, written out: neither models nor the checks of answers follow them.

Clients make them of every class inside a class: `{"$ref": "#/$defs/Address"}`.
"""

import json
from collections.abc import Mapping
from typing import Any

from arbiter.answering.asked.schema import ANNOTATIONS
from arbiter.fields import shown

REFERENCE, GROUPS = "$ref", ("$defs", "definitions")
"""The keyword, and where a schema keeps what is referred to: the latter in older drafts."""


class UnwritableError(ValueError):
    """A schema that cannot be written out; the message says why."""


def written_out(schema: Mapping[str, Any], *, largest: int, deepest: int) -> Any:
    """The schema without references.

    Args:
        largest: bytes that it may get; a few references to references would otherwise fill a machine.
        deepest: references inside references.

    Raises:
        UnwritableError: it refers to what it does not hold, to itself, or to too much.
    """
    kept = {
        f"#/{group}/{name}": definition
        for group in GROUPS
        if isinstance(schema.get(group), dict)
        for name, definition in schema[group].items()
    }
    root = {name: value for name, value in schema.items() if name not in GROUPS}
    return _Writer(kept, largest, deepest).schema(root, ())


class _Writer:
    """Writes one schema out, as far as its size allows."""

    def __init__(self, kept: Mapping[str, Any], largest: int, deepest: int) -> None:
        self._kept, self._left, self._deepest = kept, largest, deepest

    def schema(self, schema: Any, within: tuple[str, ...]) -> Any:
        """One schema, inside of those that were referred to."""
        if not isinstance(schema, dict):
            return schema
        if isinstance(schema.get(REFERENCE), str):
            return self._referred(schema, within)
        return {name: self._keyword(name, value, within) for name, value in schema.items()}

    def _keyword(self, name: str, value: Any, within: tuple[str, ...]) -> Any:
        if name in ("items", "additionalProperties"):
            return self.schema(value, within)
        if name == "anyOf" and isinstance(value, list):
            return [self.schema(one, within) for one in value]
        if name == "properties" and isinstance(value, dict):
            return {member: self.schema(one, within) for member, one in value.items()}
        return value  # Data, in which nothing is a reference.

    def _referred(self, schema: dict[str, Any], within: tuple[str, ...]) -> Any:
        address, beside = schema[REFERENCE], {name: value for name, value in schema.items() if name != REFERENCE}
        if address not in self._kept:
            raise UnwritableError(f"refers to {shown(address)}, which is none of its own $defs")
        if address in within:
            raise UnwritableError(f"refers to {shown(address)} inside of it, without an end")
        if beside.keys() - ANNOTATIONS:
            raise UnwritableError(f"has other rules beside the reference to {shown(address)}")
        kept = self._kept[address]
        self._left -= len(json.dumps(kept, ensure_ascii=False).encode())
        if self._left < 0 or len(within) == self._deepest:
            raise UnwritableError("is too large with its references written out")
        written = self.schema(kept, (*within, address))
        return {**written, **beside} if isinstance(written, dict) else written
