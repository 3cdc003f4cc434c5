"""Resources of Task states: the integration that an ARN names, and the parameters that its API takes."""

import re
from collections.abc import Iterator
from typing import Any

from local.emulator.step_functions.sdk_calls import SdkError, model_of, service_of

Problem = tuple[str, str]
"""A sentence, and the field below the state that it is about."""

_ACRONYM = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z]|\d|$)")
_INTEGRATION = "arn:aws:states:::"
_CALLS_BACK = ("", "waitForTaskToken")
_PATTERNS = (*_CALLS_BACK, "sync", "sync:2")
_OPTIMISED: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "lambda": ("lambda", ("invoke",), _CALLS_BACK),
    "states": ("stepfunctions", ("startExecution",), _PATTERNS),
    "sqs": ("sqs", ("sendMessage",), _CALLS_BACK),
    "sns": ("sns", ("publish",), _CALLS_BACK),
    "events": ("events", ("putEvents",), _CALLS_BACK),
    "dynamodb": ("dynamodb", ("getItem", "putItem", "updateItem", "deleteItem"), ("",)),
    "bedrock": ("bedrock", ("createModelCustomizationJob",), ("", "sync")),
}
"""Integration -> botocore's service, actions, patterns (Step Functions guide, *Integrating optimized services*)."""
# The same service under another API, or with parameters that no API has.
_UNCHECKED = ("bedrock:invokeModel", "http:invoke", "apigateway:invoke")
_FURTHER = (
    *("athena", "batch", "codebuild", "databrew", "ecs", "eks", "elasticmapreduce", "emr-containers"),
    *("emr-serverless", "glue", "mediaconvert", "sagemaker"),
)


def problems(state: dict[str, Any], language: str) -> Iterator[Problem]:
    """Reasons for which AWS refuses a Task's Resource, Arguments or Parameters; only JSONPath takes keys with `.$`."""
    resource = str(state.get("Resource", ""))
    try:
        operation = _operation(resource)
    except LookupError:
        text = (
            "is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."
        )
        yield f"The resource provided {resource} {text}", "/Resource"
        return
    field = "Arguments" if "Arguments" in state else "Parameters"
    if operation is not None and operation.input_shape is not None:
        yield from _unsupported(
            state.get(field), operation.input_shape, f"/{field}", ".$" if language == "JSONPath" else ""
        )


def _operation(resource: str) -> Any:
    """The model of the API call behind a resource; `None` where there is none to check parameters by.

    Raises:
        LookupError: when AWS knows no such resource.
    """
    if not resource.startswith(_INTEGRATION):
        if resource.startswith("arn:aws:lambda:") or ":activity:" in resource:
            return None
        raise LookupError(resource)
    integration, _, pattern = resource.removeprefix(_INTEGRATION).partition(".")
    if pattern not in _PATTERNS:
        raise LookupError(resource)
    if integration.startswith("aws-sdk:"):
        _, service, action = [*integration.split(":", 2), ""][:3]
        if pattern not in _CALLS_BACK:
            raise LookupError(resource)
        return _model(service, action)
    service, _, action = integration.partition(":")
    if integration in _UNCHECKED or service in _FURTHER:
        return None
    name, actions, patterns = _OPTIMISED[service]
    if action not in actions or pattern not in patterns:
        raise LookupError(resource)
    return model_of(name).operation_model(action[0].upper() + action[1:])


def _model(service: str, action: str) -> Any:
    """docs, AWS SDK integrations: the action is always in camel case."""
    if not action[:1].islower():
        raise LookupError(action)
    try:
        model = model_of(service_of(service))
    except SdkError as error:
        raise LookupError(service) from error
    operation = action[0].upper() + action[1:]
    if operation not in model.operation_names:
        raise LookupError(action)
    return model.operation_model(operation)


def _pascal(name: str) -> set[str]:
    """A member in Pascal case: as the API has it, or with acronyms as words, as the SDK for Java has them."""
    given = name[:1].upper() + name[1:]
    return {given, _ACRONYM.sub(lambda letters: letters[0].capitalize(), given)}


def _unsupported(value: Any, shape: Any, path: str, suffix: str) -> Iterator[Problem]:
    """docs, AWS SDK integrations: parameter names are in Pascal case, whatever the API's own."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        members = {form: member for name, member in shape.members.items() for form in _pascal(name)}
        for key, item in value.items():
            name = key.removesuffix(suffix)
            member = members.get(name)
            if member is None:
                yield f'The field "{name}" is not supported by Step Functions', path
            else:
                yield from _unsupported(item, member, f"{path}/{key}", suffix)
    elif kind == "list" and isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unsupported(item, shape.member, f"{path}[{number}]", suffix)
    elif kind == "map" and isinstance(value, dict):
        for key, item in value.items():
            yield from _unsupported(item, shape.value, f"{path}/{key}", suffix)
