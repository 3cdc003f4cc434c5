"""Promotion and rollback: which tuned model answers, and which one answered before, moved in one write."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from arbiter.tuned_models.service.pointer import NONE, TunedModel, read

ATTEMPTS = 3
ANY = "*"
"""No name of a run: whichever model is in service."""
CANDIDATE, IN_SERVICE, PREVIOUS = "candidate", "in_service", "previous"


class NothingToRollBackTo(LookupError):  # noqa: N818 - the name is what callers tell apart
    """No model is in service, and none was before."""


class PointerMoved(RuntimeError):  # noqa: N818 - as above
    """Another model is in service than the caller saw."""


class ConcurrentWrite(RuntimeError):  # noqa: N818 - as above
    """Somebody else kept writing the pointer meanwhile."""


class Pointer(NamedTuple):
    """The text of the `in_service` parameter.

    `none` before the first model; else the fields of the model in service with `previous` beside them, `model` being
    null when nothing is in service but something was.
    """

    in_service: TunedModel | None = None
    previous: TunedModel | None = None

    @classmethod
    def parse(cls, text: str) -> "Pointer":
        """Read the parameter's text.

        Raises:
            MalformedPointerError: naming what is missing.
        """
        pointer = read(text)
        if pointer is None:
            return cls()
        previous = pointer.get("previous")
        return cls(TunedModel.parse(text), None if previous is None else TunedModel.of(previous))

    def dump(self) -> str:
        """The parameter's text: one text, so that one write moves both."""
        if self == Pointer():
            return NONE
        return json.dumps(
            {**(self.in_service._asdict() if self.in_service else {"model": None}), "previous": _dump(self.previous)},
            separators=(",", ":"),
        )

    def describe(self) -> dict[str, Any]:
        """Both models as objects."""
        return {IN_SERVICE: _dump(self.in_service), PREVIOUS: _dump(self.previous)}

    def promote(self, model: TunedModel, *, over: str | None = ANY) -> "Pointer":
        """Put a model into service; what answered last becomes the previous one. A second time changes nothing.

        Args:
            model: the model.
            over: the run that it was found better than; `None` when nothing was in service then.

        Raises:
            PointerMoved: another model is in service than that one.
        """
        if model == self.in_service:
            return self
        if over not in (ANY, now := _run(self.in_service)):
            raise PointerMoved(
                f"The model of run {model.run} was compared with that of run {over or 'none'}, but {now or 'none'} is "
                "in service now. Compare them again, or promote it by hand."
            )
        last = self.in_service or self.previous
        return Pointer(model, None if last == model else last)

    def roll_back(self, seen: str | None = None, *, to_none: bool = False) -> "Pointer":
        """Let the previous model answer again, or none if there was none; a second time returns.

        Args:
            seen: the run that the caller saw in service. Once it has gone, a repetition changes nothing.
            to_none: let no tuned model answer, whatever did before; what answers now is what a second time returns to.

        Raises:
            NothingToRollBackTo: there is neither.
            PointerMoved: another model is in service than was seen.
        """
        if self == Pointer():
            raise NothingToRollBackTo("No tuned model is in service, and none was before. Train one and promote it.")
        if to_none and self.in_service is None:
            return self
        if seen is None or _run(self.in_service) == seen:
            return Pointer(None if to_none else self.previous, self.in_service)
        if _run(self.previous) == seen:
            return self
        now = _run(self.in_service) or "none"
        raise PointerMoved(
            f"The model of run {seen} is not in service any more, but {now}. Look, then roll back again."
        )

    def forget(self, run: str) -> "Pointer":
        """Drop the previous model when it is of this run; a second time changes nothing."""
        return Pointer(self.in_service, None) if _run(self.previous) == run else self


def named(candidate: str, in_service: str) -> dict[str, TunedModel]:
    """The models that the two parameters' texts point to, by the pointer's name.

    Raises:
        MalformedPointerError: one of the texts is no pointer.
    """
    pointer = Pointer.parse(in_service)
    pointers = {CANDIDATE: TunedModel.parse(candidate), IN_SERVICE: pointer.in_service, PREVIOUS: pointer.previous}
    return {name: model for name, model in pointers.items() if model}


class Version(NamedTuple):
    """A parameter's text, and how many times it was written."""

    text: str
    number: int


class VersionedParameter(Protocol):
    """The parameter that says what is in service."""

    def read(self, number: int | None = None) -> Version:
        """The text as it is, or as it was written the `number`th time."""

    def write(self, text: str) -> int:
        """Write a text; returns which writing it was."""


class Move(NamedTuple):
    """A pointer before and after."""

    before: Pointer
    after: Pointer


def move(parameter: VersionedParameter, step: Callable[[Pointer], Pointer]) -> Move:
    """Take one step; as if after whatever somebody else wrote at the same moment.

    Parameter Store cannot write on a condition, but it numbers the writings: when a number is skipped, somebody's text
    was overwritten. That text is read back, and the step is taken from there. A number is skipped, too, where the
    writing was repeated because its reply was lost: then what was overwritten is the very text that was written.

    Raises:
        ConcurrentWrite: it happened again and again; the last text written is the other's.
    """
    seen, first = parameter.read(), True
    for _ in range(ATTEMPTS):
        before = Pointer.parse(seen.text)
        try:
            after = step(before)
        except Exception:
            if not first:
                parameter.write(seen.text)
            raise
        if first and after == before:
            return Move(before, after)
        number = parameter.write(after.dump())
        overwritten = _overwritten(parameter, after.dump(), since=seen.number, number=number)
        if overwritten is None:
            return Move(before, after)
        seen, first = Version(overwritten, number), False
    parameter.write(seen.text)
    raise ConcurrentWrite("Somebody else is moving the pointer at the same time; theirs stands. Look, then try again.")


def _overwritten(parameter: VersionedParameter, ours: str, *, since: int, number: int) -> str | None:
    """The last text of somebody else between two writings; `None` where there is none."""
    texts = (parameter.read(one).text for one in range(number - 1, since, -1))
    return next((text for text in texts if text != ours), None)


def _dump(model: TunedModel | None) -> dict[str, str] | None:
    return model._asdict() if model else None


def _run(model: TunedModel | None) -> str | None:
    return model.run if model else None
