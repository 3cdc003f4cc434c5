"""CloudFormation gets an answer to every request, and a bucket is emptied only when it is deleted."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from arbiter.aws.versions import EMPTY_LOOKS, BucketVersions, NotEmptyError
from arbiter.handlers import empty_bucket


class Context:
    """An invocation with time left."""

    log_stream_name = "stream"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Opened:
    """CloudFormation's side of the pre-signed URL."""

    def close(self) -> None: ...


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    taken: list[dict[str, Any]] = []

    def take(request: Any, timeout: float) -> Opened:
        assert (request.get_method(), request.get_header("Content-type")) == ("PUT", "")
        taken.append(json.loads(request.data))
        return Opened()

    monkeypatch.setattr(empty_bucket, "urlopen", take)
    return taken


def request(kind: str, **others: Any) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResponseURL": "https://answers.invalid/",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Empty",
        "ResourceProperties": {"BucketName": "bucket"},
        **others,
    }


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_creating_and_updating_touch_nothing(kind: str, answers: list[dict[str, Any]]) -> None:
    empty_bucket.handler(request(kind, PhysicalResourceId="objects-of-old"), Context())
    assert answers == [
        {
            "Status": "SUCCESS",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Empty",
            "PhysicalResourceId": "objects-of-bucket",
            "Data": {"Removed": 0},
        }
    ]


def test_a_failure_is_answered_with_its_reason(answers: list[dict[str, Any]]) -> None:
    empty_bucket.handler(request("Create", ResourceProperties={}), Context())
    assert answers[0]["Status"] == "FAILED"
    assert "BucketName" in answers[0]["Reason"]
    assert answers[0]["PhysicalResourceId"] == "Empty"


def test_a_deletion_keeps_its_physical_id(answers: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    with stubbed() as (versions, _):
        monkeypatch.setattr(empty_bucket.BucketVersions, "connect", lambda bucket: versions)
        empty_bucket.handler(request("Delete", PhysicalResourceId="objects-of-old"), Context())
    assert (answers[0]["Status"], answers[0]["PhysicalResourceId"]) == ("SUCCESS", "objects-of-old")


def test_an_answer_that_is_not_taken_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = []

    def refuse(request: Any, timeout: float) -> Opened:
        attempts.append(1)
        raise OSError("connection reset")

    monkeypatch.setattr(empty_bucket, "urlopen", refuse)
    monkeypatch.setattr(empty_bucket.time, "sleep", lambda seconds: None)
    with pytest.raises(OSError, match="reset"):
        empty_bucket.handler(request("Create"), Context())
    assert len(attempts) == 3


class Pauses(list[float]):
    """The pauses that were taken; during the first ones something may be written into the bucket."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@contextmanager
def stubbed(*listings: list[dict[str, Any]], looks: int = EMPTY_LOOKS) -> Iterator[tuple[BucketVersions, Stubber]]:
    """A bucket whose listings have these pages, each removed in one batch; after them it is empty for some looks."""
    client = boto3.client("s3", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        for pages in (*listings, *([{}],) * looks):
            for i, page in enumerate(pages):
                more = {"IsTruncated": True, "NextKeyMarker": str(i), "NextVersionIdMarker": "v"}
                stubber.add_response("list_object_versions", page | (more if i < len(pages) - 1 else {}))
                if listed := [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                    batch = {"Objects": listed, "Quiet": True}
                    stubber.add_response("delete_objects", {}, {"Bucket": "bucket", "Delete": batch})
        yield BucketVersions(client, "bucket", Pauses()), stubber


def numbered(first: int, last: int) -> list[dict[str, str]]:
    return [{"Key": f"k{i}", "VersionId": f"v{i}"} for i in range(first, last)]


def test_versions_and_delete_markers_go_in_the_batches_they_are_listed_in() -> None:
    pages = [
        {"Versions": numbered(0, 700), "DeleteMarkers": numbered(700, 1000)},
        {"Versions": [], "DeleteMarkers": []},
        {"Versions": numbered(0, 3), "DeleteMarkers": []},
    ]
    with stubbed(pages) as (versions, stubber):
        assert versions.remove_all(lambda: True) == 1003
        stubber.assert_no_pending_responses()


def test_time_that_runs_out_is_said() -> None:
    left = iter([True, False])
    pages = [{"Versions": numbered(0, 2), "DeleteMarkers": []}] * 2
    with (
        stubbed(pages) as (versions, _),
        pytest.raises(NotEmptyError, match="after 2 versions of bucket: delete the stack"),
    ):
        versions.remove_all(lambda: next(left))


def test_a_bucket_that_is_gone_is_empty() -> None:
    with stubbed(looks=0) as (versions, stubber):
        stubber.add_client_error("list_object_versions", "NoSuchBucket")
        assert versions.remove_all(lambda: True) == 0


def test_objects_that_s3_keeps_are_named() -> None:
    with stubbed(looks=0) as (versions, stubber):
        # The second listing shows what S3 refused alone: everything else is gone, and going on is of no use.
        for listed in (numbered(0, 2), numbered(0, 1)):
            stubber.add_response("list_object_versions", {"Versions": listed})
            stubber.add_response("delete_objects", {"Errors": [{"Key": "k0", "Message": "Access Denied"}]})
        with pytest.raises(NotEmptyError, match="1 objects of bucket are not removed, first k0: Access Denied"):
            versions.remove_all(lambda: True)
        stubber.assert_no_pending_responses()


def test_what_is_written_after_the_bucket_was_emptied_goes_too() -> None:
    late = [{"Versions": numbered(5, 6)}]
    with stubbed([{"Versions": numbered(0, 3)}], [{}], [{}], late) as (versions, stubber):
        assert versions.remove_all(lambda: True) == 4
        stubber.assert_no_pending_responses()


def test_a_key_that_xml_cannot_write_keeps_no_other_from_being_removed() -> None:
    bad, good = {"Key": "a\x01b", "VersionId": "v1"}, numbered(0, 2)
    with stubbed(looks=0) as (versions, stubber):
        stubber.add_response("list_object_versions", {"Versions": [bad, *good]})
        batch = {"Objects": good, "Quiet": True}
        stubber.add_response("delete_objects", {}, {"Bucket": "bucket", "Delete": batch})
        stubber.add_client_error("delete_object", "InternalError", "try again")
        stubber.add_response("list_object_versions", {"Versions": [bad]})
        stubber.add_response("delete_object", {}, {"Bucket": "bucket", **bad})
        for _ in range(EMPTY_LOOKS):
            stubber.add_response("list_object_versions", {})
        assert versions.remove_all(lambda: True) == 3
        stubber.assert_no_pending_responses()


def test_a_request_that_s3_does_not_understand_is_taken_apart() -> None:
    with stubbed(looks=0) as (versions, stubber):
        stubber.add_response("list_object_versions", {"Versions": numbered(0, 2)})
        stubber.add_client_error("delete_objects", "MalformedXML", "The XML you provided was not well-formed")
        for one in numbered(0, 2):
            stubber.add_response("delete_object", {}, {"Bucket": "bucket", **one})
        for _ in range(EMPTY_LOOKS):
            stubber.add_response("list_object_versions", {})
        assert versions.remove_all(lambda: True) == 2
        stubber.assert_no_pending_responses()
