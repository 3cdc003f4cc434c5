"""Deployments change their model in place while they answer, and hosting is listed, paged and refused as documented."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account, allow, new_name
from tests.local.faults import Faults
from tests.local.test_emulator_models import (
    await_deployment,
    converse,
    deploy_model,
    followed,
    line,
    said,
    submit,
    training_role,
)

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def models(local_aws: Any) -> list[dict[str, Any]]:
    """The jobs of two models that answer the same question differently."""
    account = Account(local_aws)
    role = training_role(account)
    first = submit(account, role, [line(number) for number in range(10)])
    second = submit(account, role, [line(number).replace("Ahoy", "Hark") for number in range(10)])
    return [followed(account, job) for job in (first, second)]


@pytest.fixture
def deployment(account: Account, models: list[dict[str, Any]]) -> str:
    made = deploy_model(account, models[0])
    await_deployment(account, made)
    return made


def test_the_model_before_answers_until_the_update_is_complete(
    account: Account, models: list[dict[str, Any]], deployment: str, faults: Faults
) -> None:
    bedrock, named = account.client("bedrock"), {"customModelDeploymentIdentifier": deployment}
    faults.hold("deployment")
    updated = bedrock.update_custom_model_deployment(**named, modelArn=models[1]["outputModelArn"])
    during = bedrock.get_custom_model_deployment(**named)
    before = said(converse(account, "Where is hut 3?", deployment))
    faults.clear()
    while bedrock.get_custom_model_deployment(**named)["updateDetails"]["updateStatus"] == "Updating":
        time.sleep(0.05)
    after = bedrock.get_custom_model_deployment(**named)

    assert updated["customModelDeploymentArn"] == deployment
    assert (during["status"], during["modelArn"]) == ("Active", models[0]["outputModelArn"])
    assert during["updateDetails"] == {"modelArn": models[1]["outputModelArn"], "updateStatus": "Updating"}
    assert before.startswith("Ahoy!")
    assert (after["modelArn"], after["updateDetails"]["updateStatus"]) == (
        models[1]["outputModelArn"],
        "UpdateCompleted",
    )
    assert said(converse(account, "Where is hut 3?", deployment)).startswith("Hark!")


def test_an_update_is_not_overtaken_by_another(
    account: Account, models: list[dict[str, Any]], deployment: str, faults: Faults
) -> None:
    bedrock, named = account.client("bedrock"), {"customModelDeploymentIdentifier": deployment}
    faults.hold("deployment")
    bedrock.update_custom_model_deployment(**named, modelArn=models[1]["outputModelArn"])

    with pytest.raises(ClientError, match="in progress"):
        bedrock.update_custom_model_deployment(**named, modelArn=models[0]["outputModelArn"])


@pytest.mark.parametrize("missing", ["deployment", "model"])
def test_an_update_needs_the_permission_on_deployment_and_model(
    missing: str, account: Account, models: list[dict[str, Any]], deployment: str
) -> None:
    allowed = {"deployment": models[1]["outputModelArn"], "model": deployment}[missing]
    role = account.role(allow("bedrock:UpdateCustomModelDeployment", resource=allowed))

    with pytest.raises(ClientError, match="not authorized to perform: bedrock:UpdateCustomModelDeployment"):
        account.client_as(role, "bedrock").update_custom_model_deployment(
            customModelDeploymentIdentifier=deployment, modelArn=models[1]["outputModelArn"]
        )


def test_lists_are_filtered_and_paged(account: Account, models: list[dict[str, Any]]) -> None:
    bedrock, common = account.client("bedrock"), new_name("listed")
    for number in range(3):
        bedrock.create_custom_model_deployment(
            modelDeploymentName=f"{common}-{number}", modelArn=models[number % 2]["outputModelArn"]
        )
    lists: Any = bedrock.list_custom_model_deployments
    page = lists(nameContains=common, maxResults=2)
    rest = lists(nameContains=common, maxResults=2, nextToken=page["nextToken"])
    other = lists(nameContains=common, modelArnEquals=models[1]["outputModelArn"])

    assert [names(listed) for listed in (page, rest, other)] == [
        [f"{common}-2", f"{common}-1"],
        [f"{common}-0"],
        [f"{common}-1"],
    ]


def names(listed: dict[str, Any]) -> list[str]:
    return [one["customModelDeploymentName"] for one in listed["modelDeploymentSummaries"]]


def test_a_committed_throughput_stays(account: Account, models: list[dict[str, Any]]) -> None:
    bedrock = account.client("bedrock")
    asked: dict[str, Any] = {"modelId": models[0]["outputModelArn"], "modelUnits": 1}
    free, committed = (
        bedrock.create_provisioned_model_throughput(provisionedModelName=new_name("units"), **asked, **more)
        for more in ({}, {"commitmentDuration": "OneMonth"})
    )
    bedrock.delete_provisioned_model_throughput(provisionedModelId=free["provisionedModelArn"])

    with pytest.raises(ClientError, match="ConflictException"):
        bedrock.delete_provisioned_model_throughput(provisionedModelId=committed["provisionedModelArn"])


def test_throughput_is_called_by_its_tag_as_it_is_now_and_missing_once_it_is_gone(
    account: Account, models: list[dict[str, Any]]
) -> None:
    def asked() -> None:
        caller.converse(modelId=arn, messages=[{"role": "user", "content": [{"text": "Where is hut 3?"}]}])

    bedrock, key = account.client("bedrock"), "arbiter:environment"
    ours = {"StringEqualsIfExists": {f"aws:ResourceTag/{key}": "ours"}}
    role = account.role({**allow("bedrock:InvokeModel"), "Condition": ours})
    caller = account.client_as(role, "bedrock-runtime")
    arn = bedrock.create_provisioned_model_throughput(
        provisionedModelName=new_name("tagged"),
        modelId=models[0]["outputModelArn"],
        modelUnits=1,
        tags=[{"key": key, "value": "theirs"}],
    )["provisionedModelArn"]
    while bedrock.get_provisioned_model_throughput(provisionedModelId=arn)["status"] != "InService":
        time.sleep(0.05)
    with pytest.raises(ClientError, match="AccessDenied"):
        asked()
    bedrock.tag_resource(resourceARN=arn, tags=[{"key": key, "value": "ours"}])
    asked()
    bedrock.delete_provisioned_model_throughput(provisionedModelId=arn)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        asked()
