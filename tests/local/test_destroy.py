"""An environment is destroyed from any state, wholly, and nothing else is: by a listing that is not Arbiter's."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from arbiter.tuned_models.training.names import DIGITS_BESIDE_RUN
from cli.models.listing import list_models
from cli.models.retirement import retire
from cli.models.still_billing import still_billing
from local import launcher
from tests.local import environment
from tests.local.environment import ANSWERS, DESTROYING, destroy, fill, killed_commands
from tests.local.killed import dies_at
from tests.local.reused_aws import ReusedAws
from tests.local.tuned_models import ModelFactory

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def aws(synthesised: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReusedAws]:
    folder = tmp_path_factory.mktemp("destroyed")
    yield ReusedAws(folder, synthesised)
    launcher.stop(folder)


def test_what_was_killed_in_use_and_while_it_was_destroyed_is_destroyed_and_nothing_else(
    aws: ReusedAws, few_examples: Path
) -> None:
    deployed = aws.deploy()
    aws.plant_neighbours(deployed)
    there = "\n".join(aws.others)
    for name in ("neighbour-1", "documentsbucket-0", "Group-1", "Arbiter-local-2-Storage", "2-FineTuning"):
        assert name in there, name
    fill(deployed)
    for kill in killed_commands(aws.folder, few_examples).values():
        kill()
    for operation, number, after in DESTROYING:
        dies_at(aws.folder, operation, destroy, number=number, after=after)
    assert destroy(aws.deployment).clean
    aws.require_destroyed()


def test_a_deployment_that_was_killed_is_destroyed(aws: ReusedAws) -> None:
    aws.deploy_until(3, after=True)
    cloudformation, stack = aws.client("cloudformation"), "Arbiter-local-{}".format
    template = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    failing = json.dumps({"Resources": {"Function": {"Type": "AWS::Lambda::Function", "Properties": {"Role": "no"}}}})
    cloudformation.create_change_set(
        StackName=stack("Operations"), ChangeSetName="cdk", ChangeSetType="CREATE", TemplateBody=template
    )
    cloudformation.create_stack(StackName=stack("Generation"), TemplateBody=failing)
    assert aws.status("Operations") == "REVIEW_IN_PROGRESS"
    assert aws.status("Generation") == "ROLLBACK_COMPLETE"
    assert destroy(aws.deployment).clean
    aws.require_destroyed()


def test_models_are_listed_retired_and_destroyed_when_every_stack_is_gone(aws: ReusedAws) -> None:
    deployed = aws.deploy()
    fill(deployed, "second")
    third = f"third-{'0' * DIGITS_BESIDE_RUN}"
    ModelFactory(deployed).train(third, {**ANSWERS, "Where is hut 10?": "Nowhere."})
    aws.delete_stacks()
    deployment = aws.deployment
    listed = list_models(deployment)
    assert not listed.deployed
    assert sorted(one.name for one in listed.models) == ["arbiter-second", f"arbiter-{third}"]
    kinds = {one.what for one in still_billing(deployment)}
    assert kinds == {"custom model storage", "imported model storage", "provisioned throughput"}
    arn = next(one.custom_model for one in listed.models if one.name == f"arbiter-{third}")
    assert retire(deployment, "third").deleted == (arn,)
    result = destroy(deployment)
    assert result.clean
    assert {part.kind for part in result.deleted} >= {"deployment", "provisioned throughput", "custom model"}
    aws.require_destroyed()


def test_a_custom_resource_whose_function_is_gone_is_cured(aws: ReusedAws) -> None:
    aws.deploy_until(2)
    bucket = aws.deployment.output("DocumentsBucketName")
    for key in environment.ODD_KEYS:
        aws.client("s3").put_object(Bucket=bucket, Key=key, Body=b"text")
    functions = aws.client("lambda")
    for function in functions.list_functions()["Functions"]:
        functions.delete_function(FunctionName=function["FunctionName"])
    aws.delete_stacks()
    assert aws.status("Storage") == "DELETE_FAILED"
    assert destroy(aws.deployment).clean
    aws.require_destroyed()
