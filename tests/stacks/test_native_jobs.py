"""Bedrock's own evaluation jobs: nothing of them is there unless they are set, and then no more than they need."""

import json
from typing import Any

from tests.stacks import pipelines
from tests.stacks.permissions import Permission, permissions, trusts
from tests.stacks.resolved import Deployment

OWN = "arn:aws:bedrock:us-east-1:123456789012"
FUNCTION, SERVICE = "Evaluation.NativeRunRole", "Evaluation.NativeRole"


def of(deployment: Deployment, role: str) -> list[Permission]:
    return [p for p in permissions(deployment) if p.role.startswith(role)]


def keys(deployment: Deployment, role: str, action: str) -> set[str]:
    return {p.resource.split("/", 1)[-1] for p in of(deployment, role) if p.action == action}


def states(deployment: Deployment) -> dict[str, Any]:
    machine = deployment.one("AWS::StepFunctions::StateMachine", "Evaluation")
    found: dict[str, Any] = pipelines.definition(machine)["States"]
    return found


def test_unless_they_are_set_nothing_is_deployed_and_nothing_granted(prod: Deployment, dev: Deployment) -> None:
    for deployment in (prod, dev):
        assert not [p for p in permissions(deployment) if "Evaluation.Native" in p.role or "EvaluationJob" in p.action]
        assert not [r for r, _ in trusts(deployment) if "evaluation-job" in json.dumps(r.properties)]
        assert states(deployment)["Judge"]["Next"] == "Summarise"
        assert not {"StartNative", "FollowNative"} & states(deployment).keys()


def test_the_function_runs_jobs_as_one_role_and_calls_no_model(everything: Deployment) -> None:
    bedrock = {(p.action, p.resource) for p in of(everything, FUNCTION) if p.action.startswith("bedrock:")}
    jobs = f"{OWN}:evaluation-job/*"
    assert bedrock == {(f"bedrock:{verb}EvaluationJob", jobs) for verb in ("Create", "Get", "Stop")}
    (passing,) = [p for p in of(everything, FUNCTION) if p.action == "iam:PassRole"]
    assert passing.resource == "<Evaluation.NativeRole.Arn>" or passing.resource.startswith("<Evaluation.NativeRole")
    assert passing.condition == "iam:PassedToService StringEquals bedrock.amazonaws.com"
    assert keys(everything, FUNCTION, "s3:PutObject") == {
        "evaluations/*/native/*",
        "evaluations/*/native_jobs/datasets/*",
    }


def test_bedrock_judges_with_the_judges_and_writes_its_results_alone(everything: Deployment) -> None:
    assert keys(everything, SERVICE, "s3:GetObject") == {"evaluations/*/native_jobs/*"}
    assert keys(everything, SERVICE, "s3:PutObject") == {"evaluations/*/native_jobs/output/*"}
    claude, llama = "anthropic.claude-haiku-4-5-20251001-v1:0", "meta.llama3-3-70b-instruct-v1:0"
    called = {p.resource.rsplit("/", 1)[-1] for p in of(everything, SERVICE) if p.action == "bedrock:InvokeModel"}
    assert called == {claude, llama, f"us.{claude}", f"us.{llama}"}
    profiles = {p.resource for p in of(everything, SERVICE) if p.action == "bedrock:GetInferenceProfile"}
    assert profiles == {f"{OWN}:inference-profile/us.{model}" for model in (claude, llama)}


def test_bedrock_may_take_the_role_for_evaluation_jobs_of_this_account_alone(everything: Deployment) -> None:
    (statement,) = [s for r, s in trusts(everything) if "evaluation-job" in json.dumps(s)]
    assert statement["Principal"] == {"Service": "bedrock.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": f"{OWN}:evaluation-job/*"},
    }


def test_no_failure_of_a_job_ends_the_run(everything: Deployment) -> None:
    found = states(everything)
    assert found["Judge"]["Next"] == "StartNative"
    for name in ("StartNative", "FollowNative"):
        (catch,) = found[name]["Catch"]
        assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], "Summarise")
        assert catch["Output"] == "{% $states.input %}"
        assert found[name]["Next"] == "NativeOpen"
    assert found["NativeOpen"]["Default"] == "Summarise"
    assert found["NativeWait"]["Seconds"] == 60
