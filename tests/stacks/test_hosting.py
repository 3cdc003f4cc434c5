"""Hosting by the hour ends by itself, also where the settings have changed since."""

import json

import pytest

from tests.stacks.permissions import permissions, statements
from tests.stacks.resolved import Deployment

FUNCTION = "<FineTuning.HostingExpiryFunction.Arn>"


def test_a_function_looks_every_five_minutes(hosted: Deployment) -> None:
    schedule = hosted.one("AWS::Scheduler::Schedule", "HostingExpiry").properties
    assert schedule["ScheduleExpression"] == "rate(5 minutes)"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["Target"]["Arn"] == FUNCTION
    assert schedule["Target"]["RoleArn"] == "<FineTuning.HostingExpiryScheduleRole.Arn>"
    assert "State" not in schedule
    assert json.loads(schedule["Target"]["Input"]) == {}


def test_the_scheduler_may_call_that_function_alone(hosted: Deployment) -> None:
    granted = {p.action + " " + p.resource for p in permissions(hosted) if p.role.endswith("HostingExpiryScheduleRole")}
    assert granted == {f"lambda:InvokeFunction {FUNCTION}"}


def test_only_the_accounts_own_schedules_act_under_that_role(hosted: Deployment) -> None:
    role = hosted.one("AWS::IAM::Role", "HostingExpiryScheduleRole").properties
    (trusted,) = statements(role["AssumeRolePolicyDocument"])
    assert trusted["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trusted["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:scheduler:us-east-1:123456789012:schedule-group/default"},
    }


def test_expiry_deletes_throughput_of_its_environment_and_writes_nothing(hosted: Deployment) -> None:
    own = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/*"
    granted = {
        (p.action, p.resource, p.condition)
        for p in permissions(hosted)
        if p.role == "FineTuning.HostingExpiryRole" and p.action.partition(":")[0] in ("bedrock", "ssm")
    }
    assert granted == {
        ("bedrock:ListProvisionedModelThroughputs", "*", ""),
        ("bedrock:ListTagsForResource", own, ""),
        (
            "bedrock:DeleteProvisionedModelThroughput",
            own,
            "aws:ResourceTag/arbiter:environment StringEquals hosted",
        ),
        ("ssm:GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/<Storage.TunedModelInService>", ""),
    }


def test_what_ends_hosting_does_not_go_with_the_setting(deployment: Deployment) -> None:
    """Throughput that was bought under another setting is looked for, called and deleted all the same."""
    schedule = deployment.one("AWS::Scheduler::Schedule", "HostingExpiry").properties
    assert (schedule["ScheduleExpression"], schedule["Target"]["Arn"]) == ("rate(5 minutes)", FUNCTION)
    tagged = f"aws:ResourceTag/arbiter:environment StringEquals {deployment.environment}"
    owned = {
        (p.role, p.action): p.condition for p in permissions(deployment) if p.resource.endswith(":provisioned-model/*")
    }
    for role in ("FineTuning.HostingExpiryRole", "FineTuning.ConcludeRole"):
        assert owned[role, "bedrock:DeleteProvisionedModelThroughput"] == tagged


def test_throughput_of_other_environments_is_not_called(deployment: Deployment) -> None:
    calls = [
        p for p in permissions(deployment) if p.action == "bedrock:InvokeModel" and "provisioned-model" in p.resource
    ]
    tagged = f"aws:ResourceTag/arbiter:environment StringEqualsIfExists {deployment.environment}"
    assert {p.role for p in calls} >= {"Inference.RouterRole", "Evaluation.EngineAnswerRole"}
    assert {p.condition for p in calls} == {tagged}


def test_nothing_that_is_paid_by_the_hour_is_bought_or_made_by_default(dev: Deployment, prod: Deployment) -> None:
    for deployment in (dev, prod):
        assert not any(p.action == "bedrock:CreateProvisionedModelThroughput" for p in permissions(deployment))
        assert not any("Provisioned" in resource.type for resource in deployment.resources())


@pytest.mark.parametrize("name", ["Retirement", "HostingExpiry"])
def test_what_deletes_models_cannot_change_what_is_in_service(hosted: Deployment, name: str) -> None:
    role = f"FineTuning.{name}Role"
    assert role in {p.role for p in permissions(hosted)}
    written = {p.resource for p in permissions(hosted) if p.role == role and p.action == "ssm:PutParameter"}
    assert not any("InService" in resource for resource in written)
