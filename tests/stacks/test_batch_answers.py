"""Answers are asked in jobs of the models that answer, before anything is answered, where the setting says so."""

import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from app import build
from stacks.constructs.batch.inference import JOB_HOURS
from tests.stacks import pipelines
from tests.stacks.permissions import permissions
from tests.stacks.resolved import Deployment
from tests.stacks.test_batch_inference import EVENTS, EVENTS_A_LOOK

ANSWER = "Evaluation.EngineAnswerRole"
BASE = "us.amazon.nova-2-lite-v1:0"


def states(deployment: Deployment) -> dict[str, Any]:
    machine = deployment.one("AWS::StepFunctions::StateMachine", "Evaluation")
    found: dict[str, Any] = pipelines.definition(machine)["States"]
    return found


def written(deployment: Deployment) -> set[str]:
    own = [p for p in permissions(deployment) if p.role.startswith(ANSWER) and p.action == "s3:PutObject"]
    return {p.resource.split("/", 1)[-1] for p in own}


def test_nothing_of_it_is_deployed_unless_it_is_set(prod: Deployment) -> None:
    assert states(prod)["Plan"]["Next"] == "Answer"
    assert "AskAnswers" not in states(prod)
    assert written(prod) == {"evaluations/*/answers/*"}


def test_a_run_goes_the_way_of_the_jobs_only_when_its_plan_says_so(everything: Deployment) -> None:
    found = states(everything)
    assert found["Plan"]["Next"] == "HasBatchAnswers"
    assert (found["HasBatchAnswers"]["Choices"][0]["Next"], found["HasBatchAnswers"]["Default"]) == (
        "AskAnswers",
        "Answer",
    )
    assert found["AskAnswers"]["Next"] == "AnswerInBatch"
    assert found["AskAnswers"]["ItemSelector"]["defer"] is True
    assert found["AnswerInBatchStatus"]["Default"] == "Answer"
    (branch,) = found["AnswerInBatch"]["Branches"]
    assert branch["States"]["Answer1Job"]["Arguments"]["ModelId"] == BASE
    assert not [state for state in branch["States"].values() if state["Type"] == "Fail"]


def test_who_answers_writes_down_what_jobs_are_asked_and_starts_none(everything: Deployment) -> None:
    assert written(everything) == {"evaluations/*/answers/*", "evaluations/*/batch-inference/*"}
    own = {p.action for p in permissions(everything) if p.role.startswith(ANSWER)}
    assert not [action for action in own if "ModelInvocationJob" in action]


def test_the_gates_runs_never_answer_in_jobs(everything: Deployment) -> None:
    machine = everything.one("AWS::StepFunctions::StateMachine", "FineTuning")
    assert pipelines.definition(machine)["States"]["Evaluate"]["Arguments"]["Input"]["batch_answers"] is False


JUDGES = [f"us.{provider}.judge-v1:0" for provider in ("anthropic", "meta", "mistral", "cohere", "deepseek")]
MODELS = [f"amazon.model-{number}-v1:0" for number in range(10)]


def test_a_day_of_looks_at_the_most_jobs_fits_into_an_executions_history(
    context: dict[str, Any], tmp_path: Path
) -> None:
    asked = {"judges": JUDGES, "models": MODELS, "batch_minimum": 200, "batch_answers": True}
    block = {"account": "123456789012", "evaluation": asked, "poll_seconds": 1}
    app = cdk.App(context={**context, "env": "most", "environments": {"most": block}}, outdir=str(tmp_path))
    build(app)
    app.synth()
    found = states(Deployment.read(tmp_path, "most"))
    branches = [branch["States"] for name in ("AnswerInBatch", "JudgeInBatch") for branch in found[name]["Branches"]]
    looks = [looks_of_a_day(states) for states in branches]
    assert len(looks) == len(JUDGES) + len(MODELS) + 1
    assert sum(looks) * sum(EVENTS_A_LOOK.values()) < EVENTS / 2


def looks_of_a_day(found: dict[str, Any]) -> float:
    """At one job, from its branch: often at first, then seldom."""
    seconds = {name: state["Seconds"] for name, state in found.items() if state["Type"] == "Wait"}
    often, seldom = sorted(seconds.values())
    status = next(state for name, state in found.items() if name.endswith("JobStatus"))
    first = int(re.findall(r"looks >= (\d+)", str(status))[0])
    return first + (JOB_HOURS * 3600 - first * often) / seldom
