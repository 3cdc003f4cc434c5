"""Findings: a problem, its consequence and its remedy; and what a check tells of what it looked at."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Severity(StrEnum):
    """How much a finding matters."""

    BLOCKS = "blocks"
    """Something that the settings ask for cannot work now."""
    WARNS = "warns"
    """It works, and costs more, is slower, or will end."""
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something to be mended."""

    code: str
    subject: str
    """The model, stack, setting or other part that it is about."""
    severity: Severity
    problem: str
    consequence: str
    """The cost of leaving it, or what fails."""
    remedy: str
    """The command that mends it, or the line of `cdk.json` and the command that follows."""
    hint: str = ""
    """The person who has to run the command, or what comes after it."""


class NotChecked(Exception):  # noqa: N818 - no error: a look that could not be taken
    """A part that could not be looked at, with the reason as a sentence."""


class Looked(NamedTuple):
    """The result of a look: in a few words what is there, and what is wrong with it."""

    seen: str
    findings: tuple[Finding, ...] = ()


class Check(NamedTuple):
    """One look at one part."""

    name: str
    look: Callable[[], Looked]


@dataclass(frozen=True)
class Checked:
    """A check that was made, or not."""

    name: str
    seen: str = ""
    findings: tuple[Finding, ...] = ()
    not_checked: str | None = None
    """The reason why not."""


class Once(Generic[T]):
    """A call that several checks need, made once, at the first of them; its failure is told to each."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._lock = Lock()
        self._made: list[T] = []
        self._failed: Exception | None = None

    def __call__(self) -> T:
        with self._lock:
            if self._failed:
                raise self._failed
            if not self._made:
                try:
                    self._made.append(self._call())
                except Exception as error:
                    self._failed = error
                    raise
            return self._made[0]
