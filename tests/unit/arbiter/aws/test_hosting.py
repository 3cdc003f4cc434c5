"""Hosts are described as Bedrock does; throughput that cannot be deleted yet is marked as expired, so deleted later."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from arbiter.aws.hosting import Hosting
from arbiter.tuned_models.hosting.expiry import EXPIRY_TAG
from arbiter.tuned_models.hosting.readiness import Host, HostUnknown

ARN = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl"


@pytest.mark.parametrize(("code", "tagged"), [("ConflictException", True), ("ResourceNotFoundException", False)])
def test_throughput_in_the_making_expires_at_once(code: str, tagged: bool) -> None:
    client = boto3.client("bedrock", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    sent: list[datetime] = []
    client.meta.events.register(
        "provide-client-params.bedrock.TagResource",
        lambda params, **_: sent.append(datetime.fromisoformat(params["tags"][0]["value"])),
    )
    with Stubber(client) as stubber:
        stubber.add_client_error("delete_provisioned_model_throughput", code, "being created")
        if tagged:
            expected = {"resourceARN": ARN, "tags": [{"key": EXPIRY_TAG, "value": ANY}]}
            stubber.add_response("tag_resource", {}, expected)
        refusal = Hosting(client).delete_throughput(ARN)
        stubber.assert_no_pending_responses()
    assert (refusal is not None) is tagged
    assert all(expiry <= datetime.now(UTC) for expiry in sent)
    assert len(sent) == tagged


DEPLOYMENT = "arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/abcdefghijkl"
OLD, NEW = (f"arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova/{name * 12}" for name in "on")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def bedrock() -> Iterator[Stubber]:
    client = boto3.client("bedrock", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber


@pytest.mark.parametrize(
    ("update", "host"),
    [
        (None, Host("Active", OLD)),
        ("Updating", Host("Active", OLD, NEW)),
        ("UpdateCompleted", Host("Active", NEW)),
        ("UpdateFailed", Host("Active", OLD)),
    ],
)
def test_a_deployment_says_what_answers_and_what_is_coming(bedrock: Stubber, update: str | None, host: Host) -> None:
    described: dict[str, Any] = {
        "customModelDeploymentArn": DEPLOYMENT,
        "modelDeploymentName": "slot",
        "modelArn": OLD,
        "createdAt": NOON,
        "status": "Active",
    }
    if update:
        described["updateDetails"] = {"modelArn": NEW, "updateStatus": update}
    bedrock.add_response("get_custom_model_deployment", described, {"customModelDeploymentIdentifier": DEPLOYMENT})
    assert Hosting(bedrock.client).host(DEPLOYMENT) == host


def test_throughput_says_until_when(bedrock: Stubber) -> None:
    described = {
        "modelUnits": 1,
        "desiredModelUnits": 1,
        "provisionedModelName": "name",
        "provisionedModelArn": ARN,
        "modelArn": OLD,
        "desiredModelArn": OLD,
        "foundationModelArn": "arn:aws:bedrock:us-east-1::foundation-model/a.b",
        "status": "InService",
        "creationTime": NOON,
        "lastModifiedTime": NOON,
        "commitmentDuration": "OneMonth",
        "commitmentExpirationTime": NOON,
    }
    bedrock.add_response("get_provisioned_model_throughput", described, {"provisionedModelId": ARN})
    tags = {"tags": [{"key": EXPIRY_TAG, "value": NOON.isoformat()}]}
    bedrock.add_response("list_tags_for_resource", tags, {"resourceARN": ARN})
    assert Hosting(bedrock.client).host(ARN) == Host("InService", OLD, OLD, expires_at=NOON, committed_until=NOON)


@pytest.mark.parametrize(
    ("arn", "call"), [(ARN, "get_provisioned_model_throughput"), (DEPLOYMENT, "get_custom_model_deployment")]
)
def test_a_host_that_is_gone_is_none(bedrock: Stubber, arn: str, call: str) -> None:
    bedrock.add_client_error(call, "ResourceNotFoundException")
    assert Hosting(bedrock.client).host(arn) is None


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException", "InternalServerException"])
@pytest.mark.parametrize(
    ("arn", "call"), [(ARN, "get_provisioned_model_throughput"), (DEPLOYMENT, "get_custom_model_deployment")]
)
def test_a_host_that_bedrock_does_not_describe_is_not_taken_for_gone(
    bedrock: Stubber, arn: str, call: str, code: str
) -> None:
    bedrock.add_client_error(call, code, "A reason.")
    with pytest.raises(HostUnknown) as refused:
        Hosting(bedrock.client).host(arn)
    message = str(refused.value)
    assert message.startswith(f"Whether {arn} answers is not known, and nothing is moved: ")
    assert f"({code})" in message
    assert message.endswith(
        "A reason. Try again. To let no tuned model answer meanwhile: arbiter model rollback --to-none."
    )
