"""The hosts of custom models on Bedrock: deployments on demand, and provisioned throughput."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from arbiter.aws.calls.failures import FailureKind, failure_of
from arbiter.tuned_models.hosting.expiry import EXPIRY_TAG, expiry_of
from arbiter.tuned_models.hosting.placement import Slot
from arbiter.tuned_models.hosting.readiness import Host, HostUnknown
from arbiter.tuned_models.hosting.retirement import Kind, Resource

# A deployment that is being created or updated may refuse to be deleted until it is done.
NOT_NOW = frozenset({FailureKind.CONFLICT, FailureKind.REFUSED})
NEEDED = ("GetCustomModelDeployment", "ListCustomModelDeployments", "DeleteCustomModelDeployment")
SINCE = "1.39.10"
"""A boto3 that has these operations; 1.39.3 had none of them."""


class OutdatedRuntimeError(RuntimeError):
    """A boto3 that does not know an operation which the functions cannot do without."""


def connect(config: Config) -> Any:
    """Bedrock under the credentials of the process.

    Raises:
        OutdatedRuntimeError: naming what the runtime's boto3 lacks, and what to do.
    """
    return up_to_date(boto3.client("bedrock", config=config))


def up_to_date(client: Any) -> Any:
    """The client, knowing of deployments all that the functions rely on.

    Up to botocore 1.42.1 the update of a deployment is dropped from its description without an error, so that a slot
    which is being given another model would look settled: there it is read from the response itself.

    Raises:
        OutdatedRuntimeError: naming what the runtime's boto3 lacks, and what to do.
    """
    model = client.meta.service_model
    missing = [name for name in NEEDED if name not in model.operation_names]
    if missing:
        raise OutdatedRuntimeError(
            f"The runtime's boto3 {boto3.__version__} does not know {', '.join(missing)}; it must be"
            f" {SINCE} or newer. Let Lambda update the function's runtime (runtime management: auto), or add a layer"
            " with boto3."
        )
    if "updateDetails" not in model.operation_model("GetCustomModelDeployment").output_shape.members:
        client.meta.events.register("after-call.bedrock.GetCustomModelDeployment", _add_update)
    return client


class Hosting:
    """Looks at hosts, and deletes them."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def connect(cls) -> Self:
        """Bedrock under the credentials of the process."""
        return cls(connect(Config(retries={"mode": "standard", "total_max_attempts": 8})))

    @classmethod
    def within_a_minute(cls) -> Self:
        """The same for who waits: two calls, tried three times each, end before a function of a minute does."""
        config = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
        return cls(connect(config))

    def slot(self, name: str) -> Slot | None:
        """The deployment of this name or ARN."""
        response = _existing(lambda: self._client.get_custom_model_deployment(customModelDeploymentIdentifier=name))
        if response is None:
            return None
        update = response.get("updateDetails") or {}
        coming = update.get("modelArn") if update.get("updateStatus") == "Updating" else None
        return Slot(
            response["modelDeploymentName"],
            response["customModelDeploymentArn"],
            response["modelArn"],
            response["status"],
            coming,
        )

    def host(self, arn: str) -> Host | None:
        """The deployment or the provisioned throughput of an ARN; `None` when it is gone.

        Raises:
            HostUnknown: Bedrock does not say: it throttles, forbids or fails.
        """
        try:
            return self._throughput_host(arn) if ":provisioned-model/" in arn else self._deployment_host(arn)
        except (BotoCoreError, ClientError) as error:
            raise HostUnknown(arn, str(error)) from error

    def delete_slot(self, arn: str) -> str | None:
        """Delete a deployment; returns Bedrock's reason when it does not now."""
        return _refusal(lambda: self._client.delete_custom_model_deployment(customModelDeploymentIdentifier=arn))

    def throughput(self, name: str) -> Resource | None:
        """The provisioned throughput of this name or ARN."""
        response = _existing(lambda: self._client.get_provisioned_model_throughput(provisionedModelId=name))
        if response is None:
            return None
        until = committed_until(response)
        return Resource(Kind.THROUGHPUT, response["provisionedModelArn"], until)

    def delete_throughput(self, arn: str) -> str | None:
        """Delete provisioned throughput; returns Bedrock's reason when it does not now, and lets it expire at once."""
        refusal = _refusal(lambda: self._client.delete_provisioned_model_throughput(provisionedModelId=arn))
        if refusal is not None:
            # It may be in the making for longer than is waited for here; whatever has expired is looked for regularly.
            now = datetime.now(UTC).isoformat(timespec="seconds")
            # Without the tag it ends at its own time: that is no reason to leave the run without its record.
            with suppress(ClientError):
                self._client.tag_resource(resourceARN=arn, tags=[{"key": EXPIRY_TAG, "value": now}])
        return refusal

    def _deployment_host(self, arn: str) -> Host | None:
        response = _existing(lambda: self._client.get_custom_model_deployment(customModelDeploymentIdentifier=arn))
        if response is None:
            return None
        update = response.get("updateDetails") or {}
        # After an update either member may name the model that answers: the other description need not be as new.
        completed = update.get("modelArn") if update.get("updateStatus") == "UpdateCompleted" else None
        coming = update.get("modelArn") if update.get("updateStatus") == "Updating" else None
        return Host(response["status"], completed or response["modelArn"], coming)

    def _throughput_host(self, arn: str) -> Host | None:
        response = _existing(lambda: self._client.get_provisioned_model_throughput(provisionedModelId=arn))
        tagged = response and _existing(lambda: self._client.list_tags_for_resource(resourceARN=arn))
        if not tagged:
            return None
        return Host(
            response["status"],
            response["modelArn"],
            response["desiredModelArn"],
            expires_at=expiry_of({tag["key"]: tag["value"] for tag in tagged["tags"]}),
            committed_until=committed_until(response),
        )


def _existing(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except ClientError as error:
        if failure_of(error).kind is FailureKind.MISSING:
            return None
        raise


def _refusal(call: Callable[[], object]) -> str | None:
    try:
        call()
    except ClientError as error:
        failure = failure_of(error)
        if failure.kind is FailureKind.MISSING:
            return None
        if failure.kind in NOT_NOW:
            return f"{failure.message} ({failure.code})"
        raise
    return None


def _add_update(http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
    if http_response.status_code == 200:
        parsed["updateDetails"] = json.loads(http_response.content).get("updateDetails")


def committed_until(throughput: Mapping[str, Any]) -> datetime | None:
    """End of the term; without a commitment there is none, whatever time Bedrock gives."""
    return throughput.get("commitmentExpirationTime") if throughput.get("commitmentDuration") else None
