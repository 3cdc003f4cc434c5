"""AWS SDK calls as Step Functions makes them: checked by the API's own model, errors named as a Catch sees them."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local import sessions

_IRREGULAR = {"sfn": "stepfunctions", "cloudwatchlogs": "logs", "eventbridge": "events", "costexplorer": "ce"}
_session = sessions.core()


class SdkError(Exception):
    """A failed call: the error name that a Catch sees, and its cause."""

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(f"{name}: {cause}")
        self.name = name
        self.cause = cause


def service_of(name: str) -> str:
    """The boto3 service behind a name in a task's ARN: `bedrockagentruntime` is `bedrock-agent-runtime`."""
    lowered = name.lower()
    known = _IRREGULAR.get(lowered) or _services().get(lowered)
    if known is None:
        raise SdkError("States.Runtime", f"Step Functions knows no SDK service {name}")
    return known


def model_of(service: str) -> Any:
    """The API of a boto3 service."""
    return _session.get_service_model(service)


def call(sdk: Any, service: str, action: str, arguments: dict[str, Any]) -> Any:
    """Make one call with a boto3 client; the result has the member names that Step Functions gives.

    Raises:
        SdkError: named as a state machine sees it.
    """
    operation = action[0].upper() + action[1:]
    method = next((name for name, op in sdk.meta.method_to_api_mapping.items() if op == operation), None)
    if method is None:
        raise SdkError("States.Runtime", f"{service} has no operation {operation}")
    shape = sdk.meta.service_model.operation_model(operation).input_shape
    try:
        parameters = shaped(arguments or {}, shape, operation) if shape else {}
        return _result(getattr(sdk, method)(**parameters))
    except ClientError as error:
        raise SdkError(
            error_name(service, error.response["Error"]["Code"]), error.response["Error"]["Message"]
        ) from error
    except BotoCoreError as error:
        raise SdkError(f"{prefix_of(service)}.SdkClientException", str(error)) from error
    except ValueError as error:
        raise SdkError("States.Runtime", str(error)) from error


def shaped(value: Any, shape: Any, where: str) -> Any:
    """A value with the API's own member names and types.

    Raises:
        ValueError: naming a member that the API does not have.
    """
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
        return _structure(value, shape, where)
    if shape.type_name == "list":
        return [shaped(item, shape.member, f"{where}[{position}]") for position, item in enumerate(value)]
    if shape.type_name == "map":
        return {key: shaped(item, shape.value, f"{where}.{key}") for key, item in value.items()}
    convert = _SCALARS.get(shape.type_name)
    return convert(value) if convert else value


def _structure(value: dict[str, Any], shape: Any, where: str) -> dict[str, Any]:
    members = {name.lower(): name for name in shape.members}
    unknown = sorted(key for key in value if key.lower() not in members)
    if unknown:
        raise ValueError(f"{where}: extraneous key [{', '.join(unknown)}] is not permitted in {shape.name}")
    named = {members[key.lower()]: member for key, member in value.items()}
    return {key: shaped(member, shape.members[key], f"{where}.{key}") for key, member in named.items()}


def error_name(service: str, code: str) -> str:
    """An error as a Catch names it, `Ssm.ParameterNotFoundException`; one not modelled bears its service's name."""
    prefix = prefix_of(service)
    modeled = {shape.name: shape for shape in model_of(service).error_shapes}
    codes = {(shape.metadata.get("error") or {}).get("code", name): name for name, shape in modeled.items()}
    name = codes.get(code) or (code if code in modeled else None)
    if name is None:
        return f"{prefix}.{prefix}Exception"
    return f"{prefix}.{name if name.endswith('Exception') else name + 'Exception'}"


def prefix_of(service: str) -> str:
    """A service's name in error names: `Bedrock`, `Ssm`, `S3`, `DynamoDb`."""
    words = re.findall(r"[A-Za-z0-9]+", str(model_of(service).service_id))
    cased = [word.capitalize() if word.isupper() and len(word) > 2 else word for word in words]
    return "".join(cased).replace("DynamoDB", "DynamoDb")


@cache
def _services() -> dict[str, str]:
    """Names as in the AWS SDK for Java, which Step Functions follows; where boto3's differ, only those count."""
    names = set(_session.get_available_services()) - set(_IRREGULAR.values())
    return {name.replace("-", ""): name for name in names}


def _result(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: _result(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [_result(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "read"):
        return value.read().decode("utf-8", "replace")
    return value


def _text(value: Any) -> str:
    """Step Functions sends an object as its JSON."""
    return value if isinstance(value, str) else json.dumps(value)


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "string": str,
    "boolean": lambda value: value if isinstance(value, bool) else str(value).lower() == "true",
    "blob": lambda value: value if isinstance(value, bytes) else _text(value).encode(),
}
