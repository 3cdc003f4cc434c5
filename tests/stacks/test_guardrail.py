"""A guardrail is made as the settings say, its version follows them, and IAM lets no model be called without it."""

import json
from types import SimpleNamespace
from typing import Any, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template
from botocore.loaders import Loader
from pydantic import ValidationError

from stacks.constructs.answering import AnsweringPath
from stacks.constructs.base import models
from stacks.constructs.base.bucket import AccessLogBucket, Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.guardrail import Guardrail
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.knowledge.searched import ExistingKnowledgeBase
from stacks.parsing import parse
from stacks.settings.guardrail import PERSONAL_DATA
from stacks.settings.guardrail import Guardrail as Settings
from stacks.settings.prices import PriceBook
from tests.stacks.blocks import ELSEWHERE, GUARDRAIL
from tests.stacks.refusal import refusal


def template(**settings: Any) -> dict[str, Any]:
    """A stack with a guardrail and a role that may call every kind of model under it."""
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="123456789012", region="us-east-1"))
    guardrail = Guardrail(stack, environment="dev", settings=Settings.model_validate(settings))
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    guardrail.grant_apply(role)
    for model in ("amazon.nova-micro-v1:0", "us.amazon.nova-micro-v1:0"):
        models.grant_invoke(role, model, guardrail.required)
    models.grant_invoke_tuned(role, environment="dev", required=guardrail.required)
    elsewhere = "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl"
    models.grant_invoke_made_elsewhere(role, elsewhere, guardrail.required)
    made: dict[str, Any] = Template.from_stack(stack).to_json()["Resources"]
    return made


def of_type(resources: dict[str, Any], kind: str) -> tuple[str, dict[str, Any]]:
    ((name, found),) = [(name, one) for name, one in resources.items() if one["Type"] == kind]
    return name, found["Properties"]


@pytest.fixture(scope="module")
def guarded() -> dict[str, Any]:
    return template(**GUARDRAIL)


def test_every_policy_stands_in_the_resource(guarded: dict[str, Any]) -> None:
    _, made = of_type(guarded, "AWS::Bedrock::Guardrail")
    filters = {one["Type"]: one for one in made["ContentPolicyConfig"]["FiltersConfig"]}
    assert set(filters) == {"HATE", "INSULTS", "SEXUAL", "VIOLENCE", "MISCONDUCT", "PROMPT_ATTACK"}
    assert (filters["HATE"]["InputStrength"], filters["HATE"]["OutputStrength"]) == ("HIGH", "HIGH")
    attack = filters["PROMPT_ATTACK"]
    assert (attack["InputStrength"], attack["OutputStrength"]) == ("MEDIUM", "NONE")
    assert made["TopicPolicyConfig"]["TopicsConfig"][0]["Type"] == "DENY"
    entities = {one["Type"]: one["Action"] for one in made["SensitiveInformationPolicyConfig"]["PiiEntitiesConfig"]}
    assert entities == {"EMAIL": "ANONYMIZE", "US_SOCIAL_SECURITY_NUMBER": "BLOCK"}
    grounding = made["ContextualGroundingPolicyConfig"]["FiltersConfig"]
    assert {one["Type"]: one["Threshold"] for one in grounding} == {"GROUNDING": 0.7, "RELEVANCE": 0.5}
    assert made["WordPolicyConfig"]["WordsConfig"] == [{"Text": "hush"}]


def test_no_model_may_be_called_without_the_version_that_is_in_force(guarded: dict[str, Any]) -> None:
    _, policy = of_type(guarded, "AWS::IAM::Policy")
    statements = policy["PolicyDocument"]["Statement"]
    version, _ = of_type(guarded, "AWS::Bedrock::GuardrailVersion")
    calling = [one for one in statements if "bedrock:InvokeModel" in one["Action"]]
    assert len(calling) == 6
    for statement in calling:
        assert statement["Action"] == "bedrock:InvokeModel"
        named = json.dumps(statement["Condition"]["StringEquals"]["bedrock:GuardrailIdentifier"])
        assert version in named
        assert "GuardrailArn" in named
    (applying,) = [one for one in statements if one["Action"] == "bedrock:ApplyGuardrail"]
    assert applying["Resource"] == {"Fn::GetAtt": ["Guardrail", "GuardrailArn"]}
    kept = [one["Condition"] for one in calling if "StringEqualsIfExists" in one["Condition"]]
    assert [set(one) for one in kept] == [{"StringEquals", "StringEqualsIfExists"}]


@pytest.mark.parametrize(
    ("tuning", "calls"),
    [
        ({}, 3),
        *(({"tuned_model": ELSEWHERE.format(kind)}, 2) for kind in ("imported-model", "custom-model-deployment")),
    ],
    ids=["tuned here", "imported", "deployed elsewhere"],
)
def test_who_answers_has_the_guardrail_and_calls_no_model_without_it(
    context: dict[str, Any], tuning: dict[str, Any], calls: int
) -> None:
    settings = parse(
        "dev", {"models": {"base": "us.amazon.nova-lite-v1:0"}, "fine_tuning": tuning, "guardrail": GUARDRAIL}
    )
    stack = cdk.Stack(cdk.App(context=context), "S", env=cdk.Environment(account="123456789012", region="us-east-1"))
    gone = cdk.RemovalPolicy.DESTROY
    logs = AccessLogBucket(stack, "Logs", logical_id="Logs", removal_policy=gone)
    path = AnsweringPath(
        stack,
        environment="dev",
        settings=settings,
        prices=PriceBook.parse(context["prices"]),
        pointer=TunedModelPointer(stack, "Pointer", removal_policy=gone),
        knowledge_base=ExistingKnowledgeBase(stack, "ABCDEFGHIJ", managed=False),
        results=Bucket(stack, "Results", logical_id="Results", access_logs=logs, key=None, removal_policy=gone),
    )
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    path.grant(cast("Function", SimpleNamespace(role=role)), hears=True)

    named = stack.resolve(path.router_settings.guardrail)
    version, _ = of_type(made := Template.from_stack(stack).to_json()["Resources"], "AWS::Bedrock::GuardrailVersion")
    assert version in json.dumps(named)
    statements = of_type(made, "AWS::IAM::Policy")[1]["PolicyDocument"]["Statement"]
    calling = [one["Condition"]["StringEquals"] for one in statements if "bedrock:InvokeModel" in one["Action"]]
    assert [one["bedrock:GuardrailIdentifier"] for one in calling] == [named] * calls


def test_other_policies_are_another_version_and_the_same_ones_the_same() -> None:
    versions = [
        of_type(template(**settings), "AWS::Bedrock::GuardrailVersion")[0]
        for settings in (
            {"words": ["a"]},
            {"words": ["a"]},
            {"words": ["b"]},
            {"words": ["a"], "blocked_answer": "No."},
        )
    ]
    assert versions[0] == versions[1]
    assert len(set(versions)) == 3


@pytest.mark.parametrize("nothing", [{}, {"blocked_answer": "No."}, {"words": []}, {"profanity": False}])
def test_a_guardrail_that_does_nothing_is_refused(nothing: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="a guardrail without a policy does nothing"):
        Settings.model_validate(nothing)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"sensitive_information": {"EMIAL": "mask"}}, 'unknown kinds of data: "EMIAL"; did you mean "EMAIL"?'),
        ({"denied_topics": [{"name": "x"}]}, "guardrail.denied_topics.0.definition: is missing; allowed: a sentence"),
        ({"content": "extreme"}, "guardrail.content: 'extreme' is not allowed"),
    ],
)
def test_a_wrong_policy_is_one_problem(settings: dict[str, Any], sentence: str) -> None:
    assert sentence in (told := refusal({"guardrail": settings}))
    assert "has a problem:" in told


def test_the_kinds_of_personal_data_are_those_of_bedrock() -> None:
    shapes = Loader().load_service_model("bedrock", "service-2")["shapes"]
    assert set(shapes["GuardrailPiiEntityType"]["enum"]) == PERSONAL_DATA
