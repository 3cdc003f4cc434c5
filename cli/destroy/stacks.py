"""The stacks of one environment: found in whatever state, and deleted in the order of their dependencies."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from cli.core.deployment import Deployment
from cli.destroy.workers import Workers

WAVES = (
    ("Operations", "Generation", "FineTuning", "Edge"),
    ("Evaluation",),
    ("Inference",),
    ("KnowledgeBase",),
    ("Storage",),
)
"""The stacks that are deleted at the same time, in order: none uses another of its own or of a later wave."""
DATA = frozenset({"Storage", "KnowledgeBase"})
CUSTOM = "Custom::"
GONE, FAILED = "DELETE_COMPLETE", "DELETE_FAILED"
WAITS_FOR_A_PERSON = "REVIEW_IN_PROGRESS"
"""A change set was made and never executed: nothing works on such a stack."""
PATIENCE_SECONDS = 3600.0
MAKING_SECONDS = 60.0
"""A stack that is still being made after that is deleted while it is: CloudFormation takes that."""
LONGEST_PAUSE = 5.0


class Resource(NamedTuple):
    """One resource of a stack."""

    type: str
    id: str
    """What CloudFormation calls the physical id."""
    logical_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One stack of the environment."""

    name: str
    part: str
    """Its name without the environment: `Storage`."""
    id: str
    status: str
    protected: bool


Cure = Callable[[Resource], None]
"""Deletes a resource that CloudFormation could not delete, as far as that is possible."""


class Stacks:
    """Finds the stacks of one environment by their names, which are whole: `dev` is no prefix of `dev-2` here."""

    def __init__(self, deployment: Deployment, workers: Workers) -> None:
        self._client = deployment.client("cloudformation", retries={"mode": "standard", "total_max_attempts": 8})
        self._parts = {f"Arbiter-{deployment.environment}-{part}": part for wave in WAVES for part in wave}
        self._workers = workers

    def present(self) -> list[Stack]:
        """Every stack that is there."""
        pages = self._client.get_paginator("describe_stacks").paginate()
        return [_stack(one, self._parts[one["StackName"]]) for one in self._own(pages, "Stacks")]

    def resources(self, stack: Stack) -> list[Resource]:
        """The resources of a stack that were made, and are not deleted."""
        pages = self._client.get_paginator("list_stack_resources").paginate(StackName=stack.id)
        return [
            Resource(one["ResourceType"], one["PhysicalResourceId"], one["LogicalResourceId"])
            for page in pages
            for one in page["StackResourceSummaries"]
            if one.get("PhysicalResourceId") and one["ResourceStatus"] != GONE
        ]

    def retained(self) -> set[Resource]:
        """The resources that deleted stacks left behind; CloudFormation remembers them for 90 days."""
        pages = self._client.get_paginator("list_stacks").paginate(StackStatusFilter=[GONE])
        deleted = [stack["StackId"] for stack in self._own(pages, "StackSummaries")]
        return set(chain.from_iterable(self._workers.each(lambda stack: list(self._skipped(stack)), deleted)))

    def delete(self, stack: Stack, cure: Cure) -> str | None:
        """Delete a stack, whatever state it is in; returns the reason if it is still there.

        What CloudFormation cannot delete is cured and tried once more; then the stack goes without it, and it is cured
        again. A custom resource is left out at once: without its function it could not be deleted ever.
        """
        status = self._settled(stack)
        if status == GONE:
            return None
        if stack.protected:
            self._client.update_termination_protection(StackName=stack.id, EnableTerminationProtection=False)
        failed: list[Resource] = []
        for types in ((), (CUSTOM,), (CUSTOM, "AWS::")):
            left_out = [one for one in failed if one.type.startswith(types)]
            if reason := self._deleted(stack, left_out):
                return reason
            if self._status(stack) == GONE:
                for one in left_out:
                    cure(one)
                return None
            failed = self._failed(stack)
            for one in failed:
                cure(one)
        return self._reasons(stack)

    def _own(self, pages: Any, member: str) -> Iterator[dict[str, Any]]:
        for page in pages:
            for one in page[member]:
                if one["StackName"] in self._parts and (member != "Stacks" or one["StackStatus"] != GONE):
                    yield one

    def _skipped(self, stack_id: str) -> Iterator[Resource]:
        for page in self._client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
            for event in page["StackEvents"]:
                if event["ResourceStatus"] == "DELETE_SKIPPED" and event.get("PhysicalResourceId"):
                    yield Resource(event["ResourceType"], event["PhysicalResourceId"])

    def _deleted(self, stack: Stack, left_out: Sequence[Resource]) -> str | None:
        """Delete it and wait; returns CloudFormation's reason if it refuses to begin."""
        retain = {"RetainResources": [one.logical_id for one in left_out]} if left_out else {}
        try:
            self._client.delete_stack(StackName=stack.id, **retain)
        except ClientError as error:
            return str(error.response["Error"].get("Message") or error)
        self._settled(stack)
        return None

    def _settled(self, stack: Stack) -> str:
        """Wait while CloudFormation works on it, and end an update that was begun; returns the status."""
        pause, begun, asked = 0.1, time.monotonic(), False
        while (status := self._status(stack)).endswith("_IN_PROGRESS") and status != WAITS_FOR_A_PERSON:
            if time.monotonic() > begun + (MAKING_SECONDS if status == "CREATE_IN_PROGRESS" else PATIENCE_SECONDS):
                break
            if status == "UPDATE_IN_PROGRESS" and not asked:
                asked = True
                with suppress(ClientError):  # It may have ended meanwhile.
                    self._client.cancel_update_stack(StackName=stack.id)
            self._workers.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 1.3)
        return status

    def _status(self, stack: Stack) -> str:
        try:
            return str(self._client.describe_stacks(StackName=stack.id)["Stacks"][0]["StackStatus"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "ValidationError":
                return GONE
            raise

    def _failed(self, stack: Stack) -> list[Resource]:
        pages = self._client.get_paginator("list_stack_resources").paginate(StackName=stack.id)
        return [
            Resource(one["ResourceType"], one.get("PhysicalResourceId", ""), one["LogicalResourceId"])
            for page in pages
            for one in page["StackResourceSummaries"]
            if one["ResourceStatus"] == FAILED
        ]

    def _reasons(self, stack: Stack) -> str:
        events = self._client.describe_stack_events(StackName=stack.id)["StackEvents"]
        reasons = {
            event["LogicalResourceId"]: event.get("ResourceStatusReason", "no reason given")
            for event in reversed(events)
            if event["ResourceStatus"] == FAILED
        }
        sentence = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        return sentence or f"it is in the state {self._status(stack)}"


def _stack(one: dict[str, Any], part: str) -> Stack:
    return Stack(
        name=one["StackName"],
        part=part,
        id=one["StackId"],
        status=one["StackStatus"],
        protected=bool(one.get("EnableTerminationProtection")),
    )
