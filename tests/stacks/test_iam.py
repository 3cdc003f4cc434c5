"""Who may do what, and who may act as whom."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data

from tests.stacks.permissions import ACCOUNT_WIDE, conditional, differences, permissions, statements, table, trusts
from tests.stacks.resolved import Deployment, Resource

TABLE = Path(__file__).with_name("iam.json")

# Service -> the kind of its resources a role may serve; Lambda sends the account only.
SOURCES = {
    "bedrock.amazonaws.com": re.compile(
        r"arn:aws:bedrock:us-east-1:123456789012:"
        r"(knowledge-base|model-customization-job|model-invocation-job|evaluation-job)/\*$"
    ),
    "bedrock-agentcore.amazonaws.com": re.compile(
        r"arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/arbiter-everything-\?{10}$"
    ),
    "scheduler.amazonaws.com": re.compile(r"arn:aws:scheduler:us-east-1:123456789012:schedule-group/default$"),
    "states.amazonaws.com": re.compile(r"arn:aws:states:us-east-1:123456789012:stateMachine:\*$"),
}


@pytest.fixture(scope="session")
def expected() -> dict[str, dict[str, list[str]]]:
    """The table a reviewer reads: role -> action on resource."""
    loaded: dict[str, dict[str, list[str]]] = json.loads(TABLE.read_text())
    return loaded


def test_prod_grants_exactly_the_table(prod: Deployment, expected: dict[str, dict[str, list[str]]]) -> None:
    assert table(prod) == expected["every environment"]


@pytest.mark.parametrize("environment", ["dev", "local"])
def test_a_disposable_environment_adds_the_emptier_only(
    synthesise: Any, environment: str, expected: dict[str, dict[str, list[str]]]
) -> None:
    both = expected["every environment"] | expected["disposable environments"]
    # The local AWS reranks as well; where that is permitted has a test of its own.
    held = {
        role: [one for one in lines if "rerank" not in one.lower()]
        for role, lines in table(synthesise(environment)).items()
    }
    assert held == both


@pytest.mark.parametrize("environment", ["everything", "hosted", "elsewhere", "managed"])
def test_optional_parts_change_exactly_what_the_table_says(
    synthesise: Any, environment: str, expected: dict[str, dict[str, list[str]]]
) -> None:
    assert differences(table(synthesise(environment)), expected["every environment"]) == expected[environment]


def test_the_role_that_anybodys_api_may_log_with_can_do_nothing_else(everything: Deployment) -> None:
    (role,) = (role for role, statement in trusts(everything) if statement["Principal"] == {"Service": ACCOUNT_WIDE})
    assert {p.action.partition(":")[0] for p in permissions(everything) if p.role == role.name} == {"logs"}


def test_every_trust_statement_names_the_account(deployment: Deployment) -> None:
    for role, statement in conditional(deployment):
        assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == "123456789012", role.name


def test_every_trust_statement_names_the_kind_of_resource(deployment: Deployment) -> None:
    for role, statement in conditional(deployment):
        service = statement["Principal"]["Service"]
        if service == "lambda.amazonaws.com":
            continue
        assert SOURCES[service].match(statement["Condition"]["ArnLike"]["aws:SourceArn"]), role.name


def test_a_role_trusts_once(deployment: Deployment) -> None:
    """A second statement without conditions would undo the first one's."""
    trusted = [role.name for role, _ in trusts(deployment)]
    assert len(trusted) == len(set(trusted))


def test_no_action_is_a_wildcard(deployment: Deployment) -> None:
    assert [p for p in permissions(deployment) if "*" in p.action] == []


def test_roles_have_no_managed_policies(deployment: Deployment) -> None:
    roles = list(deployment.resources("AWS::IAM::Role"))
    assert roles
    assert [r.name for r in roles if r.properties.get("ManagedPolicyArns") or r.properties.get("Policies")] == []


def test_one_role_passes_one_role_to_one_service(prod: Deployment) -> None:
    (passing,) = (p for p in permissions(prod) if p.action == "iam:PassRole")
    assert passing.role == "FineTuning.PipelineRole"
    assert passing.resource == "<FineTuning.CustomizationRole.Arn>"
    assert passing.condition == "iam:PassedToService StringEquals bedrock.amazonaws.com"


def test_only_publish_may_put_a_model_into_service(deployment: Deployment) -> None:
    writers = {
        (p.role, p.resource.rsplit("/", 1)[-1]) for p in permissions(deployment) if p.action == "ssm:PutParameter"
    }
    pointers = {parameter for _, parameter in writers}
    assert pointers == {"<Storage.TunedModelCandidate>", "<Storage.TunedModelInService>"}
    assert {role for role, parameter in writers if "InService" in parameter} == {
        "Evaluation.PublishRole",
        "Evaluation.PublishGatedRole",
    }
    assert {parameter for role, parameter in writers if role.startswith("Evaluation.Publish")} == {
        "<Storage.TunedModelInService>"
    }
    nominating = {role for role, parameter in writers if "Candidate" in parameter}
    assert nominating >= {"FineTuning.PipelineRole", "FineTuning.RetirementRole"}
    assert all(role.startswith("FineTuning.") for role in nominating)


def test_models_of_other_environments_cannot_be_deleted(deployment: Deployment) -> None:
    deletions = [p for p in permissions(deployment) if re.fullmatch("bedrock:Delete(Custom|Provisioned).*", p.action)]
    assert {p.action for p in deletions} >= {"bedrock:DeleteCustomModel", "bedrock:DeleteCustomModelDeployment"}
    tagged = f"aws:ResourceTag/arbiter:environment StringEquals {deployment.environment}"
    assert [p for p in deletions if p.condition != tagged] == []


def test_a_model_made_elsewhere_is_all_that_the_router_may_call_specialised(elsewhere: Deployment) -> None:
    specialised = {
        (p.action, p.resource)
        for p in permissions(elsewhere)
        if p.role == "Inference.RouterRole" and re.search(":(custom|provisioned|imported)-model", p.resource)
    }
    arn = "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl"
    assert specialised == {("bedrock:InvokeModel", arn), ("bedrock:GetImportedModel", arn)}
    assert not any(p.role == "Inference.RouterRole" and p.action.startswith("ssm:") for p in permissions(elsewhere))
    variables = elsewhere.one("AWS::Lambda::Function", "Router").properties["Environment"]["Variables"]
    assert variables["ARBITER_TUNED_MODEL"] == arn


def test_every_s3_permission_stays_in_the_account(deployment: Deployment) -> None:
    elsewhere = [
        p
        for p in permissions(deployment)
        if p.action.startswith("s3:")
        and "aws:ResourceAccount StringEquals 123456789012" not in p.condition
        and p.role != "Storage.EmptiedEmptierRole"
    ]
    assert elsewhere == []


def test_every_action_exists(deployment: Deployment) -> None:
    for action in {p.action for p in permissions(deployment)}:
        service, name = action.split(":")
        assert get_action_data(service, name), f"{action} is no IAM action"


def test_every_role_is_bounded_where_a_boundary_is_set(everything: Deployment, prod: Deployment) -> None:
    boundaries = {r.properties.get("PermissionsBoundary") for r in everything.resources("AWS::IAM::Role")}
    assert boundaries == {"arn:aws:iam::123456789012:policy/Boundary"}
    assert not any("PermissionsBoundary" in r.properties for r in prod.resources("AWS::IAM::Role"))


@pytest.mark.parametrize("kind", ["AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"])
def test_resource_policies_admit_services_with_a_source_only(everything: Deployment, kind: str) -> None:
    found = list(everything.resources(kind))
    assert found
    for policy in found:
        for statement in statements(policy.properties["PolicyDocument"]):
            _assert_scoped(policy, statement)


def _assert_scoped(policy: Resource, statement: dict[str, Any]) -> None:
    if statement["Effect"] == "Deny":
        return
    assert statement["Principal"] != "*", policy.name
    conditions = statement["Condition"]
    assert conditions["StringEquals"]["aws:SourceAccount"] == "123456789012", policy.name
    assert "aws:SourceArn" in {**conditions.get("ArnLike", {}), **conditions.get("ArnEquals", {})}, policy.name


def test_a_profile_opens_its_models_through_itself_only(everything: Deployment) -> None:
    (regional,) = (
        p
        for p in permissions(everything)
        if p.resource.startswith("arn:aws:bedrock:*") and p.role == "Inference.RouterRole"
    )
    profile = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-2-lite-v1:0"
    assert regional.action == "bedrock:InvokeModel"
    assert regional.resource == "arn:aws:bedrock:*::foundation-model/amazon.nova-2-lite-v1:0"
    assert regional.condition == f"bedrock:InferenceProfileArn StringEquals {profile}"


def test_reranking_is_permitted_only_where_it_is_configured(everything: Deployment, prod: Deployment) -> None:
    assert "bedrock:Rerank" in {p.action for p in permissions(everything)}
    assert "bedrock:Rerank" not in {p.action for p in permissions(prod)}
