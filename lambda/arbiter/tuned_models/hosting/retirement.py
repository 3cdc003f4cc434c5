"""Retiring a tuned model: what hosts it first, then the model itself, each proved gone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.service.promotion import CANDIDATE, IN_SERVICE, PREVIOUS

WAYS_OUT = {
    IN_SERVICE: "It answers requests: promote another model or roll back first.",
    PREVIOUS: "A rollback would return to it: promote another model first, or retire it with --force.",
    CANDIDATE: "It is nominated: train another one first, or retire it with --force.",
}


class ModelInUse(RuntimeError):  # noqa: N818 - the name is what callers tell apart
    """A model that a pointer names."""


class HostingCommitted(RuntimeError):  # noqa: N818 - as above
    """Throughput that was bought for a term which is not over."""


class RetirementIncomplete(RuntimeError):  # noqa: N818 - as above
    """A retirement that left something, which it names."""


class NotYet(RuntimeError):  # noqa: N818 - as above
    """Bedrock cannot delete something at the moment."""


class Refused(RuntimeError):  # noqa: N818 - as above
    """Bedrock does not delete something, and will not later."""


class Kind(StrEnum):
    """Kinds of resources, in the order of deletion."""

    DEPLOYMENT = "deployment"
    THROUGHPUT = "provisioned throughput"
    MODEL = "custom model"
    IMPORTED = "imported model"


class Resource(NamedTuple):
    """One resource to delete."""

    kind: Kind
    arn: str
    committed_until: datetime | None = None
    """End of the term that throughput was bought for; before it Bedrock does not delete it."""
    serves: str | None = None
    """ARN of the custom model for which a deployment is deleted; one that was given another model meanwhile stays."""


class Bedrock(Protocol):
    """Looks for resources, and deletes them."""

    def delete(self, resource: Resource) -> None:
        """Delete it, or begin to; it may be gone already.

        Raises:
            NotYet: it is still being made, changed or used.
            Refused: it will not be deleted.
        """

    def exists(self, resource: Resource) -> bool:
        """Whether it is still there."""


def refuse_in_use(run: str | None, custom_model: str, pointed_to: Mapping[str, TunedModel]) -> None:
    """Refuse a model that a pointer names, by its run or by itself: runs on the same data share a model.

    Raises:
        ModelInUse: naming every such pointer, and the way out.
    """
    names = [name for name, model in pointed_to.items() if model.run == run or model.custom_model == custom_model]
    if names:
        what = f"The model of run {run}" if run else f"The model {custom_model}"
        reasons = " ".join(WAYS_OUT[name] for name in names)
        uses = " and ".join(name.replace("_", " ") for name in names)
        raise ModelInUse(f"{what} is not retired: it stands as {uses}. {reasons}")


def retire(
    bedrock: Bedrock, resources: Sequence[Resource], *, now: datetime, wait: Callable[[], bool]
) -> tuple[str, ...]:
    """Delete resources in the right order and see each gone; returns their ARNs.

    Args:
        resources: a model and what hosts it.
        now: the time, against which commitments are held.
        wait: pauses before another look; says whether there is time for one.

    Raises:
        HostingCommitted: before anything is deleted.
        RetirementIncomplete: naming what is gone, and what is left and why.
    """
    _refuse_committed(resources, now)
    gone: list[str] = []
    left: dict[str, str] = {}
    for resource in sorted(resources, key=lambda one: list(Kind).index(one.kind)):
        if resource.kind is Kind.MODEL and left:
            left[resource.arn] = "what hosts it is left"
        elif reason := remove(bedrock, resource, wait):
            left[resource.arn] = reason
        else:
            gone.append(resource.arn)
    if left:
        reasons = "; ".join(f"{arn}: {reason}" for arn, reason in left.items())
        done = f"Deleted: {', '.join(gone)}." if gone else "Nothing is deleted."
        raise RetirementIncomplete(f"Left, and perhaps billed: {reasons}. {done} Run it again to go on.")
    return tuple(gone)


def _refuse_committed(resources: Sequence[Resource], now: datetime) -> None:
    committed = [one for one in resources if one.committed_until and one.committed_until > now]
    if committed:
        terms = "; ".join(f"{one.arn} until {one.committed_until:%Y-%m-%d %H:%M} UTC" for one in committed)
        raise HostingCommitted(
            f"Nothing is deleted: throughput is committed, and billed, to the end of its term ({terms})."
        )


def remove(bedrock: Bedrock, resource: Resource, wait: Callable[[], bool]) -> str | None:
    """Delete one resource and wait until it is gone; the reason when it is not."""
    asked = False
    reason = "Bedrock still has it"
    while True:
        try:
            if not asked:
                bedrock.delete(resource)
                asked = True
            if not bedrock.exists(resource):
                return None
        except NotYet as error:
            reason = str(error)
        except Refused as error:
            return str(error)
        if not wait():
            return f"time ran out: {reason}"
