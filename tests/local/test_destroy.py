"""An environment is destroyed from any state, wholly, and nothing else is: by a listing that is not Arbiter's."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from arbiter.tuned_models.training.names import DIGITS_BESIDE_RUN
from cli.core.deployment import Deployment
from cli.models.listing import list_models
from cli.models.service import retire
from cli.models.still_billing import still_billing
from local import assembly, launcher
from tests.local import environment
from tests.local.account import Account
from tests.local.account_listing import everything
from tests.local.deployed import Deployed, deploy_to
from tests.local.environment import ANSWERS, DESTROYING, destroy, fill, kills_of_use, plant_neighbours
from tests.local.killed import dies_at
from tests.local.tuned_models import Workshop

pytestmark = pytest.mark.local

STACKS = ("Operations", "Generation", "FineTuning", "Evaluation", "Inference", "KnowledgeBase", "Storage")


class Place:
    """A local AWS that is deployed to again and again, with parts of others in it."""

    def __init__(self, folder: Path, stacks: Path) -> None:
        self.folder, self._stacks = folder, stacks
        self.account = Account(launcher.start(folder, faults=True))
        self.client = cache(self.account.client)
        self.deploy_until(1)
        self.others = everything(self.client)

    def deploy(self) -> Deployed:
        return deploy_to(self.folder, self._stacks)

    def plant_neighbours(self, deployed: Deployed) -> None:
        """Parts of another environment and of nobody, which are to stay."""
        mine = everything(self.client)
        plant_neighbours(self.account, deployed)
        self.others |= everything(self.client) - mine

    def deploy_until(self, stack: int, *, after: bool = False) -> None:
        """Deploy, and be killed when the so-manieth stack is made, or begins to be."""

        def deploy(_: Deployment) -> None:
            # A client hears only of what was registered before it was made.
            assembly._client.cache_clear()
            self.deploy()

        dies_at(self.folder, "CreateStack", deploy, number=stack, after=after)

    def delete_stacks(self) -> None:
        """Delete every stack as a person would who knows nothing of the rest."""
        for stack in STACKS:
            self.client("cloudformation").delete_stack(StackName=f"Arbiter-local-{stack}")
            self.status(stack)

    def status(self, stack: str) -> str | None:
        """The state of a stack, once nothing works on it."""
        try:
            described = self.client("cloudformation").describe_stacks(StackName=f"Arbiter-local-{stack}")["Stacks"]
        except self.client("cloudformation").exceptions.ClientError:
            return None
        return str(described[0]["StackStatus"])

    @property
    def deployment(self) -> Deployment:
        return Deployment.find("local", self.folder)

    def require_destroyed(self) -> None:
        """Nothing is there but what is others', and the roles that the test made for jobs."""
        left = everything(self.client) - self.others
        assert {one for one in left if not one.startswith("iam list_roles role-")} == set()
        assert self.others <= everything(self.client)


@pytest.fixture(scope="module")
def place(synthesised: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("destroyed")
    yield Place(folder, synthesised)
    launcher.stop(folder)


def test_what_was_killed_in_use_and_while_it_was_destroyed_is_destroyed_and_nothing_else(
    place: Place, few_examples: Path
) -> None:
    deployed = place.deploy()
    place.plant_neighbours(deployed)
    there = "\n".join(place.others)
    for name in ("neighbour-1", "documentsbucket-0", "Group-1", "Arbiter-local-2-Storage", "2-FineTuning"):
        assert name in there, name
    fill(deployed)
    for kill in kills_of_use(place.folder, few_examples).values():
        kill()
    for operation, number, after in DESTROYING:
        dies_at(place.folder, operation, destroy, number=number, after=after)
    assert destroy(place.deployment).clean
    place.require_destroyed()


def test_a_deployment_that_was_killed_is_destroyed(place: Place) -> None:
    place.deploy_until(3, after=True)
    cloudformation, stack = place.client("cloudformation"), "Arbiter-local-{}".format
    template = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    failing = json.dumps({"Resources": {"Function": {"Type": "AWS::Lambda::Function", "Properties": {"Role": "no"}}}})
    cloudformation.create_change_set(
        StackName=stack("Operations"), ChangeSetName="cdk", ChangeSetType="CREATE", TemplateBody=template
    )
    cloudformation.create_stack(StackName=stack("Generation"), TemplateBody=failing)
    assert place.status("Operations") == "REVIEW_IN_PROGRESS"
    assert place.status("Generation") == "ROLLBACK_COMPLETE"
    assert destroy(place.deployment).clean
    place.require_destroyed()


def test_models_are_listed_retired_and_destroyed_when_every_stack_is_gone(place: Place) -> None:
    deployed = place.deploy()
    fill(deployed, "second")
    third = f"third-{'0' * DIGITS_BESIDE_RUN}"
    Workshop(deployed).train(third, {**ANSWERS, "Where is hut 10?": "Nowhere."})
    place.delete_stacks()
    deployment = place.deployment
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
    place.require_destroyed()


def test_a_custom_resource_whose_function_is_gone_is_cured(place: Place) -> None:
    place.deploy_until(2)
    bucket = place.deployment.output("DocumentsBucketName")
    for key in environment.ODD_KEYS:
        place.client("s3").put_object(Bucket=bucket, Key=key, Body=b"text")
    functions = place.client("lambda")
    for function in functions.list_functions()["Functions"]:
        functions.delete_function(FunctionName=function["FunctionName"])
    place.delete_stacks()
    assert place.status("Storage") == "DELETE_FAILED"
    assert destroy(place.deployment).clean
    place.require_destroyed()
