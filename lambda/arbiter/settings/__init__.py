"""The settings of every function: built by its stack, parsed by its handler, both from the same dataclass."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Self

PREFIX = "ARBITER_"


class SettingsError(ValueError):
    """An environment that does not describe the function; the message names every problem."""


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """Settings that travel as environment variables, one a field: `ARBITER_<FIELD>`.

    Fields are `str`, `int`, `float`, `bool`, `dict` (as JSON), or the first, third or fourth `| None` (absent when so).
    A field without a default is required; there is no fallback for it.
    """

    def to_environment(self) -> dict[str, str]:
        """The variables that the stack puts into the function's environment."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {PREFIX + name.upper(): _dump(value) for name, value in values.items() if value is not None}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Parse the function's environment.

        Raises:
            SettingsError: naming every variable that is missing or cannot be read.
        """
        values: dict[str, Any] = {}
        problems: list[str] = []
        for f in fields(cls):
            variable = PREFIX + f.name.upper()
            text = environment.get(variable)
            if text is None:
                if f.default is MISSING and f.default_factory is MISSING:
                    problems.append(f"{variable} is missing")
                continue
            try:
                values[f.name] = _load(f.type, text)
            except ValueError:
                problems.append(f"{variable}={text!r} is not {_READABLE.get(f.type, f.type)}")
        if problems:
            raise SettingsError(f"{cls.__name__}: " + "; ".join(problems))
        return cls(**values)


_READABLE: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    float | None: "a number",
    bool: "true or false",
    bool | None: "true or false",
    dict: "JSON",
}


def _dump(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, separators=(",", ":"), sort_keys=True) if isinstance(value, dict) else str(value)


def _load(kind: Any, text: str) -> Any:
    if kind in (bool, bool | None):
        if text not in ("true", "false"):
            raise ValueError(text)
        return text == "true"
    if kind in (int, float):
        return kind(text)
    if kind == float | None:
        return float(text)
    return json.loads(text) if getattr(kind, "__origin__", kind) is dict else text
