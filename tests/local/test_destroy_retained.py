"""An environment that retains its data is destroyed by its name alone, and keeps its data unless told otherwise."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.app import app
from tests.local.account import Account

pytestmark = pytest.mark.local

RETAINED = {"DeletionPolicy": "Retain"}
TAGS = [{"Key": "arbiter:environment", "Value": "prod"}]
STORAGE = {
    "DocumentsBucket": {"Type": "AWS::S3::Bucket", "Properties": {"Tags": TAGS}, **RETAINED},
    "TunedModelInService": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "-"}, **RETAINED},
}
ROUTER = {"Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"Tags": TAGS}}}


@pytest.fixture
def prod(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Two stacks of `prod`, as far as they matter here, which the command finds by its credentials."""
    for name, value in account.aws.environment().items():
        monkeypatch.setenv(name, value)
    for part, resources in (("Storage", STORAGE), ("Inference", ROUTER)):
        account.client("cloudformation").create_stack(
            StackName=f"Arbiter-prod-{part}",
            TemplateBody=json.dumps({"Resources": resources}),
            EnableTerminationProtection=True,
        )
    yield account
    run("--confirm", "prod", "--with-data")


def run(*options: str) -> tuple[int, dict[str, Any]]:
    """Exit code and document of `arbiter destroy --env prod`."""
    ended = CliRunner().invoke(app, ["destroy", "--env", "prod", "--json", *options])
    return ended.exit_code, json.loads(ended.stdout)


def stacks(prod: Account) -> dict[str, str]:
    listed = prod.client("cloudformation").describe_stacks()["Stacks"]
    return {one["StackName"]: one["StackStatus"] for one in listed if one["StackName"].startswith("Arbiter-prod")}


def resource(prod: Account, logical_id: str) -> str:
    found = prod.client("cloudformation").describe_stack_resource(
        StackName="Arbiter-prod-Storage", LogicalResourceId=logical_id
    )
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def test_neither_a_yes_nor_another_name_is_enough(prod: Account) -> None:
    code, refused = run("--yes")
    assert (code, refused["error"]["code"]) == (1, "needs_consent")
    assert "--confirm prod" in refused["error"]["message"]
    code, refused = run("--yes", "--confirm", "dev")
    assert (code, refused["error"]["code"]) == (1, "other_environment")
    assert set(stacks(prod).values()) == {"CREATE_COMPLETE"}
    assert len(stacks(prod)) == 2


def test_a_dry_run_names_what_would_be_deleted_and_what_would_be_kept(prod: Account) -> None:
    code, listed = run("--dry-run")
    assert code == 0
    assert [part["name"] for part in listed["to_delete"]] == ["Arbiter-prod-Inference"]
    assert [part["name"] for part in listed["kept"]] == ["Arbiter-prod-Storage"]
    assert len(stacks(prod)) == 2


def test_the_data_are_kept_and_name_no_model_that_is_gone(prod: Account) -> None:
    bucket, pointer = resource(prod, "DocumentsBucket"), resource(prod, "TunedModelInService")
    prod.client("s3").put_object(Bucket=bucket, Key="kept.md", Body=b"x" * 1_000_000)
    code, done = run("--confirm", "prod")
    assert (code, done["clean"]) == (0, True)
    assert list(stacks(prod)) == ["Arbiter-prod-Storage"]
    assert prod.client("ssm").get_parameter(Name=pointer)["Parameter"]["Value"] == "none"
    (kept,) = done["kept"]
    assert kept["usd_per_month"] == pytest.approx(0.001 * 0.023)
    code, again = run("--confirm", "prod")
    assert (code, again["clean"], again["deleted"], len(again["kept"])) == (0, True, [], 1)


def test_with_the_data_everything_goes_though_its_stacks_retain_it(prod: Account) -> None:
    bucket, pointer = resource(prod, "DocumentsBucket"), resource(prod, "TunedModelInService")
    prod.client("s3").put_object(Bucket=bucket, Key="bell\x07.md", Body=b"text")
    code, done = run("--confirm", "prod", "--with-data")
    assert (code, done["left"], done["kept"]) == (0, [], [])
    assert stacks(prod) == {}
    assert bucket not in [one["Name"] for one in prod.client("s3").list_buckets()["Buckets"]]
    with pytest.raises(prod.client("ssm").exceptions.ParameterNotFound):
        prod.client("ssm").get_parameter(Name=pointer)


def test_what_deleted_stacks_retained_is_found(prod: Account) -> None:
    cloudformation = prod.client("cloudformation")
    for part in ("Inference", "Storage"):
        cloudformation.update_termination_protection(
            StackName=f"Arbiter-prod-{part}", EnableTerminationProtection=False
        )
        cloudformation.delete_stack(StackName=f"Arbiter-prod-{part}")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="Arbiter-prod-Storage")
    _, listed = run("--dry-run")
    assert sorted(part["kind"] for part in listed["kept"]) == ["S3 Bucket", "SSM Parameter"]
    _, listed = run("--dry-run", "--with-data")
    assert sorted(part["kind"] for part in listed["to_delete"]) == ["S3 Bucket", "SSM Parameter"]
