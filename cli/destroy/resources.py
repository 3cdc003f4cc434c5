"""Resources deleted without CloudFormation, by their type: what it left, and what it cannot delete."""

from typing import Any

from botocore.exceptions import ClientError

from arbiter.aws.calls.failures import FailureKind, failure_of
from arbiter.aws.versions import BucketVersions
from cli.core.deployment import Deployment
from cli.destroy.kinds import BUCKET, KINDS
from cli.destroy.stacks import Resource
from cli.destroy.workers import Workers

ATTEMPTS = 5
"""Times that a bucket is emptied again because something arrived before it was deleted."""
_NOT_THERE = frozenset(
    {
        *("NoSuchBucket", "NoSuchEntity", "NotFoundException", "StateMachineDoesNotExist", "DashboardNotFoundError"),
        *("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"),
    }
)


class Resources:
    """Deletes resources of the types that Arbiter's stacks are made of."""

    def __init__(self, deployment: Deployment, workers: Workers) -> None:
        self._deployment, self._workers = deployment, workers

    @staticmethod
    def known(resource: Resource) -> bool:
        """Whether resources of the type can be deleted here."""
        return resource.type in KINDS

    def exists(self, resource: Resource) -> bool:
        """Whether a resource of a known type is there."""
        kind = KINDS[resource.type]
        try:
            return bool(kind.look(self._deployment.client(kind.service), resource.id))
        except ClientError as error:
            if _missing(error):
                return False
            raise

    def delete(self, resource: Resource) -> None:
        """Delete a resource, with all that it holds; it may be gone already.

        Raises:
            ClientError: AWS refuses.
            NotEmptyError: S3 keeps objects of a bucket, all others of which are removed.
        """
        kind = KINDS.get(resource.type)
        if kind is None or not resource.id:
            return
        client = self._deployment.client(kind.service)
        try:
            if resource.type == BUCKET:
                self._delete_bucket(client, resource.id)
            else:
                kind.delete(client, resource.id)
        except ClientError as error:
            if not _missing(error):
                raise

    def _delete_bucket(self, client: Any, name: str) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            # Nothing writes any more, and S3 itself refuses to delete what is not empty: one empty look is enough.
            BucketVersions(client, name, looks=1).remove_all(self._workers.go_on)
            try:
                client.delete_bucket(Bucket=name)
                return
            except ClientError as error:
                if failure_of(error).code != "BucketNotEmpty" or attempt == ATTEMPTS:
                    raise


def _missing(error: ClientError) -> bool:
    failure = failure_of(error)
    return failure.kind is FailureKind.MISSING or failure.code in _NOT_THERE
