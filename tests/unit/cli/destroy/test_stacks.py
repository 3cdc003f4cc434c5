"""A stack goes in whatever state it is: cured, tried again, and at last without what CloudFormation cannot delete."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.destroy.stacks import Resource, Stack, Stacks
from cli.destroy.workers import Workers
from tests.unit.cli.fakes import StubbedDeployment

BUCKET = Resource("AWS::S3::Bucket", "documents", "DocumentsBucket")
EMPTIED = Resource("Custom::EmptiedBucket", "objects-of-documents", "Emptied")
STACK = Stack(name="Arbiter-dev-Storage", part="Storage", id="arn:storage", status="CREATE_COMPLETE", protected=False)


class Impatient(Workers):
    """Waits for nothing."""

    def sleep(self, seconds: float) -> None: ...


class CloudFormation:
    """One stack, some of whose resources cannot be deleted until they are cured, or ever."""

    def __init__(self, *failing: Resource, states: tuple[str, ...] = ("CREATE_COMPLETE",)) -> None:
        self.failing, self.states = list(failing), list(states)
        self.asked: list[tuple[str, ...]] = []
        self.cancelled = 0

    def delete_stack(self, *, StackName: str, RetainResources: tuple[str, ...] = ()) -> None:  # noqa: N803
        self.asked.append(tuple(RetainResources))
        kept = [one for one in self.failing if one.logical_id not in RetainResources]
        self.states = ["DELETE_IN_PROGRESS", "DELETE_FAILED" if kept else "DELETE_COMPLETE"]

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {"Stacks": [{"StackStatus": state}]}

    def cancel_update_stack(self, *, StackName: str) -> None:  # noqa: N803
        self.cancelled += 1

    def get_paginator(self, _: str) -> "CloudFormation":
        return self

    def paginate(self, *, StackName: str) -> list[dict[str, Any]]:  # noqa: N803
        names = ("ResourceType", "PhysicalResourceId", "LogicalResourceId")
        listed = [{**dict(zip(names, one, strict=True)), "ResourceStatus": "DELETE_FAILED"} for one in self.failing]
        return [{"StackResourceSummaries": listed}]


def deleted(
    cloudformation: Any, monkeypatch: pytest.MonkeyPatch, cure: Callable[[Resource], None] = lambda _: None
) -> str | None:
    deployment = StubbedDeployment()
    monkeypatch.setattr(deployment, "client", lambda *_, **__: cloudformation)
    return Stacks(deployment, Impatient()).delete(STACK, cure)


def test_what_is_cured_is_cloudformations_to_delete(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = CloudFormation(BUCKET)
    assert deleted(stack, monkeypatch, stack.failing.remove) is None
    assert stack.asked == [(), ()]


def test_a_custom_resource_is_left_out_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stack, cured = CloudFormation(EMPTIED), list[Resource]()
    assert deleted(stack, monkeypatch, cured.append) is None
    assert stack.asked == [(), ("Emptied",)]


def test_what_cannot_be_cured_is_left_out_at_last_and_cured_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    stack, cured = CloudFormation(BUCKET, EMPTIED), list[Resource]()
    assert deleted(stack, monkeypatch, cured.append) is None
    assert stack.asked == [(), ("Emptied",), ("DocumentsBucket", "Emptied")]
    assert cured.count(BUCKET) == 3


def test_an_update_is_cancelled_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    states = ("UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")
    stack = CloudFormation(states=states)
    assert deleted(stack, monkeypatch) is None
    assert (stack.cancelled, stack.asked) == (1, [()])


def test_a_stack_that_another_one_needs_stays_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    class Needed(CloudFormation):
        def delete_stack(self, **_: Any) -> None:
            message = "Export Storage:Bucket is imported by stack Theirs"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DeleteStack")

    assert deleted(Needed(), monkeypatch) == "Export Storage:Bucket is imported by stack Theirs"


def test_a_stack_that_is_gone_by_now_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = CloudFormation(states=("DELETE_IN_PROGRESS", "DELETE_COMPLETE"))
    assert deleted(stack, monkeypatch) is None
    assert stack.asked == []
