"""The pipelines: every state is reached, every task waits, retries, catches and may do what it does."""

from collections.abc import Callable

import pytest

from stacks.constructs.training_pipeline import FAILURES
from tests.stacks import pipelines
from tests.stacks.resolved import Deployment


def test_the_pipelines_are_sound(deployment: Deployment) -> None:
    assert pipelines.unsound(deployment) == []


def test_every_error_name_exists(deployment: Deployment) -> None:
    assert pipelines.error_names(deployment) - pipelines.known_errors() == set()


def test_every_named_failure_of_training_is_an_end(prod: Deployment) -> None:
    machine = prod.one("AWS::StepFunctions::StateMachine", "FineTuning")
    states = pipelines.definition(machine)["States"]
    ends = {name for name, state in states.items() if state["Type"] == "Fail"}
    assert ends == set(FAILURES) == {states[name]["Error"] for name in ends}


def test_training_asks_for_the_end_of_the_job(prod: Deployment) -> None:
    (train,) = (s for _, name, s in pipelines.tasks(prod) if name == "Train")
    assert train["Resource"] == "arn:aws:states:::bedrock:createModelCustomizationJob.sync"
    assert train["Arguments"]["CustomizationType"] == "FINE_TUNING"


@pytest.mark.parametrize(("environment", "seconds"), [("prod", 30), ("local", 1)])
def test_a_deployment_is_polled_for_two_hours(
    synthesise: Callable[[str], Deployment], environment: str, seconds: int
) -> None:
    machine = synthesise(environment).one("AWS::StepFunctions::StateMachine", "FineTuning")
    states = pipelines.definition(machine)["States"]
    assert states["AwaitDeployment"]["Seconds"] == seconds
    assert f"$polls < {7200 // seconds}" in states["IsDeployed"]["Choices"][1]["Condition"]


def test_machines_are_logged_without_questions_and_traced(deployment: Deployment) -> None:
    for machine in deployment.resources("AWS::StepFunctions::StateMachine"):
        logging = machine.properties["LoggingConfiguration"]
        assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)
        assert machine.properties["TracingConfiguration"] == {"Enabled": True}
        assert machine.properties["StateMachineType"] == "STANDARD"
