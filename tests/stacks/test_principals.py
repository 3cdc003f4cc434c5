"""Who may take a role, call a function or use the key: each by the one service that needs it."""

import json
import re

import pytest

from tests.stacks.permissions import permissions, statements
from tests.stacks.resolved import Deployment

USERS = {
    "AWS::Lambda::Function": ("Role", "lambda.amazonaws.com"),
    "AWS::StepFunctions::StateMachine": ("RoleArn", "states.amazonaws.com"),
    "AWS::Bedrock::KnowledgeBase": ("RoleArn", "bedrock.amazonaws.com"),
}
"""What is given a role: the property that names it, and the service that takes it."""
CALLERS = {"events.amazonaws.com", "apigateway.amazonaws.com"}


@pytest.mark.parametrize("kind", USERS)
def test_a_role_is_taken_by_the_service_that_it_is_given_to(deployment: Deployment, kind: str) -> None:
    member, service = USERS[kind]
    trusted = principals(deployment)
    given = [resource.properties[member] for resource in deployment.resources(kind)]
    assert given
    assert [trusted[role] for role in given] == [[{"Service": service}]] * len(given)


def test_a_role_that_is_passed_on_is_taken_by_bedrock_alone(everything: Deployment) -> None:
    trusted = principals(everything)
    passed = {p.resource for p in permissions(everything) if p.action == "iam:PassRole"}
    assert len(passed) >= 4
    assert [trusted[role] for role in passed] == [[{"Service": "bedrock.amazonaws.com"}]] * len(passed)


def principals(deployment: Deployment) -> dict[str, list[object]]:
    """The ARN of a role -> everything that it trusts."""
    return {
        role.attribute("Arn"): [one["Principal"] for one in statements(role.properties["AssumeRolePolicyDocument"])]
        for role in deployment.resources("AWS::IAM::Role")
    }


def test_a_function_is_called_by_services_of_this_account_alone(everything: Deployment) -> None:
    found = list(everything.resources("AWS::Lambda::Permission"))
    assert len(found) >= 4
    for permission in found:
        properties = permission.properties
        assert properties["Principal"] in CALLERS, permission.name
        assert properties["Action"] == "lambda:InvokeFunction", permission.name
        assert "SourceArn" in properties, permission.name
        # Of one API and route, or of one rule.
        assert not properties["SourceArn"].endswith(":*"), permission.name


def test_the_key_belongs_to_the_account_and_serves_indexing(everything: Deployment) -> None:
    admitted = [one["Principal"] for one in statements(everything.one("AWS::KMS::Key").properties["KeyPolicy"])]
    own = {"AWS": "arn:aws:iam::123456789012:root"}
    assert admitted == [own, {"Service": "indexing.s3vectors.amazonaws.com"}]


@pytest.mark.parametrize("kind", ["AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"])
def test_plain_http_is_refused_to_everybody(everything: Deployment, kind: str) -> None:
    for policy in everything.resources(kind):
        denied = [one for one in statements(policy.properties["PolicyDocument"]) if one["Effect"] == "Deny"]
        assert [one["Principal"] in ("*", {"AWS": "*"}) for one in denied] == [True] * max(1, len(denied)), policy.name
        # Without its condition a refusal shuts out those that it serves.
        assert all(one.get("Condition") for one in denied), policy.name


@pytest.mark.parametrize("kind", ["AWS::Scheduler::Schedule", "AWS::Bedrock::KnowledgeBase"])
def test_nothing_acts_under_a_role_that_is_not_complete(everything: Deployment, kind: str) -> None:
    """A schedule by rate fires as soon as it exists, a knowledge base tries its role: the policies come first."""
    acting = list(everything.resources(kind))
    assert acting
    for resource in acting:
        (role,) = re.findall(r'"RoleArn": \{"Fn::GetAtt": \["(\w+)", "Arn"\]\}', json.dumps(resource.raw["Properties"]))
        policies = [
            p for p in everything.resources("AWS::IAM::Policy") if {"Ref": role} in p.raw["Properties"]["Roles"]
        ]
        assert policies
        assert {policy.id for policy in policies} <= set(resource.depends_on), resource.name
