"""Hosts are described as Bedrock does; throughput that cannot be deleted yet is marked as expired, so deleted later."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.loaders import Loader
from botocore.session import Session
from botocore.stub import ANY, Stubber

from arbiter.aws.hosting import NEEDED, Hosting, OutdatedRuntimeError, up_to_date
from arbiter.tuned_models.hosting.expiry import EXPIRY_TAG
from arbiter.tuned_models.hosting.placement import Slot
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


class OlderModels(Loader):
    """botocore's models as before it knew the updates, or even the descriptions, of deployments."""

    def __init__(self, *, without: str) -> None:
        super().__init__()
        self._without = without

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        model = copy.deepcopy(super().load_service_model(service_name, type_name, api_version))
        if type_name == "service-2":
            model["operations"].pop(self._without, None)
            model["shapes"]["GetCustomModelDeploymentResponse"]["members"].pop(self._without, None)
        return model


def older_client(without: str, body: dict[str, Any]) -> Any:
    session = Session()
    session.register_component("data_loader", OlderModels(without=without))
    client = session.create_client("bedrock", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")

    def answer(request: Any, **_: Any) -> AWSResponse:
        response = AWSResponse(request.url, 200, {}, None)
        response._content = json.dumps(body).encode()
        return response

    client.meta.events.register("before-send", answer)
    return up_to_date(client)


@pytest.mark.parametrize(
    ("status", "coming"), [("Updating", NEW), ("UpdateCompleted", None), ("UpdateFailed", None), (None, None)]
)
def test_a_boto3_that_drops_an_update_still_sees_what_is_coming(status: str | None, coming: str | None) -> None:
    update = {"updateDetails": {"modelArn": NEW, "updateStatus": status}} if status else {}
    body = {"customModelDeploymentArn": DEPLOYMENT, "modelDeploymentName": "slot", "modelArn": OLD, "status": "Active"}
    client = older_client("updateDetails", body | update)
    assert Hosting(client).slot("slot") == Slot("slot", DEPLOYMENT, OLD, "Active", coming)


@pytest.mark.parametrize("operation", NEEDED)
def test_a_boto3_without_the_operations_is_refused_with_what_to_do(operation: str) -> None:
    with pytest.raises(OutdatedRuntimeError, match=rf"boto3 [\d.]+ does not know {operation}; .*add a layer"):
        older_client(operation, {})


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
