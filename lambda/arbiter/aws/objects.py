"""The objects of one S3 bucket."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import IO, Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from arbiter.aws.calls.deletion import BATCH, delete_batch
from arbiter.aws.calls.failures import FailureKind, failure_of
from arbiter.store import ObjectMissingError

CHUNK_BYTES = 1 << 16


@dataclass(frozen=True)
class StoredObject:
    """An object as a listing shows it."""

    key: str
    size: int
    etag: str
    modified_at: datetime


class Objects:
    """Reads, writes and lists objects of one bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self.bucket = bucket

    @classmethod
    def connect(cls, bucket: str, connections: int = 10) -> Self:
        """The bucket under the credentials of the process."""
        config = Config(retries={"mode": "standard", "total_max_attempts": 4}, max_pool_connections=connections)
        return cls(boto3.client("s3", config=config), bucket)

    def uri(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def size(self, key: str) -> int:
        return int(self._head(key)["ContentLength"])

    def metadata(self, key: str) -> Mapping[str, str]:
        metadata: Mapping[str, str] = self._head(key)["Metadata"]
        return metadata

    def stream(self, key: str) -> Iterator[bytes]:
        """The content in chunks."""
        try:
            body = self._client.get_object(Bucket=self.bucket, Key=key)["Body"]
        except ClientError as error:
            raise self._translated(error, key) from error
        yield from body.iter_chunks(CHUNK_BYTES)

    def read(self, key: str) -> bytes:
        return b"".join(self.stream(key))

    def read_range(self, key: str, offset: int, size: int) -> bytes:
        """A part of the content."""
        part = f"bytes={offset}-{offset + size - 1}"
        try:
            body: bytes = self._client.get_object(Bucket=self.bucket, Key=key, Range=part)["Body"].read()
        except ClientError as error:
            raise self._translated(error, key) from error
        return body

    def write(
        self, key: str, body: bytes | IO[bytes], *, content_type: str, metadata: Mapping[str, str] | None = None
    ) -> datetime:
        """Write an object; returns when S3 did so, by its own clock."""
        response = self._client.put_object(
            Bucket=self.bucket, Key=key, Body=body, ContentType=content_type, Metadata=dict(metadata or {})
        )
        return _date(response)

    def create(self, key: str, body: bytes, *, content_type: str) -> bool:
        """Write an object unless there is one; returns whether there was none."""
        try:
            self._client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=content_type, IfNoneMatch="*")
        except ClientError as error:
            if failure_of(error).kind is FailureKind.CONFLICT:
                return False
            raise
        return True

    def read_tagged(self, key: str) -> tuple[bytes, str]:
        """Content and ETag of one version of an object."""
        try:
            response = self._client.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            raise self._translated(error, key) from error
        return response["Body"].read(), response["ETag"]

    def replace(self, key: str, body: bytes, *, etag: str, content_type: str) -> bool:
        """Write an object that still has an ETag; returns whether it had."""
        try:
            self._client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=content_type, IfMatch=etag)
        except ClientError as error:
            if failure_of(error).kind in (FailureKind.CONFLICT, FailureKind.MISSING):
                return False
            raise
        return True

    def listing(self, prefix: str = "") -> Iterator[StoredObject]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        for page in pages:
            for item in page.get("Contents", ()):
                yield StoredObject(item["Key"], item["Size"], item["ETag"].strip('"'), item["LastModified"])

    def folders(self, prefix: str) -> Iterator[str]:
        """The prefixes one level below a prefix, each up to its next slash."""
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket, Prefix=prefix, Delimiter="/"):
            for item in page.get("CommonPrefixes", ()):
                yield item["Prefix"]

    def delete(self, keys: Sequence[str]) -> datetime:
        """Delete at least one object; returns when S3 did so.

        Raises:
            OSError: all others are deleted; names the objects that S3 did not delete, and why.
        """
        refused: list[tuple[str, str]] = []
        for start in range(0, len(keys), BATCH):
            batch = [{"Key": key} for key in keys[start : start + BATCH]]
            response, problems = delete_batch(self._client, self.bucket, batch)
            refused += problems
        if refused:
            raise OSError("; ".join(f"{key} is not deleted: {reason}" for key, reason in refused))
        return _date(response)

    def _head(self, key: str) -> Any:
        try:
            return self._client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            raise self._translated(error, key) from error

    def _translated(self, error: ClientError, key: str) -> Exception:
        kind = failure_of(error).kind
        if kind is FailureKind.DENIED:
            # So S3 answers for a missing object, too, to a role that may not list the bucket.
            return ObjectMissingError(f"There is no {self.uri(key)}, or the role lacks s3:GetObject on it.")
        return ObjectMissingError(f"There is no {self.uri(key)}.") if kind is FailureKind.MISSING else error


def _date(response: Any) -> datetime:
    return parsedate_to_datetime(response["ResponseMetadata"]["HTTPHeaders"]["date"])
