"""Objects of one S3 bucket deleted: those that can be, whatever keeps the others."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from arbiter.aws.calls.failures import failure_of

BATCH = 1000
"""The most objects that one request deletes."""
NO_BUCKET = "NoSuchBucket"
NOT_UNDERSTOOD = "MalformedXML"
OUTSIDE_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot write (its production of Char): a request that lists one of them is refused whole."""


def delete_batch(client: Any, bucket: str, items: Sequence[Mapping[str, str]]) -> tuple[Any, list[tuple[str, str]]]:
    """Delete up to 1000 objects, each a `Key` and perhaps a `VersionId`.

    A key that XML cannot write is part of a request's address instead, one request an object; so is every key of a
    request that S3 does not understand, so that one bad key never keeps the others.

    Returns: the last response of S3, and each key, readable, that it did not delete, with its reason.
    """
    response: Any = None
    refused: list[tuple[str, str]] = []
    single = [item for item in items if OUTSIDE_XML.search(item["Key"])]
    if listed := [item for item in items if not OUTSIDE_XML.search(item["Key"])]:
        try:
            response = client.delete_objects(Bucket=bucket, Delete={"Objects": listed, "Quiet": True})
            refused = [(readable(one["Key"]), one.get("Message") or one["Code"]) for one in response.get("Errors", ())]
        except ClientError as error:
            if failure_of(error).code != NOT_UNDERSTOOD:
                raise
            response, single = error.response, [*listed, *single]
    for item in single:
        try:
            response = client.delete_object(Bucket=bucket, **item)
        except ClientError as error:
            failure = failure_of(error)
            if failure.code == NO_BUCKET:
                raise
            response = error.response
            refused.append((readable(item["Key"]), failure.sentence))
    return response, refused


def readable(key: str) -> str:
    """Spell a key so that each of its characters is seen: control characters as Python escapes them."""
    return key if key.isprintable() else repr(key)[1:-1]
