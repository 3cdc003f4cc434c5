"""Every version of every object of one S3 bucket."""

from collections.abc import Callable, Iterator
from typing import Any, Self

import boto3
from botocore.exceptions import ClientError

from arbiter.aws.calls.failures import failure_of


class NotEmptyError(RuntimeError):
    """A bucket that still holds objects, and why."""


class BucketVersions:
    """Removes what a versioned bucket holds: CloudFormation deletes empty buckets alone."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @classmethod
    def connect(cls, bucket: str) -> Self:
        """The bucket under the credentials of the process."""
        return cls(boto3.client("s3"), bucket)

    def remove_all(self, may_go_on: Callable[[], bool]) -> int:
        """Remove all versions and delete markers; returns how many. A bucket that is gone is empty.

        Raises:
            NotEmptyError: S3 refuses some, or `may_go_on` denied it before the end.
        """
        removed = 0
        try:
            for batch in self._batches():
                if not may_go_on():
                    raise NotEmptyError(
                        f"time ran out after {removed:,} versions of {self._bucket}: delete the stack again to go on"
                    )
                removed += self._remove(batch)
        except ClientError as error:
            if failure_of(error).code != "NoSuchBucket":
                raise
        return removed

    def _batches(self) -> Iterator[list[dict[str, str]]]:
        """Pages of at most 1000 versions, which is also the most that one deletion takes."""
        for page in self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket):
            versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if versions:
                yield [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in versions]

    def _remove(self, batch: list[dict[str, str]]) -> int:
        response = self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": batch, "Quiet": True})
        if failures := response.get("Errors", []):
            first = failures[0]
            reason = f"{first.get('Key')}: {first.get('Message') or first.get('Code')}"
            raise NotEmptyError(f"{len(failures):,} objects of {self._bucket} could not be removed, first {reason}")
        return len(batch)
