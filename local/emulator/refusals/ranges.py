"""Values that AWS refuses when a resource is made or changed; each check is given the properties."""

import json
import re
from collections.abc import Callable
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.base.internals import inside

Properties = dict[str, Any]
_NUMBERS = {"Timeout": (1, 900), "MemorySize": (128, 10_240)}
"""docs, Lambda quotas."""
_PENDING = (7, 30)
_SMALL_BATCH = 10
_ROLE_CHARACTERS = 10_240
_CHARACTERS = {"CreatePolicy": ("PolicySize", 6_144), "CreatePolicyVersion": ("PolicySize", 6_144)}
_CHARACTERS |= dict.fromkeys(("CreateRole", "UpdateAssumeRolePolicy"), ("ACLSizePerRole", 2_048))
_MOST_ATTACHED = 10
"""IAM guide, *reference_iam-quotas*; white space is not counted."""
_MOST_FILTERS = 5
"""Lambda guide, *invocation-eventfiltering*."""


def check_numbers(properties: Properties) -> None:
    """Refuse time or memory that a function cannot have.

    Raises:
        ServiceError: ValidationException, with AWS's sentence.
    """
    for name, (least, most) in _NUMBERS.items():
        value = int(properties.get(name, least))
        if not least <= value <= most:
            limit = f"greater than or equal to {least}" if value < least else f"less than or equal to {most}"
            member = name[0].lower() + name[1:]
            text = f"Value '{value}' at '{member}' failed to satisfy constraint: Member must have value {limit}"
            raise ServiceError("ValidationException", f"1 validation error detected: {text}")


def check_bucket(properties: Properties) -> None:
    """Refuse two rules of one name and days that are none (S3 API, *LifecycleExpiration*).

    Raises:
        ServiceError: InvalidArgument, with AWS's sentence.
    """
    rules = (properties.get("LifecycleConfiguration") or {}).get("Rules", ())
    ids = [rule["Id"] for rule in rules if "Id" in rule]
    if len(set(ids)) < len(ids):
        raise ServiceError("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
    for rule in rules:
        if "ExpirationInDays" in rule and int(rule["ExpirationInDays"]) < 1:
            raise ServiceError("InvalidArgument", "'Days' for Expiration action must be a positive integer")


def check_mapping(properties: Properties) -> None:
    """Refuse a mapping whose messages would come back while they are worked on, or that waits for no batch.

    Raises:
        ServiceError: InvalidParameterValueException, with AWS's sentences.
    """
    if int(properties.get("BatchSize", _SMALL_BATCH)) > _SMALL_BATCH and not int(
        properties.get("MaximumBatchingWindowInSeconds", 0)
    ):
        text = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        raise ServiceError("InvalidParameterValueException", text)
    filters = (properties.get("FilterCriteria") or {}).get("Filters") or ()
    if len(filters) > _MOST_FILTERS or not all(_is_object(str(one.get("Pattern", "{}"))) for one in filters):
        raise ServiceError("InvalidParameterValueException", "Invalid filter pattern definition.")
    seconds, visible = _seconds_of(properties), _visibility_of(properties)
    if visible is not None and visible < seconds:
        text = f"Queue visibility timeout: {visible} seconds is less than Function timeout: {seconds} seconds"
        raise ServiceError("InvalidParameterValueException", text)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _seconds_of(properties: Properties) -> int:
    name = str(properties.get("FunctionName", "")).rsplit(":function:", 1)[-1].split(":")[0]
    _, config = inside("services.lambda_svc", "_get_func_record_for_qualifier")(name, None)
    return int((config or {}).get("Timeout", 3))


def _visibility_of(properties: Properties) -> int | None:
    queue = inside("services.sqs", "_queue_by_arn")(str(properties.get("EventSourceArn", "")))
    return int(queue["attributes"].get("VisibilityTimeout", 30)) if queue else None


def check_pending(properties: Properties) -> None:
    """Refuse a time to think again that KMS does not give before it deletes a key (KMS API, *ScheduleKeyDeletion*).

    Raises:
        ServiceError: ValidationException.
    """
    days = int(properties.get("PendingWindowInDays", _PENDING[1]))
    if not _PENDING[0] <= days <= _PENDING[1]:
        raise ServiceError("ValidationException", f"PendingWindowInDays is {days}; allowed: 7 to 30")


def check_parameter(properties: Properties) -> None:
    """Refuse a value that is empty or not of its own pattern (SSM API, *PutParameter*).

    Raises:
        ServiceError: ValidationException or ParameterPatternMismatchException, with AWS's sentences.
    """
    value, pattern = str(properties.get("Value", "")), properties.get("AllowedPattern")
    if not value:
        text = "Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1"
        raise ServiceError("ValidationException", f"1 validation error detected: {text}.")
    kind = properties.get("DataType", "text")
    if kind not in ("text", "aws:ec2:image", "aws:ssm:integration"):
        raise ServiceError("ValidationException", f"The following data type is not supported: {kind}")
    if pattern and not re.fullmatch(pattern, value):
        text = f"Parameter value, cannot be validated against allowedPattern: {pattern}"
        raise ServiceError("ParameterPatternMismatchException", text)


def limited(original: Callable[[Properties], Any]) -> Callable[[Properties], Any]:
    """Refuse a role's inline policy that does not fit beside its others (IAM guide, *reference_iam-quotas*)."""

    def put(parameters: Properties) -> Any:
        given = inside("services.iam", "_p")
        name, policy = given(parameters, "RoleName"), given(parameters, "PolicyName")
        role = inside("services.iam", "_roles").get(name) or {}
        documents = {**role.get("InlinePolicies", {}), policy: given(parameters, "PolicyDocument")}
        if sum(len("".join(document.split())) for document in documents.values()) > _ROLE_CHARACTERS:
            text = f"Maximum policy size of {_ROLE_CHARACTERS} bytes exceeded for role {name}"
            return inside("services.iam", "_error")(409, "LimitExceeded", text, ns="iam")
        return original(parameters)

    return put


def check_document(action: str, document: str) -> None:
    """Refuse a managed policy or a trust that is too long.

    Raises:
        ServiceError: LimitExceeded, with AWS's sentence.
    """
    quota, most = _CHARACTERS.get(action, ("", None))
    if most and len("".join(document.split())) > most:
        raise ServiceError("LimitExceeded", f"Cannot exceed quota for {quota}: {most}", 409)


def attached(original: Callable[[Properties], Any]) -> Callable[[Properties], Any]:
    """Refuse a role more managed policies than it may have."""

    def attach(parameters: Properties) -> Any:
        given = inside("services.iam", "_p")
        role = inside("services.iam", "_roles").get(given(parameters, "RoleName")) or {}
        policies = {*role.get("AttachedPolicies", ()), given(parameters, "PolicyArn")}
        if len(policies) > _MOST_ATTACHED:
            text = f"Cannot exceed quota for PoliciesPerRole: {_MOST_ATTACHED}"
            return inside("services.iam", "_error")(409, "LimitExceeded", text, ns="iam")
        return original(parameters)

    return attach
