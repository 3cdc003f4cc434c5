"""Bedrock's evaluation jobs: what it refuses for good, and what passes, are told apart."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from arbiter.aws.evaluation_jobs import EvaluationJobs
from arbiter.evaluation.native.bedrock import JobError

ARN = "arn:aws:bedrock:us-east-1:123456789012:evaluation-job/0123456789ab"

CONFIGURED = {"taskType": "General", "dataset": {"name": "base"}, "metricNames": ["M"]}


@pytest.fixture
def client() -> Any:
    return boto3.client("bedrock", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")


def described(status: str, **more: Any) -> dict[str, Any]:
    return {
        "jobName": "n",
        "status": status,
        "jobArn": ARN,
        "roleArn": "arn:aws:iam::123456789012:role/r",
        "jobType": "Automated",
        "evaluationConfig": {"automated": {"datasetMetricConfigs": [CONFIGURED]}},
        "inferenceConfig": {"models": [{"precomputedInferenceSource": {"inferenceSourceIdentifier": "base"}}]},
        "outputDataConfig": {"s3Uri": "s3://b/k"},
        "creationTime": 0,
        **more,
    }


def test_a_job_is_described_with_its_failures(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_response("get_evaluation_job", described("Failed", failureMessages=["a", "b"]), {"jobIdentifier": ARN})
        stub.add_response("get_evaluation_job", described("Completed"), {"jobIdentifier": ARN})
        jobs = EvaluationJobs(client)
        assert jobs.describe(ARN) == ("Failed", ("a", "b"))
        assert jobs.describe(ARN) == ("Completed", ())


@pytest.mark.parametrize(
    ("code", "passing"),
    [("ThrottlingException", True), ("InternalServerException", True), ("ValidationException", False),
     ("AccessDeniedException", False), ("ResourceNotFoundException", False)],
)  # fmt: skip
def test_what_passes_is_told_from_what_is_refused(client: Any, code: str, passing: bool) -> None:
    with Stubber(client) as stub:
        stub.add_client_error("stop_evaluation_job", code, "a reason")
        with pytest.raises(JobError, match="a reason") as caught:
            EvaluationJobs(client).stop(ARN)
    assert (caught.value.code, caught.value.passing) == (code, passing)


def test_a_job_that_has_ended_meanwhile_needs_no_stopping(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_response("stop_evaluation_job", {}, {"jobIdentifier": ARN})
        stub.add_client_error("stop_evaluation_job", "ConflictException", "it is Completed")
        assert EvaluationJobs(client).stop(ARN)
        assert not EvaluationJobs(client).stop(ARN)


def test_a_lost_connection_passes() -> None:
    class Lost:
        def get_evaluation_job(self, **_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://bedrock")

    with pytest.raises(JobError) as caught:
        EvaluationJobs(Lost()).describe(ARN)
    assert caught.value.passing
