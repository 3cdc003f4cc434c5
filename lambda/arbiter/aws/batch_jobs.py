"""Batch inference jobs in Bedrock."""

from collections.abc import Iterator
from typing import Any, Self

import boto3
from botocore.config import Config

GOING_ON = ("Submitted", "Validating", "Scheduled", "InProgress")
"""botocore model: statuses of a job that has neither ended nor is being stopped."""


class BatchJobs:
    """Finds and stops jobs."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def connect(cls) -> Self:
        """Bedrock under the credentials of the process."""
        return cls(boto3.client("bedrock", config=Config(retries={"mode": "standard", "total_max_attempts": 5})))

    def going_on(self, prefix: str) -> Iterator[str]:
        """ARNs of the jobs that have not ended and whose name begins so."""
        pages = self._client.get_paginator("list_model_invocation_jobs").paginate(nameContains=prefix)
        for page in pages:
            for job in page.get("invocationJobSummaries", ()):
                if job["status"] in GOING_ON and job["jobName"].startswith(prefix):
                    yield job["jobArn"]

    def stop(self, arn: str) -> bool:
        """Stop a job; whether it had not ended by itself meanwhile."""
        try:
            self._client.stop_model_invocation_job(jobIdentifier=arn)
        except self._client.exceptions.ConflictException:
            return False
        return True
