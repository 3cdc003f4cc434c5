"""The pipelines: every state is reached, every task waits, retries, catches and may do what it does."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.emulator.step_functions import definitions
from stacks.constructs.base import asl
from stacks.constructs.training.states import FAILURES
from tests.stacks import pipeline_errors, pipelines
from tests.stacks.resolved import Deployment

HOURS = {
    "prod": {"Evaluation": 48, "FineTuning": 52 + 24 + 2 + 24 + 1, "Generation": 24},
    "everything": {"Evaluation": 48 + 2 * 24 + 24, "FineTuning": 52 + 24 + 2 + 24 + 1, "Generation": 24 + 2 * 24},
}
"""What a run may take: its own work and all that it waits for, one after the other."""


def test_the_pipelines_are_sound(deployment: Deployment) -> None:
    assert pipelines.unsound(deployment) == []


def test_every_error_name_exists(deployment: Deployment) -> None:
    assert pipeline_errors.error_names(deployment) - pipeline_errors.known_errors() == set()


def test_every_definition_is_taken_by_the_local_awss_checks(deployment: Deployment) -> None:
    """Fields and parameters included, which Step Functions refuses when a machine is made."""
    for machine in deployment.resources("AWS::StepFunctions::StateMachine"):
        assert definitions.problems(json.dumps(pipelines.definition(machine))) == [], machine.name


def training(deployment: Deployment) -> dict[str, Any]:
    """The states of the training pipeline."""
    states: dict[str, Any] = pipelines.definition(deployment.one("AWS::StepFunctions::StateMachine", "FineTuning"))[
        "States"
    ]
    return states


def test_every_failure_of_training_is_named_cleaned_up_and_told(deployment: Deployment) -> None:
    states = training(deployment)
    noted = {name: [*state.get("Catch", []), state] for name, state in states.items()}
    named = [rule for rules in noted.values() for rule in rules if "failure" in rule.get("Assign", {})]
    names = {rule["Assign"]["failure"]["name"] for rule in named if isinstance(rule["Assign"]["failure"], dict)}
    ways = {
        rule.get("Default") or rule["Next"]
        for name, rules in noted.items()
        for rule in rules
        if rule in named and name not in ("Conclude", "ConcludeFailure")
    }

    assert names == set(FAILURES)
    assert ways == {"ConcludeFailure"}
    assert {r["Next"] for name in ("Conclude", "ConcludeFailure") for r in states[name]["Catch"]} == {"Failed"}
    assert (states["Failed"]["Error"], states["Failed"]["Cause"]) == ("{% $failure.name %}", "{% $failure.cause %}")


def test_training_asks_for_the_end_of_the_job(prod: Deployment) -> None:
    train = training(prod)["Train"]
    assert train["Resource"] == "arn:aws:states:::bedrock:createModelCustomizationJob.sync"
    assert train["TimeoutSeconds"] == 24 * 3600
    assert train["Arguments"]["CustomizationType"] == "FINE_TUNING"
    assert {tag["Key"] for tag in train["Arguments"]["CustomModelTags"]} == {"arbiter:environment", "arbiter:run"}


def test_a_model_goes_into_service_only_behind_the_gate(deployment: Deployment) -> None:
    states = training(deployment)
    ways = {name for name, state in states.items() if "Publish" in pipelines.targets(state)}
    assert ways == {"IsBetter"}
    assert [c["Condition"] for c in states["IsBetter"]["Choices"] if c["Next"] == "Publish"] == [
        "{% $gate.publish = true %}"
    ]


def test_publication_is_tried_again_while_bedrock_does_not_describe_the_host(deployment: Deployment) -> None:
    publication = deployment.one("AWS::Lambda::Function", "Evaluation.PublishGated").properties
    state = training(deployment)["Publish"]
    assert "HostUnknown" in {error for rule in state["Retry"] for error in rule["ErrorEquals"]}
    assert state["TimeoutSeconds"] > publication["Timeout"] >= 60


def test_an_account_whose_functions_are_all_at_work_is_waited_for(deployment: Deployment) -> None:
    batch_seconds = 15 * 60
    for graph in pipelines.graphs(deployment):
        for state in graph.states.values():
            for rule in (rule for rule in state.get("Retry", []) if asl.LAMBDA_BUSY in rule["ErrorEquals"]):
                waits = [rule["IntervalSeconds"] * rule["BackoffRate"] ** n for n in range(rule["MaxAttempts"])]
                # Full jitter: each pause is half of its bound on average.
                waited = sum(min(wait, rule["MaxDelaySeconds"]) for wait in waits) / 2
                assert waited >= 1.5 * batch_seconds, graph.name


def test_the_maps_of_a_run_fit_into_a_new_accounts_functions(deployment: Deployment) -> None:
    widths = [s["MaxConcurrency"] for g in pipelines.graphs(deployment) for s in g.states.values() if "ItemReader" in s]
    assert widths
    assert max(widths) <= 5, "two runs at once take no more than the 10 functions that an account begins with"


@pytest.mark.parametrize(("environment", "seconds"), [("prod", 30), ("local", 1)])
def test_a_deployment_is_polled_for_two_hours(
    synthesise: Callable[[str], Deployment], environment: str, seconds: int
) -> None:
    states = training(synthesise(environment))
    assert states["AwaitDeployment"]["Seconds"] == seconds
    assert f"$polls < {7200 // seconds}" in states["IsDeployed"]["Choices"][1]["Condition"]


def test_machines_are_logged_without_questions_and_traced(deployment: Deployment) -> None:
    for machine in deployment.resources("AWS::StepFunctions::StateMachine"):
        logging = machine.properties["LoggingConfiguration"]
        assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)
        assert machine.properties["TracingConfiguration"] == {"Enabled": True}
        assert machine.properties["StateMachineType"] == "STANDARD"


@pytest.mark.parametrize("environment", HOURS)
def test_a_run_has_the_hours_of_all_that_it_waits_for(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    machines = synthesise(environment).resources("AWS::StepFunctions::StateMachine")
    hours = {machine.stack: pipelines.definition(machine)["TimeoutSeconds"] / 3600 for machine in machines}
    assert hours == HOURS[environment]
