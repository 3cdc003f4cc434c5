"""Problems with settings, as sentences for people."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

Location = tuple[int | str, ...]
SHOWN = 100
"""Characters of a refused value."""


@dataclass(frozen=True)
class Problem:
    """A fault of one setting, and the settings that the judgement rests on."""

    location: Location
    text: str
    reads: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The setting's path below the environment, for example `retrieval.results`."""
        return ".".join(str(part) for part in self.location)

    def within(self, other: "Problem") -> bool:
        """Whether its setting stands inside that of another problem."""
        return self.location[:-1][: len(other.location)] == other.location


class SettingsError(ValueError):
    """Settings that cannot be deployed; the message names every problem, and so do `problems` where it has several."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


def explain(model: type[BaseModel], error: ErrorDetails) -> Problem:
    """One of pydantic's findings as a sentence that says what is allowed."""
    location = error["loc"][:-1] if error["loc"][-1:] == ("[key]",) else error["loc"]
    if error["type"] == "extra_forbidden":
        return Problem(location, _unknown(location[-1], _block(model, location[:-1])))
    if error["type"] == "value_error":
        return Problem(location, str(error["ctx"]["error"]))
    allowed = _allowed(model, location)
    if error["type"] == "missing":
        return Problem(location, f"is missing; allowed: {allowed}")
    return Problem(location, f"{_shown(error['input'])} is not allowed; allowed: {allowed}")


def _shown(value: object) -> str:
    """A value as it was written, as far as a line has room for it."""
    written = repr(value)
    return written if len(written) <= SHOWN else f"{written[:SHOWN]}… ({len(written):,} characters)"


def without(block: dict[str, Any], locations: Iterable[Location]) -> dict[str, Any]:
    """The block less the settings at `locations`; a member of a list takes the whole list with it."""
    trimmed = dict(block)
    for head, *tail in locations:
        child = trimmed.get(str(head))
        if tail and isinstance(child, dict):
            trimmed[str(head)] = without(child, [tuple(tail)])
        else:
            trimmed.pop(str(head), None)
    return trimmed


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "…"?` when something known is close, else nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _unknown(name: object, block: type[BaseModel]) -> str:
    known = list(block.model_fields)
    hint = nearest(str(name), known) or ";"
    return f"unknown setting{hint} known here: {', '.join(known)}"


def _block(model: type[BaseModel], location: Sequence[int | str]) -> type[BaseModel]:
    for part in location:
        if isinstance(part, int):
            continue  # A member of a list of blocks.
        if part not in model.model_fields:
            continue  # A name in a mapping of blocks.
        inner = _block_in(model.model_fields[part].annotation)
        if inner is None:
            break
        model = inner
    return model


def _block_in(kind: Any) -> type[BaseModel] | None:
    """The block that a setting holds, alone, in a list, or unless it is null."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((block for part in get_args(kind) if (block := _block_in(part))), None)


def _allowed(model: type[BaseModel], location: Location) -> str:
    """The description of the innermost field on the way to `location`."""
    description = ""
    for part in location:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        if field is None:
            continue
        description = field.description or ""
        model = _block_in(field.annotation) or model
    return description
