"""Models, inference profiles and quotas are listed as AWS lists them, and as a test orders them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account, allow
from tests.local.faults import Faults
from tests.local.test_emulator_models import converse, said

pytestmark = pytest.mark.local

CLAUDE = "anthropic.claude-haiku-4-5-20251001-v1:0"
NOVA = "amazon.nova-micro-v1:0"


def listed(account: Account, model: str) -> dict[str, Any]:
    summaries = account.client("bedrock").list_foundation_models()["modelSummaries"]
    (found,) = (one for one in summaries if one["modelId"] == model)
    return dict(found)


def quotas(account: Account) -> dict[str, dict[str, Any]]:
    pages = account.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode="bedrock")
    return {one["QuotaName"]: one for page in pages for one in page["Quotas"]}


def test_a_model_is_listed_with_what_it_is_called_and_customised_by(account: Account) -> None:
    bedrock = account.client("bedrock")
    tuned = bedrock.list_foundation_models(byCustomizationType="FINE_TUNING")["modelSummaries"]

    assert listed(account, NOVA)["inferenceTypesSupported"] == ["ON_DEMAND"]
    assert listed(account, CLAUDE)["inferenceTypesSupported"] == ["INFERENCE_PROFILE"]
    assert listed(account, "anthropic.claude-opus-4-1-20250805-v1:0")["modelLifecycle"]["status"] == "LEGACY"
    assert f"{NOVA}:128k" in {one["modelId"] for one in tuned}
    assert bedrock.get_foundation_model(modelIdentifier=NOVA)["modelDetails"]["modelName"] == "Nova Micro"
    with pytest.raises(ClientError, match="model identifier is invalid"):
        bedrock.get_foundation_model(modelIdentifier="amazon.nova-premier-v1:0")


def test_profiles_are_listed_page_by_page_and_called_by_their_ids(account: Account) -> None:
    pages = account.client("bedrock").get_paginator("list_inference_profiles")
    found = [
        one["inferenceProfileId"]
        for page in pages.paginate(PaginationConfig={"PageSize": 7})
        for one in page["inferenceProfileSummaries"]
    ]

    assert len(found) == len(set(found)) > 7
    assert f"us.{CLAUDE}" in found
    assert f"eu.{CLAUDE}" not in found
    assert said(converse(account, "Hello?", f"us.{CLAUDE}"))


def test_a_model_may_be_served_through_profiles_alone_or_be_legacy(account: Account, faults: Faults) -> None:
    faults.withhold("profile", "nova-micro")
    with pytest.raises(ClientError, match=r"on-demand throughput isn.t supported"):
        converse(account, "Hello?", NOVA)
    assert said(converse(account, "Hello?", f"us.{NOVA}"))
    assert listed(account, NOVA)["inferenceTypesSupported"] == ["INFERENCE_PROFILE"]
    faults.clear()
    faults.withhold("legacy", "nova-micro")

    assert listed(account, NOVA)["modelLifecycle"]["status"] == "LEGACY"


def test_the_form_is_one_for_the_account(account: Account, faults: Faults) -> None:
    assert account.client("bedrock").get_use_case_for_model_access()["formData"]
    faults.withhold("form", "claude-haiku")
    with pytest.raises(ClientError, match="not filled out the request form") as missing:
        account.client("bedrock").get_use_case_for_model_access()

    assert missing.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_quotas_are_listed_by_the_names_of_models(account: Account, faults: Faults) -> None:
    name = "Cross-region model inference requests per minute for Anthropic Claude Haiku 4.5"
    granted = quotas(account)
    faults.limit_quota(name, 4)

    assert granted[name]["Value"] > 4
    assert quotas(account)[name]["Value"] == 4
    assert not granted["Model invocation max tokens per day for Anthropic Claude Haiku 4.5"]["Adjustable"]
    with pytest.raises(ClientError, match="quotas of bedrock alone"):
        account.client("service-quotas").list_service_quotas(ServiceCode="ec2")
    with pytest.raises(ClientError, match="not authorized to perform: servicequotas:ListServiceQuotas"):
        account.client_as(account.role(allow("bedrock:*")), "service-quotas").list_service_quotas(ServiceCode="bedrock")


def test_another_account_and_the_state_of_a_stack_are_as_ordered(account: Account, faults: Faults) -> None:
    name, template = (
        "planted",
        '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}, "Outputs": {"A": {"Value": "b"}}}',
    )
    cloudformation = account.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=template)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    faults.ask_as("222222222222")
    faults.leave_stack("ROLLBACK_COMPLETE", name)
    (described,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    who = account.client("sts").get_caller_identity()

    assert (described["StackStatus"], described.get("Outputs", [])) == ("ROLLBACK_COMPLETE", [])
    assert (who["Account"], who["Arn"]) == ("222222222222", "arn:aws:iam::222222222222:root")
    faults.clear()
    (described,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert (described["StackStatus"], len(described["Outputs"])) == ("CREATE_COMPLETE", 1)
    assert account.client("sts").get_caller_identity()["Account"] == account.aws.account
