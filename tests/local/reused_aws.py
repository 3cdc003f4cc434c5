"""A local AWS that is deployed to again and again, and whether everything is gone from it."""

from functools import cache
from pathlib import Path

from cli.core.deployment import Deployment
from local import assembly, launcher
from tests.local.account import Account
from tests.local.account_listing import everything
from tests.local.deployed import Deployed, deploy_to
from tests.local.environment import plant_neighbours
from tests.local.killed import dies_at

STACKS = ("Operations", "Generation", "FineTuning", "Evaluation", "Inference", "KnowledgeBase", "Storage")


class ReusedAws:
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
        """Deploy, and be killed when the nth stack is made, or begins to be."""

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
