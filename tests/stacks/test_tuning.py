"""Fine-tuning as the settings want it: distilled, hosted by the hour, announced by e-mail; and no right beyond that."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from app import build
from stacks.constructs.training.pipeline import WAITING_HOURS
from tests.stacks import pipelines
from tests.stacks.permissions import may, permissions, statements
from tests.stacks.resolved import Deployment

ROLE = "FineTuning.PipelineRole"
BEDROCK = "arn:aws:bedrock:us-east-1:123456789012"
Synthesise = Callable[[dict[str, Any]], Deployment]


@pytest.fixture
def tuned(context: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Synthesise:
    """The deployment of `prod` with other settings of fine-tuning."""

    def synthesise(tuning: dict[str, Any]) -> Deployment:
        monkeypatch.setitem(os.environ, "CDK_VALIDATION", "false")
        block = {**context["environments"]["prod"], "fine_tuning": tuning}
        app = cdk.App(context={**context, "environments": {"tuned": block}, "env": "tuned"}, outdir=str(tmp_path))
        build(app)
        app.synth()
        return Deployment.read(tmp_path, "tuned")

    return synthesise


def states(deployment: Deployment) -> dict[str, Any]:
    machine = deployment.one("AWS::StepFunctions::StateMachine", "FineTuning")
    found: dict[str, Any] = pipelines.definition(machine)["States"]
    return found


def actions(deployment: Deployment, role: str) -> set[str]:
    return {p.action for p in permissions(deployment) if p.role == role}


def test_throughput_is_bought_only_where_the_settings_say_so(prod: Deployment, hosted: Deployment) -> None:
    assert not any("Provisioned" in action for action in actions(prod, ROLE))
    assert pipelines.unsound(hosted) == []
    assert may(hosted, ROLE, "bedrock:CreateProvisionedModelThroughput", f"{BEDROCK}:custom-model/x")
    assert not any("Deployment" in action for action in actions(hosted, ROLE))
    arguments = states(hosted)["Host"]["Arguments"]
    assert arguments["ModelUnits"] == 2
    assert "CommitmentDuration" not in arguments
    assert {tag["Key"] for tag in arguments["Tags"]} == {"arbiter:environment", "arbiter:run", "arbiter:expires-at"}
    variables = hosted.one("AWS::Lambda::Function", "FineTuning.Place").properties["Environment"]["Variables"]
    assert variables["ARBITER_TTL_HOURS"] == "24"


def test_a_run_waits_for_another_that_uses_its_name_or_its_turn(prod: Deployment, hosted: Deployment) -> None:
    for deployment in (prod, hosted):
        pipeline = states(deployment)
        assert (pipeline["Prepare"]["Next"], pipeline["Claim"]["Next"]) == ("Claim", "FindModel")
        assert pipeline["Claim"]["Arguments"]["Payload"]["claim"] == "{% $job.custom_model_name %}"
        for state in ("Claim", "Place"):
            rule = pipeline[state]["Retry"][0]
            assert rule["ErrorEquals"] == ["ClaimedByAnotherRun"]
            waits = [rule["IntervalSeconds"] * rule["BackoffRate"] ** n for n in range(rule["MaxAttempts"])]
            waited = sum(min(wait, rule["MaxDelaySeconds"]) for wait in waits)
            assert waited >= WAITING_HOURS * 3600, "as long as another run may take"
            assert rule["MaxAttempts"] * 2 * 5 < 10_000, "an execution's history holds 25,000 events"


def test_what_concludes_deletes_only_what_this_environment_hosts(prod: Deployment) -> None:
    deletions = [p for p in permissions(prod) if p.role == "FineTuning.ConcludeRole" and ":Delete" in p.action]
    assert {deletion.action for deletion in deletions} == {
        "bedrock:DeleteCustomModelDeployment",
        "bedrock:DeleteProvisionedModelThroughput",
    }
    assert {deletion.condition for deletion in deletions} == {
        "aws:ResourceTag/arbiter:environment StringEquals prod",
    }


def test_a_distillation_names_its_teacher_and_no_hyperparameters(tuned: Synthesise) -> None:
    teacher = "us.amazon.nova-pro-v1:0"
    distilled = tuned({"customization_type": "DISTILLATION", "teacher_model": teacher})
    arguments = states(distilled)["Train"]["Arguments"]
    assert arguments["CustomizationType"] == "DISTILLATION"
    assert "HyperParameters" not in arguments
    named = arguments["CustomizationConfig"]["DistillationConfig"]["TeacherModelConfig"]["TeacherModelIdentifier"]
    assert named == teacher
    role = "FineTuning.CustomizationRole"
    assert may(distilled, role, "bedrock:InvokeModel", f"{BEDROCK}:inference-profile/{teacher}")
    assert pipelines.unsound(distilled) == []


def test_another_base_model_is_one_setting(tuned: Synthesise) -> None:
    model = "amazon.nova-lite-v1:0:300k"
    other = tuned({"base_model": model})
    assert states(other)["Train"]["Arguments"]["BaseModelIdentifier"] == model
    assert may(
        other, ROLE, "bedrock:CreateModelCustomizationJob", f"arn:aws:bedrock:us-east-1::foundation-model/{model}"
    )
    variables = other.one("AWS::Lambda::Function", "FineTuning.Prepare").properties["Environment"]["Variables"]
    assert variables["ARBITER_BASE_MODEL"] == model


def test_news_of_jobs_are_mailed_only_where_the_settings_say_so(prod: Deployment, hosted: Deployment) -> None:
    assert not any("JobNews" in resource.name for resource in prod.resources())
    rule, topic = hosted.one("AWS::Events::Rule", "JobNews"), hosted.one("AWS::SNS::Topic", "JobNews")
    assert rule.properties["EventPattern"]["detail-type"] == ["Model Customization Job State Change"]
    assert rule.properties["EventPattern"]["detail"] == {"jobName": [{"prefix": "arbiter-"}]}
    assert rule.properties["Targets"][0]["Arn"] == topic.ref
    subscription = hosted.one("AWS::SNS::Subscription", "JobNews").properties
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "somebody@example.com")
    policy = hosted.one("AWS::SNS::TopicPolicy", "JobNews").properties["PolicyDocument"]
    (sender,) = (s for s in statements(policy) if s["Effect"] == "Allow")
    assert sender["Condition"]["ArnEquals"]["aws:SourceArn"] == rule.attribute("Arn")
    assert sender["Condition"]["StringEquals"]["aws:SourceAccount"] == "123456789012"
    assert any(
        s["Effect"] == "Deny" and s["Condition"]["Bool"]["aws:SecureTransport"] == "false" for s in statements(policy)
    )


OWNED = {
    "bedrock:UpdateCustomModelDeployment",
    "bedrock:StopModelCustomizationJob",
    "bedrock:StopModelInvocationJob",
    "bedrock:DeleteCustomModelDeployment",
    "bedrock:DeleteCustomModel",
    "bedrock:DeleteProvisionedModelThroughput",
}
"""What changes or ends models, hosts and jobs: another environment's must be out of reach."""


@pytest.mark.parametrize("environment", ["prod", "everything", "hosted"])
def test_no_environment_changes_ends_or_tags_what_is_anothers(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    deployment = synthesise(environment)
    own, new = f"arbiter:environment StringEquals {environment}", "aws:RequestTag/arbiter:environment StringEquals"
    granted = permissions(deployment)
    assert [p for p in granted if p.action in OWNED and p.condition != f"aws:ResourceTag/{own}"] == []
    tagging = [p for p in granted if p.action == "bedrock:TagResource" and p.role.endswith("PipelineRole")]
    assert tagging
    for permission in tagging:
        assert f"{new} {environment}" in permission.condition
        assert f"aws:ResourceTag/arbiter:environment StringEqualsIfExists {environment}" in permission.condition


def test_what_a_pipeline_makes_bears_the_environments_tag(hosted: Deployment, everything: Deployment) -> None:
    """Else it could neither be stopped nor deleted."""
    makers = {"createCustomModelDeployment": 0, "createProvisionedModelThroughput": 0, "createModelInvocationJob": 0}
    for deployment in (hosted, everything):
        for _, _, state in pipelines.tasks(deployment):
            call = state["Resource"].rsplit(":", 1)[-1].removesuffix(".sync")
            if call in makers:
                makers[call] += 1
                tags = {tag["Key"]: tag["Value"] for tag in state["Arguments"]["Tags"]}
                assert tags["arbiter:environment"] == deployment.environment
    assert all(makers.values()), makers
    for deployment in (hosted, everything):
        train = states(deployment)["Train"]["Arguments"]
        for kind in ("JobTags", "CustomModelTags"):
            tags = {tag["Key"]: tag["Value"] for tag in train[kind]}
            assert tags["arbiter:environment"] == deployment.environment


def test_the_customization_role_reads_and_writes_its_output(prod: Deployment) -> None:
    role, output = "FineTuning.CustomizationRole", "<Storage.TrainingBucket.Arn>/customization/run/metrics.csv"
    assert may(prod, role, "s3:GetObject", output)
    assert may(prod, role, "s3:PutObject", output)


def test_a_pipeline_publishes_by_the_gates_record_alone(prod: Deployment) -> None:
    """Its role may call no function that would take its word for it."""
    gated = prod.one("AWS::Lambda::Function", "Evaluation.PublishGatedFunction")
    assert gated.properties["Environment"]["Variables"]["ARBITER_GATED"] == "true"
    assert states(prod)["Publish"]["Arguments"]["FunctionName"] == gated.attribute("Arn")
    called = {p.resource for p in permissions(prod) if p.role == ROLE and p.action == "lambda:InvokeFunction"}
    assert "<Evaluation.PublishFunction.Arn>" not in called
    assert may(
        prod, "Evaluation.PublishGatedRole", "s3:GetObject", "<Storage.ResultsBucket.Arn>/evaluations/r-gate/gate.json"
    )


def test_a_cost_that_was_accepted_of_the_training_is_accepted_of_its_gate(prod: Deployment) -> None:
    """Else a model would be paid for, and its evaluation refused."""
    assert states(prod)["Evaluate"]["Arguments"]["Input"]["accept_unknown_cost"] == "{% $job.accept_unknown_cost %}"
