"""Where passages are kept by setting: what each store creates, grants and is named, and what the checkers say of it."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from cfnlint.api import ManualArgs, lint_file  # type: ignore[import-untyped]

from stacks.knowledge_base import KnowledgeBaseStack
from stacks.parsing import parse
from stacks.stack import Target
from stacks.storage import Storage
from tests.stacks.permissions import permissions
from tests.stacks.refusal import refusal
from tests.stacks.resolved import Deployment

LINTED = ManualArgs(ignore_checks=["W3005"], regions=["us-east-1"])


def test_of_a_knowledge_base_made_elsewhere_nothing_is_created_and_retrieving_is_all_that_is_granted(
    elsewhere: Deployment,
) -> None:
    theirs = "arn:aws:bedrock:us-east-1:123456789012:knowledge-base/ABCDEFGHIJ"
    granted = {(p.action, p.resource) for p in permissions(elsewhere) if "knowledge-base" in p.resource}
    kinds = {resource.type for resource in elsewhere.resources()}

    assert "KnowledgeBase" not in elsewhere.templates
    assert granted == {("bedrock:Retrieve", theirs)}
    assert not [kind for kind in kinds if kind.startswith("AWS::S3Vectors") or kind == "AWS::Bedrock::KnowledgeBase"]
    assert not any(p.action.startswith("s3vectors:") for p in permissions(elsewhere))
    router = elsewhere.one("AWS::Lambda::Function", "Router").properties["Environment"]["Variables"]
    assert router["ARBITER_KNOWLEDGE_BASE_ID"] == "ABCDEFGHIJ"
    assert "ARBITER_VECTOR_INDEX" not in router


def test_a_managed_knowledge_base_reads_the_documents_and_calls_no_model(managed: Deployment) -> None:
    of_it = [p for p in permissions(managed) if p.role == "KnowledgeBase.ManagedRole"]
    router = {(p.action, p.resource) for p in permissions(managed) if p.role == "Inference.RouterRole"}
    kinds = {resource.type for resource in managed.resources()}

    assert {p.action for p in of_it} == {"s3:ListBucket", "s3:GetObject"}
    assert all("DocumentsBucket" in p.resource for p in of_it)
    own = managed.one("AWS::Bedrock::KnowledgeBase").attribute("KnowledgeBaseArn")
    assert [resource for action, resource in router if action == "bedrock:Retrieve"] == [own]
    assert not [kind for kind in kinds if kind.startswith("AWS::S3Vectors")]
    assert not any(p.action.startswith("s3vectors:") for p in permissions(managed))


def test_another_store_is_another_knowledge_base_whose_name_collides_with_none(
    managed: Deployment, dev: Deployment
) -> None:
    """CloudFormation makes the new one before it deletes the old one, and names are unique in an account."""
    made = [deployment.one("AWS::Bedrock::KnowledgeBase") for deployment in (managed, dev)]
    assert len({one.id for one in made}) == 2
    names = [str(one.properties["Name"]).replace("managed", "dev", 1) for one in made]
    assert len(set(names)) == 2
    assert all(name.startswith("arbiter-dev-") for name in names)


def test_a_store_that_aws_keeps_is_under_the_key_of_the_settings_and_its_role_may_use_that(
    context: dict[str, Any],
) -> None:
    settings = parse("dev", {"encryption": "customer_managed", "knowledge_base": {"store": "managed"}})
    target = Target(app=cdk.App(context=context), environment="dev", settings=settings)
    storage = Storage(target)
    stack = KnowledgeBaseStack(target, documents=storage.documents, results=storage.results, key=storage.key)
    resources = Template.from_stack(stack).to_json()["Resources"].values()
    (made,) = (one["Properties"] for one in resources if one["Type"] == "AWS::Bedrock::KnowledgeBase")
    configured = made["KnowledgeBaseConfiguration"]["ManagedKnowledgeBaseConfiguration"]
    key = configured["ServerSideEncryptionConfiguration"]["KmsKeyArn"]
    assert "DataKey" in json.dumps(key)
    used = {
        action
        for policy in resources
        if policy["Type"] == "AWS::IAM::Policy"
        and {"Ref": made["RoleArn"]["Fn::GetAtt"][0]} in policy["Properties"]["Roles"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Resource"] == key and "Condition" not in statement
        for action in statement["Action"]
    }
    assert used == {"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}


def test_everything_that_searches_a_managed_knowledge_base_asks_in_its_form(managed: Deployment) -> None:
    told = {
        function.name
        for function in managed.resources("AWS::Lambda::Function")
        if function.properties.get("Environment", {}).get("Variables", {}).get("ARBITER_MANAGED_SEARCH") == "true"
    }
    retrieving = {p.role.removesuffix("Role") for p in permissions(managed) if p.action == "bedrock:Retrieve"}
    assert retrieving
    assert {role for role in retrieving if not any(name.startswith(role) for name in told)} == set()


def test_what_an_evaluation_compares_is_searched_by_who_answers_it_and_by_nobody_else(managed: Deployment) -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:knowledge-base/{}"
    others = {arn.format("KLMNOPQRST"), arn.format("UVWXYZ0123")}
    granted = [(p.role, p.action, p.resource) for p in permissions(managed) if p.resource in others]
    answers = "Evaluation.EngineAnswerRole"
    named = {
        function.name
        for function in managed.resources("AWS::Lambda::Function")
        if "KLMNOPQRST" in str(function.properties.get("Environment"))
    }

    assert sorted(granted) == sorted((answers, "bedrock:Retrieve", resource) for resource in others)
    assert {name.split(".")[0] for name in named} == {"Evaluation"}
    assert len(named) == 2


@pytest.mark.parametrize("environment", ["managed", "elsewhere"])
def test_cfn_lint_finds_nothing_in_what_differs(environment: str, request: pytest.FixtureRequest) -> None:
    deployment: Deployment = request.getfixturevalue(environment)
    stack = "KnowledgeBase" if environment == "managed" else "Inference"
    assert [str(match) for match in lint_file(deployment.files[stack], config=LINTED)] == []


@pytest.mark.parametrize(
    ("block", "sentences"),
    [
        ({"aws": {"id": "short", "managed": True}}, ["aws.id: 'short' is not allowed"]),
        ({"aws": {"ids": "ABCDEFGHIJ"}}, ["aws.id: is missing", 'aws.ids: unknown setting; did you mean "id"?']),
        ({"A B": {"id": "ABCDEFGHIJ"}}, ["A B: 'A B' is not allowed; allowed: up to 5 knowledge bases"]),
        (
            {"default": {"id": "ABCDEFGHIJ"}},
            ["default: cannot be called so: default is the deployment's own knowledge base; choose another name"],
        ),
    ],
)
def test_each_problem_of_a_named_block_is_told_once(block: dict[str, Any], sentences: list[str]) -> None:
    message = refusal({"evaluation": {"knowledge_bases": block}})
    assert message.count("\n") == len(sentences)
    for sentence in sentences:
        assert f"evaluation.knowledge_bases.{sentence}" in message
