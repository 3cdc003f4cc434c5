"""The vocabulary of the training pipeline: every state that can fail says so by name, and ends where is cleaned up."""

from collections.abc import Mapping, Sequence
from typing import Any

from stacks.constructs.base.asl import State, task

CONCLUDE_FAILURE = "ConcludeFailure"
FAILURES = (
    "TrainingDataRejected",
    "HyperparametersRejected",
    "TrainingTooExpensive",
    "ModelsNotAccessible",
    "PreparationFailed",
    "QuotaExceeded",
    "TrainingJobFailed",
    "PlacementFailed",
    "DeploymentFailed",
    "NominationFailed",
    "EvaluationFailed",
    "GateFailed",
    "PublicationFailed",
    "ConclusionFailed",
)
"""Every name under which an execution of the pipeline fails."""

QUOTA = {"Bedrock.ServiceQuotaExceededException": "QuotaExceeded"}
CAUGHT = "{% $states.errorOutput.Cause ? $states.errorOutput.Cause : $states.errorOutput.Error %}"
SDK = "arn:aws:states:::aws-sdk:bedrock:"


def failing(name: str, cause: str) -> dict[str, Any]:
    """The variable that an `Assign` sets on a failure."""
    return {"failure": {"name": name, "cause": cause}}


def catch(error: str, name: str, then: str = CONCLUDE_FAILURE) -> State:
    """Note an error under a name, and go where the run is cleaned up."""
    return {"ErrorEquals": [error], "Assign": failing(name, CAUGHT), "Next": then}


def step(
    resource: str,
    arguments: Mapping[str, Any],
    *,
    seconds: int,
    retries: Sequence[str],
    fails_as: str,
    named: Mapping[str, str] | None = None,
    then: str | None,
    on_failure: str = CONCLUDE_FAILURE,
    **fields: Any,
) -> State:
    """A task whose failure is called `fails_as`, or what `named` says of its error."""
    state = task(resource, arguments, seconds=seconds, retries=retries, on_error=on_failure, then=then, **fields)
    names = {**(named or {}), "States.ALL": fails_as}
    state["Catch"] = [catch(error, name, on_failure) for error, name in names.items()]
    return state


def waiting_for_another_run(state: State) -> State:
    """Ask again, ever less often, until no other run uses what this one needs; more than two days in all."""
    turn = {
        "ErrorEquals": ["ClaimedByAnotherRun"],
        "IntervalSeconds": 2,
        "BackoffRate": 1.5,
        # An execution's history holds 25,000 events, and an attempt is five of them.
        "MaxDelaySeconds": 600,
        "MaxAttempts": 330,
    }
    return {**state, "Retry": [turn, *state["Retry"]]}


def choice(options: Mapping[str, str], *, fails_as: str, cause: str) -> State:
    """Where to go on which condition; none of them is a failure."""
    return {
        "Type": "Choice",
        "Choices": [{"Condition": condition, "Next": state} for condition, state in options.items()],
        "Default": CONCLUDE_FAILURE,
        "Assign": failing(fails_as, cause),
    }


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def customization(teacher_model: str | None) -> dict[str, Any]:
    """Customization arguments of a job: to learn the answers of the training file, or those of a teacher."""
    if teacher_model is None:
        return {"CustomizationType": "FINE_TUNING", "HyperParameters": "{% $job.hyperparameters %}"}
    teacher = {"TeacherModelConfig": {"TeacherModelIdentifier": teacher_model}}
    # Bedrock chooses a distillation's hyperparameters.
    return {"CustomizationType": "DISTILLATION", "CustomizationConfig": {"DistillationConfig": teacher}}
