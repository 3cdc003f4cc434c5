"""Keys that no XML can write are listed and deleted over the wire, and keep no other object."""

from arbiter.aws.objects import Objects
from arbiter.aws.versions import BucketVersions
from tests.local.account import Account

KEYS = [
    *("a.md", "tab\tin.md", "line\nbreak.md", "é \U0001f600 + % & <.md", "a/../b.md", "//.md"),
    *("bell\x07.md", "escape\x1b[2J.md", "return\r.md", "nul\0.md", "\ufffe.md"),
]


def test_objects_with_any_key_are_listed_and_deleted(account: Account) -> None:
    client, bucket = account.client("s3"), "any-keys"
    client.create_bucket(Bucket=bucket)
    objects = Objects(client, bucket)
    for key in KEYS:
        objects.write(key, b"text", content_type="text/markdown")
    assert sorted(item.key for item in objects.listing()) == sorted(KEYS)
    objects.delete(KEYS)
    assert list(objects.listing()) == []


def test_a_versioned_bucket_with_odd_keys_is_emptied(account: Account) -> None:
    client, bucket = account.client("s3"), "any-keys-versioned"
    client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in KEYS:
        client.put_object(Bucket=bucket, Key=key, Body=b"text")
        client.delete_object(Bucket=bucket, Key=key)
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 3})
    assert sorted(one["Key"] for page in pages for one in page.get("Versions", ())) == sorted(KEYS)
    assert BucketVersions(client, bucket, sleep=lambda seconds: None).remove_all(lambda: True) == 2 * len(KEYS)
    client.delete_bucket(Bucket=bucket)
