"""Bedrock's models are found, deleted and proved gone through calls that Bedrock knows."""

from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from arbiter.aws.custom_models import CustomModels
from arbiter.aws.parameters import Parameters
from arbiter.tuned_models.hosting.retirement import Kind, NotYet, Refused, Resource
from arbiter.tuned_models.service.promotion import Version

OWN = "arn:aws:bedrock:us-east-1:123456789012"
MODEL = f"{OWN}:custom-model/amazon.nova-micro-v1:0:128k/abcdefghijkl"
IMPORTED = f"{OWN}:imported-model/abcdefghijkl"
DEPLOYMENT = f"{OWN}:custom-model-deployment/abcdefghijkl"
THROUGHPUT = f"{OWN}:provisioned-model/abcdefghijkl"
WHEN = datetime(2026, 11, 21, tzinfo=UTC)
KINDS = {
    Kind.DEPLOYMENT: ("custom_model_deployment", "customModelDeploymentIdentifier", DEPLOYMENT),
    Kind.THROUGHPUT: ("provisioned_model_throughput", "provisionedModelId", THROUGHPUT),
    Kind.MODEL: ("custom_model", "modelIdentifier", MODEL),
    Kind.IMPORTED: ("imported_model", "modelIdentifier", IMPORTED),
}
LISTED = {
    "provisionedModelName": "arbiter-dev-run",
    "provisionedModelArn": THROUGHPUT,
    "modelArn": MODEL,
    "desiredModelArn": MODEL,
    "foundationModelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0:128k",
    "modelUnits": 2,
    "desiredModelUnits": 2,
    "status": "InService",
    "creationTime": WHEN,
    "lastModifiedTime": WHEN,
}


def stubbed(service: str) -> tuple[object, Stubber]:
    client = boto3.client(service, "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    stubber = Stubber(client)
    stubber.activate()
    return client, stubber


@pytest.mark.parametrize("kind", Kind)
def test_a_thing_is_deleted_and_its_absence_seen(kind: Kind) -> None:
    name, parameter, arn = KINDS[kind]
    client, stubber = stubbed("bedrock")
    models, resource = CustomModels(client), Resource(kind, arn)
    stubber.add_response(f"delete_{name}", {}, {parameter: arn})
    stubber.add_client_error(f"get_{name}", "ResourceNotFoundException", expected_params={parameter: arn})
    models.delete(resource)
    assert not models.exists(resource)
    stubber.add_client_error(f"delete_{name}", "ResourceNotFoundException", expected_params={parameter: arn})
    models.delete(resource)
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "raised"),
    [("ConflictException", NotYet), ("ThrottlingException", NotYet), ("AccessDeniedException", Refused)],
)
def test_what_may_pass_is_told_from_what_will_not(code: str, raised: type[Exception]) -> None:
    client, stubber = stubbed("bedrock")
    stubber.add_client_error("delete_custom_model", code, "because")
    with pytest.raises(raised, match=f"DeleteCustomModel says {code}: because"):
        CustomModels(client).delete(Resource(Kind.MODEL, MODEL))


def test_what_cannot_be_looked_at_is_not_taken_for_gone() -> None:
    client, stubber = stubbed("bedrock")
    stubber.add_client_error("get_custom_model", "AccessDeniedException", "no")
    with pytest.raises(Refused):
        CustomModels(client).exists(Resource(Kind.MODEL, MODEL))


def test_all_hosts_of_a_model_are_found_page_by_page() -> None:
    client, stubber = stubbed("bedrock")
    one = {"customModelDeploymentArn": DEPLOYMENT, "customModelDeploymentName": "n", "modelArn": MODEL,
           "createdAt": WHEN, "status": "Active"}  # fmt: skip
    pages = [{"modelDeploymentSummaries": [one], "nextToken": "t"}, {"modelDeploymentSummaries": [one]}]
    for page, token in zip(pages, ({}, {"nextToken": "t"}), strict=True):
        stubber.add_response("list_custom_model_deployments", page, {"modelArnEquals": MODEL, **token})
    summary = {**LISTED, "commitmentDuration": "OneMonth", "commitmentExpirationTime": WHEN}
    stubber.add_response(
        "list_provisioned_model_throughputs", {"provisionedModelSummaries": [summary]}, {"modelArnEquals": MODEL}
    )
    assert CustomModels(client).hosts(MODEL) == [
        Resource(Kind.DEPLOYMENT, DEPLOYMENT, serves=MODEL),
        Resource(Kind.DEPLOYMENT, DEPLOYMENT, serves=MODEL),
        Resource(Kind.THROUGHPUT, THROUGHPUT, WHEN),
    ]


def test_a_deployment_that_was_given_another_model_is_not_deleted() -> None:
    client, stubber = stubbed("bedrock")
    models, resource = CustomModels(client), Resource(Kind.DEPLOYMENT, DEPLOYMENT, serves=MODEL)
    other = f"{MODEL}x"
    response = {
        "customModelDeploymentArn": DEPLOYMENT,
        "modelDeploymentName": "n",
        "createdAt": WHEN,
        "status": "Active",
    }
    asked = {"customModelDeploymentIdentifier": DEPLOYMENT}
    coming = {"modelArn": other, "updateStatus": "Updating"}
    stubber.add_response("get_custom_model_deployment", {**response, "modelArn": MODEL, "updateDetails": coming}, asked)
    with pytest.raises(NotYet, match="being given another model"):
        models.delete(resource)
    for _ in range(2):
        stubber.add_response("get_custom_model_deployment", {**response, "modelArn": other}, asked)
    models.delete(resource)
    assert not models.exists(resource)
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize(("environment", "count"), [("dev", 1), ("prod", 0)])
def test_throughput_belongs_to_the_environment_of_its_tag(environment: str, count: int) -> None:
    client, stubber = stubbed("bedrock")
    stubber.add_response("list_provisioned_model_throughputs", {"provisionedModelSummaries": [LISTED]}, {})
    tags = [{"key": "arbiter:environment", "value": "dev"}, {"key": "arbiter:expires-at", "value": WHEN.isoformat()}]
    stubber.add_response("list_tags_for_resource", {"tags": tags}, {"resourceARN": THROUGHPUT})
    throughputs = CustomModels(client).throughputs(environment)
    assert len(throughputs) == count
    assert [(one.expires_at, one.base_model) for one in throughputs] == [(WHEN, "amazon.nova-micro-v1:0:128k")] * count


def test_a_parameter_tells_how_often_it_was_written() -> None:
    client, stubber = stubbed("ssm")
    parameter = Parameters(client).versioned("in-service")
    stubber.add_response("get_parameter", {"Parameter": {"Value": "none", "Version": 4}}, {"Name": "in-service"})
    stubber.add_response("get_parameter", {"Parameter": {"Value": "old", "Version": 3}}, {"Name": "in-service:3"})
    stubber.add_response("put_parameter", {"Version": 5}, {"Name": "in-service", "Value": "new", "Overwrite": True})
    assert (parameter.read(), parameter.read(3), parameter.write("new")) == (Version("none", 4), Version("old", 3), 5)
