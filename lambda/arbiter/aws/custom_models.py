"""Custom models of Bedrock, and what hosts them: deployments and provisioned throughput."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from botocore.config import Config
from botocore.exceptions import ClientError

from arbiter.aws.calls.failures import FailureKind, failure_of
from arbiter.aws.hosting import committed_until, connect
from arbiter.tuned_models.hosting.expiry import ENVIRONMENT_TAG, Throughput
from arbiter.tuned_models.hosting.retirement import Kind, NotYet, Refused, Resource

BUSY = frozenset({FailureKind.CONFLICT, FailureKind.THROTTLED, FailureKind.PASSING})


class CustomModels:
    """Finds, lists and deletes custom models and their hosting."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._calls = {
            Kind.DEPLOYMENT: (
                client.delete_custom_model_deployment,
                client.get_custom_model_deployment,
                "customModelDeploymentIdentifier",
            ),
            Kind.THROUGHPUT: (
                client.delete_provisioned_model_throughput,
                client.get_provisioned_model_throughput,
                "provisionedModelId",
            ),
            Kind.MODEL: (client.delete_custom_model, client.get_custom_model, "modelIdentifier"),
            Kind.IMPORTED: (client.delete_imported_model, client.get_imported_model, "modelIdentifier"),
        }

    @classmethod
    def connect(cls) -> Self:
        """The account's models under the credentials of the process."""
        return cls(connect(Config(retries={"mode": "standard", "total_max_attempts": 4})))

    def hosts(self, custom_model: str) -> list[Resource]:
        """The deployments and the throughput of one model."""
        deployments = self._listed(
            "list_custom_model_deployments", "modelDeploymentSummaries", modelArnEquals=custom_model
        )
        throughputs = self._listed(
            "list_provisioned_model_throughputs", "provisionedModelSummaries", modelArnEquals=custom_model
        )
        return [
            *(Resource(Kind.DEPLOYMENT, one["customModelDeploymentArn"], serves=custom_model) for one in deployments),
            *(Resource(Kind.THROUGHPUT, one["provisionedModelArn"], committed_until(one)) for one in throughputs),
        ]

    def throughputs(self, environment: str) -> list[Throughput]:
        """The provisioned throughput that carries the tag of an environment."""
        return [one for one in self.all_throughput() if one.tags.get(ENVIRONMENT_TAG) == environment]

    def all_throughput(self) -> list[Throughput]:
        """The provisioned throughput of the account and region."""
        listed = self._listed("list_provisioned_model_throughputs", "provisionedModelSummaries")
        return [self._throughput(one) for one in listed]

    def tags(self, arn: str) -> Mapping[str, str]:
        """The tags of a model or of its hosting; none when it does not exist."""
        try:
            tags = self._client.list_tags_for_resource(resourceARN=arn)["tags"]
        except ClientError as error:
            if failure_of(error).kind is FailureKind.MISSING:
                return {}
            raise
        return {tag["key"]: tag["value"] for tag in tags}

    def delete(self, resource: Resource) -> None:
        """Delete something, or begin to; it may be gone already.

        Raises:
            NotYet: it is still being made, changed or used.
            Refused: it will not be deleted.
        """
        delete, _, parameter = self._calls[resource.kind]
        if resource.serves and not self.exists(resource):
            return
        try:
            delete(**{parameter: resource.arn})
        except ClientError as error:
            self._translate(error)

    def exists(self, resource: Resource) -> bool:
        """Tell if a resource still exists, and a deployment still serves its model.

        Raises:
            NotYet: the deployment is being given another model.
        """
        _, get, parameter = self._calls[resource.kind]
        try:
            response = get(**{parameter: resource.arn})
        except ClientError as error:
            self._translate(error)
            return False
        if resource.serves and (response.get("updateDetails") or {}).get("updateStatus") == "Updating":
            raise NotYet("the deployment is being given another model")
        return not resource.serves or response["modelArn"] == resource.serves

    @staticmethod
    def _translate(error: ClientError) -> None:
        """Pass over a missing resource, and give any other error in Arbiter's words."""
        failure = failure_of(error)
        if failure.kind is FailureKind.MISSING:
            return
        reason = f"{error.operation_name} says {failure.code}: {failure.message}"
        raise (NotYet if failure.kind in BUSY else Refused)(reason) from error

    def _throughput(self, one: Mapping[str, Any]) -> Throughput:
        return Throughput(
            arn=one["provisionedModelArn"],
            name=one["provisionedModelName"],
            base_model=one["foundationModelArn"].rsplit("/", 1)[-1],
            custom_model=one["modelArn"],
            model_units=one["modelUnits"],
            status=one["status"],
            committed_until=committed_until(one),
            tags=self.tags(one["provisionedModelArn"]),
        )

    def _listed(self, operation: str, member: str, **filters: Any) -> Iterator[dict[str, Any]]:
        for page in self._client.get_paginator(operation).paginate(**filters):
            yield from page.get(member, ())
