"""A destruction looks where the settings deploy to, goes on past what fails, and claims no proof that it lacks."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from cli.core.deployment import Deployment
from cli.destroy import command
from cli.destroy.bedrock import EXECUTION
from cli.destroy.destruction import Destruction
from cli.destroy.kinds import LOG_GROUP
from cli.destroy.leftovers import Leftovers
from cli.destroy.parts import Part
from cli.destroy.resources import Resources
from cli.destroy.stacks import Resource, Stack, Stacks
from cli.destroy.survey import Survey, Surveyor
from cli.destroy.workers import Workers
from tests.unit.cli.core.invoked import run
from tests.unit.cli.fakes import StubbedDeployment

DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no right"}}, "StopExecution")


def looked(parts: Sequence[Part] = (), stacks: Sequence[Stack] = ()) -> Survey:
    return Survey(stacks=stacks, held=(), leftovers=(), to_delete=parts, kept=(), problems=())


def stack(part: str) -> Stack:
    return Stack(name=part, part=part, id=f"arn:{part}", status="CREATE_COMPLETE", protected=False)


class Account:
    """Two stacks and an execution, everything of which stays where `stays` says so; stands for the surveyor as well."""

    def __init__(self, *stays: str) -> None:
        self.there, self.stays = ["Inference", "Storage"], stays
        self.workers = Workers()
        self.executions = self.bedrock = self.stacks = self

    def look(self) -> Survey:
        stacks = [stack(name) for name in self.there]
        running = [Part(kind=EXECUTION, name="run", id="arn:run")] if EXECUTION in self.stays else []
        return looked([*(Part(kind="stack", name=one.part, id=one.id) for one in stacks), *running], stacks)

    def keeps(self, _: Stack) -> bool:
        return False

    def stop(self, _: Sequence[str]) -> None:
        if EXECUTION in self.stays:
            raise DENIED

    def stop_jobs(self) -> dict[str, str]:
        return {}

    delete_models = stop_jobs

    def delete_ended_evaluations(self) -> None: ...

    def resources(self, _: Stack) -> list[Resource]:
        raise ReadTimeoutError(endpoint_url="https://cloudformation")

    def delete(self, one: Stack, _: Callable[[Resource], None]) -> None:
        if one.part in self.stays:
            raise ReadTimeoutError(endpoint_url="https://cloudformation")
        self.there.remove(one.part)


def destroyed(*stays: str) -> Any:
    account: Any = Account(*stays)
    return Destruction(StubbedDeployment(), account).run(account.look())


def test_a_network_that_fails_at_one_stack_keeps_no_other_from_being_deleted() -> None:
    result = destroyed("Inference")
    assert [part.name for part in result.deleted] == ["Storage"]
    ((left, note),) = [(part.name, part.note) for part in result.left]
    assert left == "Inference"
    assert "Read timeout" in note


def test_what_is_left_of_a_kind_says_why_the_kind_is_left() -> None:
    (left,) = destroyed(EXECUTION).left
    assert "no right" in left.note


def test_a_stack_is_looked_for_in_the_region_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = Deployment("dev", boto3.Session(region_name="eu-west-1"))
    monkeypatch.setattr(command.Deployment, "find", lambda *_: elsewhere)
    assert command._deployment("dev").region == "us-east-1"
    unknown = Deployment("gone", boto3.Session(region_name="eu-west-1"))
    monkeypatch.setattr(command.Deployment, "find", lambda *_: unknown)
    assert command._deployment("gone").region == "eu-west-1"


def test_programs_get_the_same_document_where_there_is_nothing_to_delete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command.Deployment, "find", lambda *_: StubbedDeployment())
    monkeypatch.setattr(Surveyor, "look", lambda _: looked())
    result = run("destroy", "--env", "dev", "--yes", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (told["clean"], told["deleted"], told["left"]) == (True, [], [])
    assert "to_delete" in json.loads(run("destroy", "--env", "dev", "--dry-run", "--json").stdout)


def test_an_interrupted_destruction_does_not_say_that_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command.Deployment, "find", lambda *_: StubbedDeployment())
    monkeypatch.setattr(Surveyor, "look", lambda _: looked())
    monkeypatch.setattr(Destruction, "run", interrupted)
    ended = run("destroy", "--env", "dev", "--yes")
    assert "Some of it may be deleted." in ended.output
    assert "Nothing is lost" not in ended.output


def test_tags_that_may_not_be_read_are_no_proof_and_buckets_of_other_regions_nobodys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployment = StubbedDeployment()
    workers, resources = Workers(), Resources(deployment, Workers())
    buckets = [
        {"Name": name, "CreationDate": datetime(2026, 11, 21, tzinfo=UTC)} for name in ("arbiter-dev-b", "arbiter-x")
    ]
    s3 = deployment.stub("s3")
    elsewhere = {"Name": "arbiter-dev-a", "BucketRegion": "eu-west-1"}
    expected = {"Prefix": "arbiter-", "BucketRegion": "us-east-1"}
    s3.add_response("list_buckets", {"Buckets": [elsewhere, *buckets]}, expected)
    for _ in buckets:
        s3.add_client_error("get_bucket_tagging", "AccessDenied", "no right")
    stacks, problems = Stacks(deployment, workers), list[str]()
    monkeypatch.setattr(stacks, "retained", set)
    deployment.stub("s3vectors").add_response("list_vector_buckets", {"vectorBuckets": []})
    deployment.stub("logs").add_response("describe_log_groups", {"logGroups": []})
    deployment.stub("scheduler").add_response("list_schedules", {"Schedules": []})
    assert Leftovers(deployment, stacks, resources).find((), problems) == []
    (problem,) = problems
    assert problem.startswith("arbiter-dev-b: ")


def test_a_log_group_whose_name_only_begins_so_is_another_one() -> None:
    deployment = StubbedDeployment()
    deployment.stub("logs").add_response("describe_log_groups", {"logGroups": [{"logGroupName": "group-2"}]})
    assert not Resources(deployment, Workers()).exists(Resource(LOG_GROUP, "group"))
