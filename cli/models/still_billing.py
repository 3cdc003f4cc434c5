"""Everything in Bedrock that still costs money, whether or not the stacks are there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.core.deployment import Deployment
from cli.models.inventory import Inventory


@dataclass(frozen=True, kw_only=True)
class Billed:
    """One part that is paid for while it exists; amounts are `None` while unknown."""

    what: str
    name: str
    arn: str
    usd_per_hour: float | None = None
    usd_per_month: float | None = None


def still_billing(deployment: Deployment) -> tuple[Billed, ...]:
    """Everything of an environment that is billed without being used; deployments on demand are paid by the token."""
    return tuple(_billed(Inventory(deployment)))


def _billed(inventory: Inventory) -> Iterator[Billed]:
    for host in inventory.hosts():
        if host.kind == "provisioned" and host.usd_per_hour != 0:
            yield Billed(what="provisioned throughput", name=host.name, arn=host.arn, usd_per_hour=host.usd_per_hour)
    for what, jobs in _running(inventory).items():
        for job in jobs:
            yield Billed(what=what, name=job["jobName"], arn=job["jobArn"])
    for model in inventory.imported():
        yield Billed(what="imported model storage", name=model["modelName"], arn=model["modelArn"])
    for model in inventory.models():
        storage = inventory.prices(model["baseModelArn"].rsplit("/", 1)[-1]).storage_per_month
        yield Billed(
            what="custom model storage",
            name=model["modelName"],
            arn=model["modelArn"],
            usd_per_month=storage.usd if storage else None,
        )


def _running(inventory: Inventory) -> dict[str, Iterator[dict[str, Any]]]:
    evaluations = (job for job in inventory.evaluation_jobs() if job["status"] in ("InProgress", "Stopping"))
    return {
        "training job": inventory.jobs(),
        "batch inference job": inventory.batch_jobs(),
        "evaluation job": evaluations,
    }
