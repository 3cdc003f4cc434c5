"""The parts of one environment in Bedrock: models, jobs, what hosts models, and what each costs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from arbiter.aws.batch_jobs import GOING_ON
from arbiter.aws.calls.failures import FailureKind, failure_of
from arbiter.aws.hosting import committed_until
from arbiter.tuned_models.hosting.expiry import BILLED, ENVIRONMENT_TAG, EXPIRY_TAG
from arbiter.tuned_models.training.names import DIGITS_BESIDE_RUN
from cli.core.deployment import Deployment
from cli.core.project import cdk_context, repository
from stacks.settings.price_entries import ModelPrices
from stacks.settings.prices import PriceBook

LONGEST_BATCH = timedelta(days=8)
"""botocore model: a batch inference job ends after at most 168 hours; the list of ended ones only grows."""


@dataclass(frozen=True, kw_only=True)
class Host:
    """Where a model can be called."""

    kind: str
    """`on_demand` is paid by the token, `provisioned` by the hour."""
    name: str
    arn: str
    status: str
    usd_per_hour: float | None
    """`None` while the price is unknown."""
    expires_at: str | None = None
    committed_until: str | None = None


class Inventory:
    """The parts of one environment in Bedrock, known by its tag; works without the stacks."""

    def __init__(self, deployment: Deployment) -> None:
        self._environment = deployment.environment
        self._client = deployment.client("bedrock")
        self._region = deployment.region
        self._hosts: Sequence[tuple[str, Host]] | None = None
        self._book = PriceBook.parse(cdk_context(repository()).get("prices"))

    def models(self) -> Iterator[dict[str, Any]]:
        yield from self._own("list_custom_models", "modelSummaries", "modelArn")

    def imported(self) -> Iterator[dict[str, Any]]:
        """Models made elsewhere that were given the environment's tag: billed for storage, and seen by few tools."""
        yield from self._own("list_imported_models", "modelSummaries", "modelArn")

    def jobs(self) -> Iterator[dict[str, Any]]:
        """Customization jobs that run."""
        listing = ("list_model_customization_jobs", "modelCustomizationJobSummaries", "jobArn")
        for status in ("InProgress", "Stopping"):
            yield from self._own(*listing, statusEquals=status)

    def jobs_of(self, run: str) -> Iterator[dict[str, Any]]:
        """Customization jobs of a run, which bear its name, whether they have ended or not."""
        listing = ("list_model_customization_jobs", "modelCustomizationJobSummaries", "jobArn")
        prefix = f"arbiter-{run}-"
        for job in self._own(*listing, nameContains=prefix):
            # The digits of another run, whose name begins with this one's, are not all that follows.
            if len(job["jobName"]) == len(prefix) + DIGITS_BESIDE_RUN:
                yield job

    def batch_jobs(self) -> Iterator[dict[str, Any]]:
        """Batch inference jobs that have not ended."""
        recent = datetime.now(UTC) - LONGEST_BATCH
        for job in self._own("list_model_invocation_jobs", "invocationJobSummaries", "jobArn", submitTimeAfter=recent):
            if job["status"] in (*GOING_ON, "Stopping"):
                yield job

    def evaluation_jobs(self) -> Iterator[dict[str, Any]]:
        """Bedrock's own evaluation jobs, those that have ended included: they alone can be deleted."""
        yield from self._own("list_evaluation_jobs", "jobSummaries", "jobArn")

    def hosts(self, custom_model: str | None = None) -> list[Host]:
        """Where a model is hosted; or everything that hosts."""
        if self._hosts is None:
            self._hosts = [*self._deployments(), *self._throughputs()]
        return [host for model, host in self._hosts if custom_model in (None, model)]

    def prices(self, base_model: str) -> ModelPrices:
        """The prices of a model tuned from `base_model`; another region's are none."""
        same = {
            name: entry
            for name, entry in self._book.models.items()
            if self._region == self._book.region and f"{name}:".startswith(f"custom:{base_model}:")
        }
        return next(iter(same.values()), ModelPrices())

    def _deployments(self) -> Iterator[tuple[str, Host]]:
        deployments = self._own("list_custom_model_deployments", "modelDeploymentSummaries", "customModelDeploymentArn")
        for one in deployments:
            name, arn = one["customModelDeploymentName"], one["customModelDeploymentArn"]
            yield (
                one["modelArn"],
                Host(kind="on_demand", name=name, arn=arn, status=one["status"], usd_per_hour=0.0),
            )

    def _throughputs(self) -> Iterator[tuple[str, Host]]:
        for one in self._own("list_provisioned_model_throughputs", "provisionedModelSummaries", "provisionedModelArn"):
            price = self.prices(one["foundationModelArn"].rsplit("/", 1)[-1]).provisioned_per_hour
            unit = price.usd if price else None
            billed = one["status"] in BILLED
            committed = committed_until(one)
            yield (
                one["modelArn"],
                Host(
                    kind="provisioned",
                    name=one["provisionedModelName"],
                    arn=one["provisionedModelArn"],
                    status=one["status"],
                    usd_per_hour=0.0 if not billed else None if unit is None else unit * one["modelUnits"],
                    expires_at=one["tags"].get(EXPIRY_TAG),
                    committed_until=committed.isoformat() if committed else None,
                ),
            )

    def _own(self, operation: str, member: str, arn: str, **filters: Any) -> Iterator[dict[str, Any]]:
        for page in self._client.get_paginator(operation).paginate(**filters):
            for one in page.get(member, ()):
                tags = self._tags(one[arn])
                if tags.get(ENVIRONMENT_TAG) == self._environment:
                    yield {**one, "tags": tags}

    def _tags(self, arn: str) -> dict[str, str]:
        """The tags of a resource; none where it is gone by now."""
        try:
            listed = self._client.list_tags_for_resource(resourceARN=arn)["tags"]
        except ClientError as error:
            if failure_of(error).kind is FailureKind.MISSING:
                return {}
            raise
        return {tag["key"]: tag["value"] for tag in listed}
