"""Bedrock's own evaluation jobs."""

from collections.abc import Mapping
from typing import Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from arbiter.aws.calls.failures import FailureKind, failure_of
from arbiter.evaluation.native.bedrock import JobError, JobStatus

PASSING = frozenset({FailureKind.THROTTLED, FailureKind.PASSING})


class EvaluationJobs:
    """Creates, describes and stops jobs."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def connect(cls) -> Self:
        """Bedrock under the credentials of the process."""
        return cls(boto3.client("bedrock", config=Config(retries={"mode": "standard", "total_max_attempts": 8})))

    def create(self, request: Mapping[str, Any]) -> str:
        """Create a job; gives its ARN."""
        return str(self._call("create_evaluation_job", **request)["jobArn"])

    def describe(self, arn: str) -> JobStatus:
        job = self._call("get_evaluation_job", jobIdentifier=arn)
        return JobStatus(job["status"], tuple(job.get("failureMessages") or ()))

    def stop(self, arn: str) -> bool:
        """Stop a job; whether it had not ended by itself meanwhile."""
        try:
            self._call("stop_evaluation_job", jobIdentifier=arn)
        except JobError as error:
            if error.code != "ConflictException":
                raise
            return False
        return True

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**parameters)
        except ClientError as error:
            failure = failure_of(error)
            raise JobError(failure.code, failure.sentence, passing=failure.kind in PASSING) from error
        except BotoCoreError as error:
            raise JobError(type(error).__name__, str(error), passing=True) from error
        return answer
