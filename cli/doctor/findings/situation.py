"""The situation that is looked at: one environment's settings, its account, and what is deployed there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any

from cli.core.deployment import STACK_OF, Deployment
from cli.doctor.findings.finding import NotChecked, Once
from stacks.refusals.models import called_models, indexing_models
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook

STACKS = ("Storage", "KnowledgeBase", "Inference", "Evaluation", "FineTuning", "Generation", "Operations", "Edge")
Listed = Mapping[str, Mapping[str, Any]]
PATIENCE = {"connect_timeout": 5, "read_timeout": 30, "retries": {"total_max_attempts": 3, "mode": "standard"}}


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Everything that a check may look at."""

    deployment: Deployment
    settings: Settings
    prices: PriceBook
    account: str
    caller: str
    """ARN of who asks."""
    now: datetime
    calls: bool = True
    """Whether each model is asked for one token."""
    _clients: dict[str, Any] = field(default_factory=dict)
    _shared: dict[str, Once[Listed]] = field(default_factory=dict)
    _making: Lock = field(default_factory=Lock)

    def client(self, service: str) -> Any:
        """A client that does not wait long; made one at a time, for sessions are not thread-safe."""
        with self._making:
            if service not in self._clients:
                self._clients[service] = self.deployment.client(service, **PATIENCE)
            return self._clients[service]

    @property
    def environment(self) -> str:
        return self.deployment.environment

    @property
    def deploy_command(self) -> str:
        return self.deployment.deploy_command

    @cached_property
    def models(self) -> dict[str, tuple[str, ...]]:
        """Every configured model, with the settings that name it."""
        roles: dict[str, tuple[str, ...]] = {}
        for setting, model in (*called_models(self.settings), *indexing_models(self.settings)):
            roles[model] = (*roles.get(model, ()), setting)
        return roles

    @cached_property
    def expected_stacks(self) -> dict[str, str]:
        """The stacks that the settings ask for: full name by short name."""
        absent = {
            "KnowledgeBase": self.settings.knowledge_base.existing is not None,
            "FineTuning": not self.settings.fine_tuning.enabled,
            "Edge": not self.settings.edge.deployed,
        }
        wanted = [name for name in STACKS if not absent.get(name)]
        return {name: f"Arbiter-{self.environment}-{name}" for name in wanted}

    def stacks(self) -> Listed:
        """The environment's stacks as CloudFormation describes them, by short name."""
        return self._once("stacks", self._described)

    def offered(self) -> Listed:
        """The foundation models of the region, by id."""
        return self._once("offered", self._models_listed)

    def quotas(self) -> Listed:
        """Bedrock's quotas of the account in the region, by name."""
        return self._once("quotas", self._quotas_listed)

    def output(self, name: str) -> str:
        """One output of one of the stacks.

        Raises:
            NotChecked: that stack is not deployed whole.
        """
        stack = self.stacks().get(STACK_OF[name])
        if stack is None:
            raise NotChecked(f"the stack Arbiter-{self.environment}-{STACK_OF[name]} is not deployed")
        for output in stack.get("Outputs", ()):
            if output["OutputKey"] == name:
                return str(output["OutputValue"])
        raise NotChecked(f"the stack {stack['StackName']} is {stack['StackStatus']} and has no output {name}")

    def _described(self) -> Listed:
        pages = self.client("cloudformation").get_paginator("describe_stacks").paginate()
        # By whole names: those of the environment dev-2 begin as those of dev do.
        own = {f"Arbiter-{self.environment}-{name}": name for name in STACKS}
        stacks = (stack for page in pages for stack in page["Stacks"] if stack["StackName"] in own)
        return {own[stack["StackName"]]: stack for stack in stacks}

    def _models_listed(self) -> Listed:
        return {one["modelId"]: one for one in self.client("bedrock").list_foundation_models()["modelSummaries"]}

    def _quotas_listed(self) -> Listed:
        pages = self.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode="bedrock")
        return {one["QuotaName"]: one for page in pages for one in page["Quotas"]}

    def _once(self, name: str, call: Callable[[], Listed]) -> Listed:
        with self._making:
            shared = self._shared.setdefault(name, Once(call))
        return shared()
