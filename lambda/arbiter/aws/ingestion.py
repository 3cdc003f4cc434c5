"""The ingestion jobs and documents of one data source of a Bedrock knowledge base."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from arbiter.aws.calls.failures import FailureKind, failure_of
from arbiter.documents.ingestion import IngestionBusyError, IngestionJob, JobReport, KnownDocument

BUSY = frozenset({FailureKind.CONFLICT, FailureKind.THROTTLED})
LISTED_JOBS = 10
LISTED_DOCUMENTS = 1000


class Ingestion:
    """Starts and watches the ingestion jobs of one data source, and lists its documents."""

    def __init__(self, client: Any, knowledge_base_id: str, data_source_id: str) -> None:
        self._client = client
        self._source = {"knowledgeBaseId": knowledge_base_id, "dataSourceId": data_source_id}

    @classmethod
    def connect(cls, knowledge_base_id: str, data_source_id: str) -> Self:
        """The data source under the credentials of the process."""
        config = Config(retries={"mode": "standard", "total_max_attempts": 3}, read_timeout=20)
        return cls(boto3.client("bedrock-agent", config=config), knowledge_base_id, data_source_id)

    def latest(self) -> IngestionJob | None:
        """The job that started last."""
        newest_first = {"attribute": "STARTED_AT", "order": "DESCENDING"}
        response = self._client.list_ingestion_jobs(**self._source, sortBy=newest_first, maxResults=LISTED_JOBS)
        jobs = [_job(summary) for summary in response["ingestionJobSummaries"]]
        return max(jobs, key=lambda job: job.started_at, default=None)

    def start(self) -> IngestionJob:
        """Start a job.

        Raises:
            IngestionBusyError: none may start now.
        """
        try:
            return _job(self._client.start_ingestion_job(**self._source)["ingestionJob"])
        except ClientError as error:
            failure = failure_of(error)
            if failure.kind in BUSY:
                raise IngestionBusyError(failure.sentence) from error
            raise

    def report(self, job_id: str) -> JobReport:
        """A job with its statistics and the reasons of its failure."""
        job = self._client.get_ingestion_job(**self._source, ingestionJobId=job_id)["ingestionJob"]
        count = job.get("statistics", {})
        return JobReport(
            job=_job(job),
            scanned=count.get("numberOfDocumentsScanned", 0),
            indexed=count.get("numberOfNewDocumentsIndexed", 0) + count.get("numberOfModifiedDocumentsIndexed", 0),
            deleted=count.get("numberOfDocumentsDeleted", 0),
            skipped=count.get("numberOfDocumentsSkipped", 0),
            failed=count.get("numberOfDocumentsFailed", 0),
            reasons=tuple(job.get("failureReasons", ())),
        )

    def documents(self) -> Iterator[KnownDocument]:
        """Every document of the data source, with its state."""
        pages = self._client.get_paginator("list_knowledge_base_documents").paginate(
            **self._source, PaginationConfig={"PageSize": LISTED_DOCUMENTS}
        )
        for page in pages:
            for detail in page["documentDetails"]:
                yield KnownDocument(
                    _uri(detail["identifier"]),
                    detail["status"],
                    detail.get("statusReason", ""),
                    detail.get("updatedAt"),
                )


def _job(job: Mapping[str, Any]) -> IngestionJob:
    return IngestionJob(job["ingestionJobId"], job["status"], job["startedAt"])


def _uri(identifier: Mapping[str, Any]) -> str:
    return str(identifier.get("s3", {}).get("uri", ""))
