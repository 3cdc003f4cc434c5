"""Resources of Task states: the integration that an ARN names, and the parameters that its API takes."""

from collections.abc import Iterator
from typing import Any

from local.emulator.step_functions.sdk_calls import SdkError, model_of, service_of

Problem = tuple[str, str]
"""A sentence, and the field below the state that it is about."""

_INTEGRATION = "arn:aws:states:::"
_PATTERNS = ("", "sync", "sync:2", "waitForTaskToken")
_OPTIMISED: dict[str, tuple[str, tuple[str, ...]]] = {
    "lambda": ("lambda", ("invoke",)),
    "states": ("stepfunctions", ("startExecution",)),
    "sqs": ("sqs", ("sendMessage",)),
    "sns": ("sns", ("publish",)),
    "events": ("events", ("putEvents",)),
    "dynamodb": ("dynamodb", ("getItem", "putItem", "updateItem", "deleteItem")),
    "bedrock": ("bedrock", ("createModelCustomizationJob",)),
}
# The same service under another API, or with parameters that no API has.
_UNCHECKED = ("bedrock:invokeModel", "http:invoke", "apigateway:invoke")
_FURTHER = (
    *("athena", "batch", "codebuild", "databrew", "ecs", "eks", "elasticmapreduce", "emr-containers"),
    *("emr-serverless", "glue", "mediaconvert", "sagemaker"),
)


def problems(state: dict[str, Any]) -> Iterator[Problem]:
    """Reasons for which AWS refuses a Task's Resource, Arguments or Parameters."""
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
        yield from _unsupported(state.get(field), operation.input_shape, f"/{field}")


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
        _, service, action = integration.split(":", 2)
        if pattern.startswith("sync"):
            raise LookupError(resource)
        return _model(service, action)
    service, _, action = integration.partition(":")
    if integration in _UNCHECKED or service in _FURTHER:
        return None
    name, actions = _OPTIMISED[service]
    if action not in actions:
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


def _unsupported(value: Any, shape: Any, path: str) -> Iterator[Problem]:
    """docs, AWS SDK integrations: parameter names are in Pascal case, whatever the API's own."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        members = {name.lower(): member for name, member in shape.members.items()}
        for key, item in value.items():
            name = key.removesuffix(".$")
            member = members.get(name.lower())
            if member is None or not name[0].isupper():
                yield f'The field "{name}" is not supported by Step Functions', path
            else:
                yield from _unsupported(item, member, f"{path}/{key}")
    elif kind == "list" and isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unsupported(item, shape.member, f"{path}[{number}]")
    elif kind == "map" and isinstance(value, dict):
        for key, item in value.items():
            yield from _unsupported(item, shape.value, f"{path}/{key}")
