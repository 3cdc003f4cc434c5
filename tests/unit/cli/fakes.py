"""Clients and deployments for tests of the command line: botocore's own stubs, and outputs in a dictionary."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.response import StreamingBody
from botocore.stub import Stubber

from arbiter.tuned_models.training.record import TrainingRecord
from cli.core.deployment import STACK_OF, Deployment

OUTPUTS = {
    "DocumentsBucketName": "documents",
    "TrainingBucketName": "training",
    "ResultsBucketName": "results",
    "CandidateParameter": "candidate",
    "PublishFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:publish",
    "InServiceParameter": "in-service",
    "KnowledgeBaseId": "KB12345678",
    "DataSourceId": "DS12345678",
    "RouterAliasArn": "arn:aws:lambda:us-east-1:000000000000:function:router:live",
    "RouterLogGroup": "/aws/lambda/router",
    "FrontLogGroup": "/aws/lambda/front",
    "StreamLogGroup": "/aws/lambda/stream",
    "ShadowLogGroup": "/aws/lambda/shadow",
    "TrainingStateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:training",
    "GenerationStateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:generation",
    "PlanGenerationFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:plan-generation",
    "EvaluationStateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:evaluation",
    "ApiUrl": "https://api.example.com/live/",
    "KeyTableName": "keys",
    "CalibrateFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:calibrate",
    "PlanFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:plan",
}


class StubbedSession:
    """A boto3 session whose clients are stubbed, one a service."""

    region_name = "us-east-1"

    def __init__(self, outputs: Mapping[str, str] = OUTPUTS) -> None:
        self._clients: dict[str, Any] = {}
        self._stubbers: dict[str, Stubber] = {}
        self._outputs = outputs

    def stub(self, service: str) -> Stubber:
        """What the service's client will answer, in order."""
        self.client(service)
        return self._stubbers[service]

    def client(self, service: str, **options: Any) -> Any:
        if service not in self._clients:
            client = boto3.client(service, "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
            self._clients[service] = client
            self._stubbers[service] = Stubber(client)
            self._stubbers[service].activate()
        return self._clients[service]

    def assert_all_called(self) -> None:
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()


class StubbedDeployment(Deployment):
    """A deployment whose outputs are known and whose clients are stubbed."""

    def __init__(self) -> None:
        self.session = StubbedSession()
        super().__init__("dev", self.session)  # type: ignore[arg-type]

    def output(self, name: str) -> str:
        assert name in STACK_OF
        return OUTPUTS[name]

    def optional(self, name: str) -> str | None:
        assert name in STACK_OF
        return OUTPUTS.get(name)

    def stub(self, service: str) -> Stubber:
        return self.session.stub(service)


def kept(deployment: StubbedDeployment, record: TrainingRecord) -> None:
    """The record in the results bucket, to be read once."""
    body = record.dumps().encode()
    deployment.stub("s3").add_response(
        "get_object",
        {"Body": StreamingBody(io.BytesIO(body), len(body))},
        {"Bucket": "results", "Key": f"training/{record.run}/record.json"},
    )


def stack(name: str, status: str = "CREATE_COMPLETE", **outputs: str) -> dict[str, Any]:
    """What CloudFormation says of a stack."""
    listed = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
    return {
        "Stacks": [
            {
                "StackName": name,
                "CreationTime": datetime(2026, 11, 21, tzinfo=UTC),
                "StackStatus": status,
                "Outputs": listed,
            }
        ]
    }
