"""Where a candidate is deployed: in a slot that neither the model in service nor the previous one stands in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from arbiter.tuned_models.service.pointer import TunedModel

Action = Literal["create", "update", "keep", "provision"]


class NoSlot(RuntimeError):  # noqa: N818 - the name is what the pipeline's record shows
    """No deployment can take the candidate."""


@dataclass(frozen=True)
class Slot:
    """A deployment on demand as Bedrock describes it."""

    name: str
    arn: str
    model: str
    """ARN of the custom model that it serves."""
    status: str
    coming: str | None = None
    """ARN of the custom model that replaces it, while it is being updated."""

    @property
    def ready(self) -> bool:
        return self.status == "Active" and self.coming is None

    def holds(self, custom_model: str) -> bool:
        """Whether it serves a model, or is about to."""
        return custom_model in (self.model, self.coming)


@dataclass(frozen=True)
class Placement:
    """The pipeline's next action to host a candidate."""

    action: Action
    name: str
    arn: str | None = None
    withdraws: bool = False
    """Whether the present candidate stands there, so that nobody may promote it any more."""


def place(
    custom_model: str, names: Sequence[str], slots: Mapping[str, Slot], pointers: Mapping[str, TunedModel]
) -> Placement:
    """Choose a slot: one that serves the model already, else one to update, else one to create.

    The candidate's own is the last choice: it stays until another model is ready to be nominated.

    Args:
        custom_model: ARN of the model to host.
        names: Every slot of the environment.
        slots: Those that exist, by name.
        pointers: The models pointed to, by the pointer's name.

    Raises:
        NoSlot: saying why each cannot be used.
    """
    kept = {model.model for pointer, model in pointers.items() if pointer != "candidate"}
    candidate = pointers["candidate"].model if "candidate" in pointers else None
    free = [name for name in names if name not in slots or slots[name].arn not in kept]
    usable = [name for name in free if name not in slots or slots[name].ready]
    if not usable:
        raise NoSlot("No deployment can take the model: " + "; ".join(_reason(n, slots[n], kept) for n in names))
    name = min(usable, key=lambda name: _rank(slots.get(name), custom_model, candidate))
    if name not in slots:
        return Placement("create", name)
    slot = slots[name]
    if slot.model == custom_model:
        return Placement("keep", name, slot.arn)
    return Placement("update", name, slot.arn, withdraws=slot.arn == candidate)


def _rank(slot: Slot | None, custom_model: str, candidate: str | None) -> int:
    if slot is None:
        return 2
    if slot.model == custom_model:
        return 0
    return 3 if slot.arn == candidate else 1


def _reason(name: str, slot: Slot, kept: set[str]) -> str:
    if slot.arn in kept:
        return f"{name} is in service or kept for a rollback"
    return f"{name} is {slot.status}" + (f" and being given {slot.coming}" if slot.coming else "")
