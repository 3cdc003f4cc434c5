"""Everything of one environment that is there, in the order in which it is deleted."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from arbiter.costs.amount import Amount, total
from cli.core.deployment import Deployment
from cli.destroy.bedrock import BedrockParts, Executions
from cli.destroy.kinds import BUCKET, KEY, PARAMETER
from cli.destroy.leftovers import Leftovers
from cli.destroy.parts import Part
from cli.destroy.prices import Prices
from cli.destroy.resources import Resources
from cli.destroy.stacks import DATA, Resource, Stack, Stacks
from cli.destroy.workers import Workers

MACHINE = "AWS::StepFunctions::StateMachine"
RETAINED = frozenset({BUCKET, KEY, PARAMETER})
"""The types that hold data, and that a stack leaves behind where its environment retains them."""


@dataclass(frozen=True, kw_only=True)
class Survey:
    """One look at an environment."""

    stacks: Sequence[Stack]
    held: Sequence[Resource]
    """The resources of all stacks."""
    leftovers: Sequence[Resource]
    """To be deleted without a stack."""
    to_delete: Sequence[Part]
    kept: Sequence[Part]
    """Data that is kept."""
    problems: Sequence[str]
    """What could not be looked at."""

    @property
    def month(self) -> Amount:
        """The price a month of all of it."""
        return total(part.month for part in (*self.to_delete, *self.kept))

    def dump(self) -> dict[str, Any]:
        """The look as JSON."""
        return {
            "to_delete": [part.dump() for part in self.to_delete],
            "kept": [part.dump() for part in self.kept],
            "problems": list(self.problems),
            "usd_per_month": self.month.known,
            "lower_bound": self.month.lower_bound,
        }

    @property
    def machines(self) -> list[str]:
        return [one.id for one in self.held if one.type == MACHINE]


class Surveyor:
    """Looks at one environment; `keeps_data` counts its data as kept."""

    def __init__(self, deployment: Deployment, *, keeps_data: bool) -> None:
        self._keeps_data = keeps_data
        self.workers, self._prices = Workers(), Prices(deployment)
        self.resources = Resources(deployment, self.workers)
        self.stacks = Stacks(deployment, self.workers)
        self.executions = Executions(deployment, self.workers.sleep)
        self.bedrock = BedrockParts(deployment, self._prices, self.workers)
        self._leftovers = Leftovers(deployment, self.stacks, self.resources)

    def keeps(self, stack: Stack) -> bool:
        """Whether a stack stays."""
        return self._keeps_data and stack.part in DATA

    def look(self) -> Survey:
        """Find everything, some of it at a time; what cannot be looked at is a problem, and hides nothing else."""
        problems: list[str] = []
        stacks = self.stacks.present()
        by_stack = dict(zip(stacks, self.workers.each(self.stacks.resources, stacks), strict=True))
        held = [resource for listed in by_stack.values() for resource in listed]
        machines = [one.id for one in held if one.type == MACHINE]
        left: list[Resource] = []
        looks: list[Callable[[], Sequence[Part]]] = [
            lambda: self.executions.running(machines),
            self.bedrock.jobs,
            self.bedrock.hosts,
            self.bedrock.models,
            self.bedrock.ended_evaluations,
            lambda: [self._stack_part(one, listed) for one, listed in by_stack.items()],
            lambda: self._find(held, left, problems),
        ]
        listings = self.workers.each(lambda look: _guarded(look, problems), looks)
        parts = [part for listed in listings for part in listed]
        kept = {one.id for one in left if self._is_kept(one)} | {one.id for one in stacks if self.keeps(one)}
        return Survey(
            stacks=stacks,
            held=held,
            leftovers=[one for one in left if not self._is_kept(one)],
            to_delete=[part for part in parts if part.id not in kept],
            kept=[part for part in parts if part.id in kept],
            problems=problems,
        )

    def _find(self, held: Sequence[Resource], left: list[Resource], problems: list[str]) -> list[Part]:
        left += self._leftovers.find(held, problems)
        return self.workers.each(self._resource_part, left)

    def _is_kept(self, resource: Resource) -> bool:
        return self._keeps_data and resource.type in RETAINED

    def _stack_part(self, stack: Stack, resources: Sequence[Resource]) -> Part:
        month = total(self._prices.of(one) for one in resources)
        note = "" if stack.status.endswith(("CREATE_COMPLETE", "UPDATE_COMPLETE")) else stack.status
        return Part(kind="stack", name=stack.name, id=stack.id, month=month, note=note)

    def _resource_part(self, resource: Resource) -> Part:
        kind = resource.type.removeprefix("AWS::").replace("::", " ")
        name = resource.id.rsplit("/", 1)[-1]
        return Part(kind=kind, name=name, id=resource.id, month=self._prices.of(resource), note="in no stack")


def _guarded(look: Callable[[], Sequence[Part]], problems: list[str]) -> Sequence[Part]:
    try:
        return look()
    except (ClientError, BotoCoreError) as error:
        problems.append(str(error))
        return ()


def in_waves(stacks: Sequence[Stack], waves: Sequence[Sequence[str]]) -> Iterator[list[Stack]]:
    """The stacks by wave, empty ones left out."""
    for wave in waves:
        if some := [one for one in stacks if one.part in wave]:
            yield some
