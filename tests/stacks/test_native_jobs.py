"""Bedrock's own evaluation jobs: nothing of them is there unless they are set, and then no more than they need.

`everything` has batch inference as well: the two together are what every check of a deployment sees.
"""

import json
from typing import Any

import pytest

from arbiter.evaluation.native.lifecycle import LONGEST_HOURS
from stacks.constructs.batch.inference import FREQUENT_LOOKS
from stacks.constructs.evaluation.native_jobs import JOB_HOURS
from stacks.constructs.evaluation.pipeline import BATCH_HOURS, RUN_HOURS
from tests.stacks import pipelines
from tests.stacks.permissions import Permission, permissions, trusts
from tests.stacks.resolved import Deployment

OWN = "arn:aws:bedrock:us-east-1:123456789012"
FUNCTION, STOP, SERVICE = "Evaluation.NativeRunRole", "Evaluation.NativeStopRole", "Evaluation.NativeRole"
EVENTS = 25_000
"""Step Functions quotas: events in the history of an execution."""
A_LOOK = 10
"""Entering and leaving the states of a look, and the function's task, which is scheduled, started and done."""


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
        assert not [f for f in deployment.resources("AWS::Lambda::Function") if "Native" in f.name]
        assert states(deployment)["VerdictsStopped"]["Default"] == "Summarise"
        assert not {"StartNative", "FollowNative"} & states(deployment).keys()


def test_the_function_runs_jobs_as_one_role_and_calls_no_model(everything: Deployment) -> None:
    bedrock = {(p.action, p.resource) for p in of(everything, FUNCTION) if p.action.startswith("bedrock:")}
    jobs = f"{OWN}:evaluation-job/*"
    verbs = ("CreateEvaluationJob", "GetEvaluationJob", "StopEvaluationJob", "TagResource")
    assert bedrock == {(f"bedrock:{verb}", jobs) for verb in verbs}
    own = {p.action: p.condition for p in of(everything, FUNCTION) if p.action.startswith("bedrock:")}
    assert own["bedrock:StopEvaluationJob"] == "aws:ResourceTag/arbiter:environment StringEquals everything"
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
    assert found["VerdictsStopped"]["Default"] == "StartNative"
    for name in ("StartNative", "FollowNative"):
        (catch,) = found[name]["Catch"]
        assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], "Summarise")
        assert catch["Output"] == "{% $states.input %}"
        assert found[name]["Next"] == "NativeOpen"
    assert found["NativeOpen"]["Default"] == "Summarise"


@pytest.mark.parametrize("stack", ["Evaluation", "Generation"])
def test_an_executions_history_holds_a_day_of_looks_at_every_job(everything: Deployment, stack: str) -> None:
    machine = everything.one("AWS::StepFunctions::StateMachine", stack)
    outside_maps = [g for g in pipelines.graphs(everything) if g.name.split("/")[0] == machine.name]
    waits = {
        name: state["Seconds"]
        for graph in outside_maps
        for name, state in graph.states.items()
        if state["Type"] == "Wait"
    }
    first = [name for name in waits if name.endswith("JobWait")]
    looks = [FREQUENT_LOOKS + JOB_HOURS * 3600 / waits[f"{name}Longer"] for name in first]
    looks += [JOB_HOURS * 3600 / seconds for name, seconds in waits.items() if name == "NativeWait"]
    assert len(looks) == (4 if stack == "Evaluation" else 2)
    assert sum(looks) * A_LOOK < EVENTS


def test_a_run_has_time_for_its_jobs_beside_batch_inference(everything: Deployment) -> None:
    assert JOB_HOURS == LONGEST_HOURS
    machine = everything.one("AWS::StepFunctions::StateMachine", "Evaluation")
    assert pipelines.definition(machine)["TimeoutSeconds"] == (RUN_HOURS + 2 * BATCH_HOURS + JOB_HOURS) * 3600


def test_a_run_that_ends_early_has_its_jobs_stopped_by_who_can_start_none(everything: Deployment) -> None:
    (rule,) = [r.properties for r in everything.resources("AWS::Events::Rule") if "NativeStopped" in r.name]
    assert rule["EventPattern"]["detail"] == {
        "stateMachineArn": [everything.one("AWS::StepFunctions::StateMachine", "Evaluation").ref],
        "status": ["ABORTED", "TIMED_OUT", "FAILED"],
    }
    (stop,) = [f for f in everything.resources("AWS::Lambda::Function") if f.name.startswith(STOP.removesuffix("Role"))]
    assert [target["Arn"] for target in rule["Targets"]] == [stop.attribute("Arn")]
    (permission,) = [p for p in everything.resources("AWS::Lambda::Permission") if "NativeStopped" in p.name]
    assert permission.properties["FunctionName"] == stop.attribute("Arn")
    bedrock = {(p.action, p.resource) for p in of(everything, STOP) if p.action.startswith(("bedrock:", "iam:"))}
    assert bedrock == {("bedrock:StopEvaluationJob", f"{OWN}:evaluation-job/*")}
    own = {p.condition for p in of(everything, STOP) if p.action.startswith("bedrock:")}
    assert own == {"aws:ResourceTag/arbiter:environment StringEquals everything"}


def test_the_gates_runs_are_without_native_jobs(everything: Deployment) -> None:
    machine = everything.one("AWS::StepFunctions::StateMachine", "FineTuning")
    assert pipelines.definition(machine)["States"]["Evaluate"]["Arguments"]["Input"]["native_jobs"] is False
