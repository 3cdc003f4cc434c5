"""The names of errors in the state machines of a deployment, and those that exist."""

import importlib

import botocore.session

from tests.stacks.pipelines import graphs
from tests.stacks.resolved import Deployment

LAMBDA_ERRORS = {
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
}
STATES_ERRORS = {"States.ALL", "States.ItemReaderFailed", "States.Timeout", "States.TaskFailed"}
RAISING = (
    "errors",
    "store",
    "tuned_models.training.preparation",
    "tuned_models.training.concluder",
    "tuned_models.training.placer",
    "tuned_models.training.claims",
    "tuned_models.hosting.readiness",
    "tuned_models.publisher",
    "evaluation.summary.gate",
    "evaluation.run.order",
    "generation.order",
    "generation.generator",
)
"""Modules whose errors leave a handler as they are."""


def error_names(deployment: Deployment) -> set[str]:
    """Every error that a retry or a catch names."""
    return {
        error
        for graph in graphs(deployment)
        for state in graph.states.values()
        for rule in (*state.get("Retry", []), *state.get("Catch", []))
        for error in rule["ErrorEquals"]
    }


def known_errors() -> set[str]:
    """Errors that exist: of Step Functions, of Lambda, of the AWS SDK for Java, and of our own functions."""
    known = LAMBDA_ERRORS | STATES_ERRORS
    session = botocore.session.get_session()
    for service in ("bedrock", "ssm", "s3"):
        title = service.capitalize()
        shapes = session.get_service_model(service).error_shapes
        known |= {f"{title}.{_java(shape.name)}" for shape in shapes}
        known |= {f"{title}.{title}Exception", f"{title}.SdkClientException"}
    states = session.get_service_model("stepfunctions").error_shapes
    known |= {f"StepFunctions.{_java(shape.name)}" for shape in states}
    known |= {"StepFunctions.SfnException", "StepFunctions.SdkClientException"}
    modules = [importlib.import_module(f"arbiter.{name}") for name in RAISING]
    return known | {name for module in modules for name, value in vars(module).items() if _is_error(value)}


def _java(shape: str) -> str:
    """The class that the AWS SDK for Java gives an error shape."""
    return shape if shape.endswith("Exception") else f"{shape.removesuffix('Fault')}Exception"


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Exception)
