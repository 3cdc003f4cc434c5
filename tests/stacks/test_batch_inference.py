"""Batch inference follows a job through every status that there is, with no permission beyond its own jobs."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import botocore.session
import pytest

from app import build
from arbiter.evaluation.run.order import MOST_JUDGES
from stacks.constructs.batch.inference import FREQUENT_LOOKS, GOING_ON, JOB_HOURS, WITH_OUTPUT
from stacks.constructs.evaluation.pipeline import BATCH_HOURS, RUN_HOURS
from tests.stacks import pipeline_errors, pipelines
from tests.stacks.permissions import Permission, may, permissions
from tests.stacks.resolved import Deployment

ACCOUNT = "123456789012"
OWN = f"arn:aws:bedrock:us-east-1:{ACCOUNT}"
JOBS = f"{OWN}:model-invocation-job/*"
GENERATOR, VERIFIER = "amazon.nova-lite-v1:0", "us.anthropic.claude-haiku-4-5-20251001-v1:0"


@pytest.fixture(scope="module")
def batched(context: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """An environment whose questions and verdicts come from batch inference."""
    prod, batch = context["environments"]["prod"], {"batch_minimum": 200}
    block = {**prod, "account": ACCOUNT, "evaluation": {**prod["evaluation"], **batch}, "generation": batch}
    folder: Path = tmp_path_factory.mktemp("batched")
    app = cdk.App(context={**context, "env": "batched", "environments": {"batched": block}}, outdir=str(folder))
    build(app)
    app.synth()
    return Deployment.read(folder, "batched")


def of_batches(deployment: Deployment, part: str = "") -> list[Permission]:
    return [p for p in permissions(deployment) if "BatchInference" in p.role and part in p.role]


def states(deployment: Deployment, stack: str) -> dict[str, Any]:
    found: dict[str, Any] = pipelines.definition(deployment.one("AWS::StepFunctions::StateMachine", stack))["States"]
    return found


def test_nothing_of_it_is_deployed_or_granted_unless_it_is_set(prod: Deployment) -> None:
    actions = {p.action for p in permissions(prod)}
    assert not [action for action in actions if "ModelInvocationJob" in action]
    assert not [f for f in prod.resources("AWS::Lambda::Function") if "BatchInference" in f.name]
    assert "Ask_generator" not in states(prod, "Generation")
    assert "AskJudges" not in states(prod, "Evaluation")


def test_the_states_are_sound(batched: Deployment) -> None:
    assert pipelines.unsound(batched) == []
    assert pipeline_errors.error_names(batched) <= pipeline_errors.known_errors()


def test_every_status_of_a_job_leads_somewhere() -> None:
    model = botocore.session.get_session().get_service_model("bedrock")
    known = set(model.shape_for("ModelInvocationJobStatus").enum)

    assert known - {*GOING_ON, *WITH_OUTPUT} == {"Failed", "Stopped"}


def test_bedrock_answers_for_jobs_of_this_account_only(batched: Deployment) -> None:
    roles = [r for r in batched.resources("AWS::IAM::Role") if "BatchInferenceJob" in r.name]
    assert len(roles) == 4
    for role in roles:
        (statement,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "bedrock.amazonaws.com"}
        assert statement["Condition"] == {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": JOBS},
        }


def test_a_model_is_invoked_under_a_jobs_role_only_through_a_profile(batched: Deployment) -> None:
    invoking = {p.role for p in of_batches(batched, "Job") if p.action == "bedrock:InvokeModel"}
    roles = {p.role for p in of_batches(batched, "Job")}
    assert {role for role in roles - invoking if role.startswith("Generation.")} == {
        role for role in roles if "Generation" in role and "Job1" in role
    }
    assert {role for role in roles if role.startswith("Evaluation.")} <= invoking


def test_a_pipeline_may_submit_jobs_of_its_own_models_alone(batched: Deployment) -> None:
    submitted = {
        p.resource
        for p in permissions(batched)
        if p.action == "bedrock:CreateModelInvocationJob" and p.role.startswith("Generation.")
    }
    assert submitted == {
        JOBS,
        f"arn:aws:bedrock:us-east-1::foundation-model/{GENERATOR}",
        f"{OWN}:inference-profile/{VERIFIER}",
        f"arn:aws:bedrock:*::foundation-model/{VERIFIER.removeprefix('us.')}",
    }


def test_only_own_jobs_are_followed_and_stopped(batched: Deployment) -> None:
    for action in ("bedrock:GetModelInvocationJob", "bedrock:StopModelInvocationJob", "bedrock:TagResource"):
        own = [p for p in permissions(batched) if p.action == action and "PipelineRole" in p.role]
        assert {p.resource for p in own if not p.role.startswith("FineTuning.")} == {JOBS}


@pytest.mark.parametrize(("stack", "runs"), [("Generation", "generation"), ("Evaluation", "evaluations")])
def test_records_are_read_and_written_where_batch_inference_lies(batched: Deployment, stack: str, runs: str) -> None:
    objects = {
        p.resource.split("/", 1)[-1]
        for p in of_batches(batched)
        if p.role.startswith(f"{stack}.") and p.action in ("s3:GetObject", "s3:PutObject")
    }
    assert objects == {f"{runs}/*/batch-inference/*"}


@pytest.mark.parametrize("stack", ["Generation", "Evaluation"])
def test_a_run_that_ends_early_has_its_jobs_stopped(batched: Deployment, stack: str) -> None:
    rule = next(
        r.properties
        for r in batched.resources("AWS::Events::Rule")
        if r.stack == stack and "batch inference" in r.properties.get("Description", "")
    )
    machine = batched.one("AWS::StepFunctions::StateMachine", stack)
    stop = next(f for f in batched.resources("AWS::Lambda::Function") if f.stack == stack and "InferenceStop" in f.name)
    assert rule["EventPattern"]["detail"] == {
        "stateMachineArn": [machine.ref],
        "status": ["ABORTED", "TIMED_OUT", "FAILED"],
    }
    assert [target["Arn"] for target in rule["Targets"]] == [stop.attribute("Arn")]
    role = stop.properties["Role"].strip("<>").removesuffix(".Arn")
    assert may(batched, role, "bedrock:StopModelInvocationJob", JOBS)


def test_a_run_has_time_for_its_jobs(batched: Deployment) -> None:
    machine = batched.one("AWS::StepFunctions::StateMachine", "Evaluation")
    assert pipelines.definition(machine)["TimeoutSeconds"] == (RUN_HOURS + BATCH_HOURS) * 3600


EVENTS, EVENTS_A_LOOK = 25_000, {"Wait": 2, "Task": 5, "Choice": 2}
"""What an execution's history holds, and what a state adds to it."""


@pytest.mark.parametrize(("stack", "jobs"), [("Generation", 2), ("Evaluation", MOST_JUDGES)])
def test_a_day_of_looks_at_every_job_fits_into_an_executions_history(
    batched: Deployment, stack: str, jobs: int
) -> None:
    machine = batched.one("AWS::StepFunctions::StateMachine", stack)
    found = {name: state for graph in pipelines.graphs(batched) for name, state in graph.states.items()
             if graph.name.startswith(machine.name)}  # fmt: skip
    longer = [state["Seconds"] for name, state in found.items() if name.endswith("WaitLonger")]
    look = sum(EVENTS_A_LOOK[found[name]["Type"]] for name in _look(found))

    assert len(longer) == 2
    assert jobs * look * (FREQUENT_LOOKS + JOB_HOURS * 3600 / min(longer)) < EVENTS / 2


def _look(found: dict[str, Any]) -> list[str]:
    """The states of one look at the first job that there is, from its pause on."""
    pause = next(name for name in found if name.endswith("JobWait"))
    return [pause, found[pause]["Next"], found[found[pause]["Next"]]["Next"]]


def test_a_job_at_work_is_looked_at_again(batched: Deployment) -> None:
    found = states(batched, "Generation")
    choices = [choice["Next"] for choice in found["verifierJobStatus"]["Choices"]]
    assert choices == ["verifierReplies", "verifierJobWaitLonger", "verifierJobWait"]
    assert {found[name]["Next"] for name in choices[1:]} == {"verifierJobDescribe"}


def test_a_judges_failed_job_ends_no_other_judges(batched: Deployment) -> None:
    branches = states(batched, "Evaluation")["JudgeInBatch"]["Branches"]
    assert len(branches) == 2
    assert not [s for branch in branches for s in branch["States"].values() if s["Type"] == "Fail"]


def test_too_few_requests_are_asked_on_demand(batched: Deployment) -> None:
    found = states(batched, "Generation")
    assert found["generatorEnough"]["Default"] == "Ask_verifier"
    assert found["verifierEnough"]["Default"] == "Generate"
