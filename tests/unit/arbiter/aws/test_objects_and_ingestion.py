"""The adapters call S3, SQS and Bedrock as their API models say, and translate what they answer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import ParseError, fromstring

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from arbiter.aws.ingestion import Ingestion
from arbiter.aws.objects import Objects
from arbiter.aws.queue import Queue
from arbiter.documents.ingestion import IngestionBusyError, IngestionJob, KnownDocument
from arbiter.store import ObjectMissingError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOURCE = {"knowledgeBaseId": "KB12345678", "dataSourceId": "DS12345678"}


def stubbed(service: str) -> Stubber:
    stubber = Stubber(boto3.client(service, "us-east-1", aws_access_key_id="x", aws_secret_access_key="x"))
    stubber.activate()
    return stubber


@pytest.fixture
def bedrock() -> Iterator[Stubber]:
    with stubbed("bedrock-agent") as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def ingestion(stubber: Stubber) -> Ingestion:
    return Ingestion(stubber.client, SOURCE["knowledgeBaseId"], SOURCE["dataSourceId"])


def job(job_id: str = "JOB1234567", status: str = "COMPLETE", minute: int = 0, **others: Any) -> dict[str, Any]:
    started = NOW.replace(minute=minute)
    return {**SOURCE, "ingestionJobId": job_id, "status": status, "startedAt": started, "updatedAt": NOW, **others}


def test_the_latest_job_is_the_one_that_started_last(bedrock: Stubber) -> None:
    summaries = [job("A" * 10, minute=1), job("B" * 10, minute=5), job("C" * 10, minute=2)]
    order = {"attribute": "STARTED_AT", "order": "DESCENDING"}
    bedrock.add_response(
        "list_ingestion_jobs", {"ingestionJobSummaries": summaries}, {**SOURCE, "sortBy": order, "maxResults": 10}
    )
    assert ingestion(bedrock).latest() == IngestionJob("B" * 10, "COMPLETE", NOW.replace(minute=5))


def test_a_data_source_without_jobs_has_no_latest(bedrock: Stubber) -> None:
    bedrock.add_response("list_ingestion_jobs", {"ingestionJobSummaries": []})
    assert ingestion(bedrock).latest() is None


@pytest.mark.parametrize("code", ["ConflictException", "ThrottlingException", "ServiceQuotaExceededException"])
def test_a_job_that_may_not_start_now_is_busy(bedrock: Stubber, code: str) -> None:
    bedrock.add_client_error("start_ingestion_job", code, "another job runs")
    with pytest.raises(IngestionBusyError, match="another job runs"):
        ingestion(bedrock).start()


def test_any_other_refusal_is_an_error(bedrock: Stubber) -> None:
    bedrock.add_client_error("start_ingestion_job", "AccessDeniedException")
    with pytest.raises(ClientError):
        ingestion(bedrock).start()


def test_a_report_adds_up_the_statistics(bedrock: Stubber) -> None:
    statistics = {
        "numberOfDocumentsScanned": 9,
        "numberOfNewDocumentsIndexed": 3,
        "numberOfModifiedDocumentsIndexed": 2,
        "numberOfDocumentsDeleted": 1,
        "numberOfDocumentsSkipped": 1,
        "numberOfDocumentsFailed": 1,
    }
    failed = job(status="FAILED", statistics=statistics, failureReasons=["no access"])
    bedrock.add_response("get_ingestion_job", {"ingestionJob": failed}, {**SOURCE, "ingestionJobId": "JOB1234567"})
    report = ingestion(bedrock).report("JOB1234567")
    assert (report.scanned, report.indexed, report.failed, report.handled) == (9, 5, 1, 8)
    assert (report.job.running, report.reasons) == (False, ("no access",))


def test_documents_are_listed_page_by_page(bedrock: Stubber) -> None:
    def document(name: str, status: str, **others: str) -> dict[str, Any]:
        uri = {"dataSourceType": "S3", "s3": {"uri": f"s3://b/{name}"}}
        return {**SOURCE, "status": status, "identifier": uri, **others}

    first = {"documentDetails": [{**document("a", "INDEXED"), "updatedAt": NOW}], "nextToken": "more"}
    second = {"documentDetails": [document("b", "FAILED", statusReason="encrypted")]}
    bedrock.add_response("list_knowledge_base_documents", first, {**SOURCE, "maxResults": 1000})
    bedrock.add_response("list_knowledge_base_documents", second, {**SOURCE, "maxResults": 1000, "nextToken": "more"})
    assert list(ingestion(bedrock).documents()) == [
        KnownDocument("s3://b/a", "INDEXED", "", NOW),
        KnownDocument("s3://b/b", "FAILED", "encrypted"),
    ]


def test_objects_are_listed_and_deleted_in_batches() -> None:
    with stubbed("s3") as s3:
        page = {"Contents": [{"Key": "a", "Size": 1, "ETag": '"e"', "LastModified": NOW}]}
        s3.add_response("list_objects_v2", page, {"Bucket": "b", "Prefix": "p/"})
        (stored,) = Objects(s3.client, "b").listing("p/")
        assert (stored.key, stored.size, stored.etag, stored.modified_at) == ("a", 1, "e", NOW)
        dated = {"ResponseMetadata": {"HTTPHeaders": {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}}}
        for count in (1000, 500):
            keys = [{"Key": f"{i}"} for i in range(count)]
            s3.add_response("delete_objects", dated, {"Bucket": "b", "Delete": {"Objects": keys, "Quiet": True}})
        assert Objects(s3.client, "b").delete([*map(str, range(1000)), *map(str, range(500))]) == NOW


def test_objects_that_are_not_deleted_are_named_and_keep_no_other() -> None:
    dated = {"ResponseMetadata": {"HTTPHeaders": {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}}}
    with stubbed("s3") as s3:
        s3.add_response("delete_objects", {"Errors": [{"Key": "0", "Code": "AccessDenied", "Message": "Denied"}]})
        s3.add_response("delete_objects", dated)
        with pytest.raises(OSError, match=r"^0 is not deleted: Denied$"):
            Objects(s3.client, "b").delete([*map(str, range(1001))])
        s3.assert_no_pending_responses()


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x0b", "\x1b", "\x1f", "\ufffe", "\uffff"])
def test_a_key_that_xml_cannot_write_is_deleted_alone(character: str) -> None:
    dated = {"ResponseMetadata": {"HTTPHeaders": {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}}}
    with pytest.raises(ParseError):
        fromstring(f"<Key>a{character}b</Key>")
    with stubbed("s3") as s3:
        kept = [{"Key": "tab\tand\nline"}, {"Key": "é\U0001f600\x85"}]
        s3.add_response("delete_objects", dated, {"Bucket": "b", "Delete": {"Objects": kept, "Quiet": True}})
        s3.add_response("delete_object", dated, {"Bucket": "b", "Key": f"a{character}b"})
        assert Objects(s3.client, "b").delete(["tab\tand\nline", f"a{character}b", "é\U0001f600\x85"]) == NOW
        s3.assert_no_pending_responses()


def test_a_refused_key_is_spelt_so_that_it_can_be_read() -> None:
    with stubbed("s3") as s3:
        s3.add_client_error("delete_object", "AccessDenied", "Denied")
        with pytest.raises(OSError, match=r"^a\\x1b\[2Jb is not deleted: Denied$"):
            Objects(s3.client, "b").delete(["a\x1b[2Jb"])


def test_a_missing_object_is_named() -> None:
    with stubbed("s3") as s3:
        s3.add_client_error("get_object", "NoSuchKey")
        with pytest.raises(ObjectMissingError, match="There is no s3://b/k"):
            Objects(s3.client, "b").read("k")


def test_a_message_is_sent_with_its_delay() -> None:
    with stubbed("sqs") as sqs:
        expected = {"QueueUrl": "url", "MessageBody": '{"follow": "J"}', "DelaySeconds": 15}
        sqs.add_response("send_message", {}, expected)
        Queue(sqs.client, "url").send({"follow": "J"}, 15)
