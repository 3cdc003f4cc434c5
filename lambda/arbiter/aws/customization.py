"""Bedrock's customization jobs and the custom models that they leave."""

from typing import Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from arbiter.aws.calls.failures import FailureKind, failure_of
from arbiter.tuned_models.training.jobs import JobState, ModelState

# What Bedrock says of a job that cannot be stopped any more: it has ended, or is being stopped.
TOO_LATE = frozenset({FailureKind.CONFLICT, FailureKind.REFUSED})


class Customization:
    """Looks at jobs and models, and stops jobs."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def connect(cls) -> Self:
        """Bedrock under the credentials of the process."""
        return cls(boto3.client("bedrock", config=Config(retries={"mode": "standard", "total_max_attempts": 8})))

    def job(self, name: str) -> JobState | None:
        """The job of this name or ARN."""
        try:
            job = self._client.get_model_customization_job(jobIdentifier=name)
        except ClientError as error:
            if failure_of(error).kind is FailureKind.MISSING:
                return None
            raise
        losses = [metric.get("validationLoss") for metric in job.get("validationMetrics") or ()]
        return JobState(
            name=job["jobName"],
            arn=job["jobArn"],
            status=job["status"],
            failure=job.get("failureMessage") or None,
            output_uri=job["outputDataConfig"]["s3Uri"],
            training_loss=(job.get("trainingMetrics") or {}).get("trainingLoss"),
            validation_loss=next((loss for loss in losses if loss is not None), None),
        )

    def stop(self, name: str) -> None:
        """Stop a job; nothing to do when it ended meanwhile."""
        try:
            self._client.stop_model_customization_job(jobIdentifier=name)
        except ClientError as error:
            if failure_of(error).kind not in TOO_LATE:
                raise

    def model(self, name: str) -> ModelState | None:
        """The custom model of this name or ARN."""
        try:
            model = self._client.get_custom_model(modelIdentifier=name)
        except ClientError as error:
            if failure_of(error).kind is FailureKind.MISSING:
                return None
            raise
        return ModelState(model["modelName"], model["modelArn"], model.get("jobArn"))
