"""Every version of every object of one S3 bucket."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Self

import boto3
from botocore.exceptions import ClientError

from arbiter.aws.calls.deletion import NO_BUCKET, delete_batch
from arbiter.aws.calls.failures import failure_of

EMPTY_LOOKS = 4
PAUSE_SECONDS = 0.5
"""A bucket is empty when so many listings, so far apart, show nothing: what was being written arrives meanwhile."""


class NotEmptyError(RuntimeError):
    """A bucket that still holds objects, and why."""


class BucketVersions:
    """Removes what a versioned bucket holds: CloudFormation deletes empty buckets alone."""

    def __init__(
        self, client: Any, bucket: str, sleep: Callable[[float], None] = time.sleep, looks: int = EMPTY_LOOKS
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._sleep = sleep
        self._looks = looks

    @classmethod
    def connect(cls, bucket: str) -> Self:
        """The bucket under the credentials of the process."""
        return cls(boto3.client("s3"), bucket)

    def remove_all(self, may_go_on: Callable[[], bool]) -> int:
        """Remove all versions and delete markers, those too that arrive meanwhile; returns how many.

        A bucket that is gone is empty.

        Raises:
            NotEmptyError: S3 refuses some, after all others are removed; or `may_go_on` denied it before the end.
        """
        removed = empty_looks = 0
        try:
            while empty_looks < self._looks:
                if empty_looks:
                    self._sleep(PAUSE_SECONDS)
                more, refused = self._remove_listed(may_go_on, removed)
                if refused and not more:
                    first = ": ".join(refused[0])
                    raise NotEmptyError(f"{len(refused):,} objects of {self._bucket} are not removed, first {first}")
                removed += more
                empty_looks = 0 if more else empty_looks + 1
        except ClientError as error:
            if failure_of(error).code != NO_BUCKET:
                raise
        return removed

    def _remove_listed(self, may_go_on: Callable[[], bool], before: int) -> tuple[int, list[tuple[str, str]]]:
        """Remove what one listing shows; returns how many were removed, and why others were not."""
        removed, refused = 0, list[tuple[str, str]]()
        for batch in self._batches():
            if not may_go_on():
                raise NotEmptyError(
                    f"time ran out after {before + removed:,} versions of {self._bucket}: "
                    "delete the stack again to go on"
                )
            _, problems = delete_batch(self._client, self._bucket, batch)
            removed += len(batch) - len(problems)
            refused += problems
        return removed, refused

    def _batches(self) -> Iterator[list[dict[str, str]]]:
        """Pages of at most 1000 versions, which is also the most that one deletion takes."""
        for page in self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket):
            versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if versions:
                yield [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in versions]
