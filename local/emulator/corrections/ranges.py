"""Values that AWS refuses when a resource is made or changed; each check is given the properties."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.base.internals import inside

Properties = dict[str, Any]
_HOUR, _DAY = 3_600, 86_400
_NUMBERS: dict[str, dict[str, tuple[int, int]]] = {
    # docs, Lambda quotas; botocore, PutFunctionEventInvokeConfig.
    "AWS::Lambda::Function": {"Timeout": (1, 900), "MemorySize": (128, 10_240)},
    "AWS::Lambda::EventInvokeConfig": {"MaximumRetryAttempts": (0, 2), "MaximumEventAgeInSeconds": (60, 21_600)},
}
_RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""botocore, PutRetentionPolicy."""
_OPERATORS = tuple(f"{way}{equal}Threshold" for way in ("GreaterThan", "LessThan") for equal in ("", "OrEqualTo"))
_BANDS = ("LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")
_SMALL_BATCH = 10
_LEAST_RATE = 10
_ROLE_CHARACTERS = 10_240


def check_numbers(kind: str, properties: Properties) -> None:
    """Refuse a number outside of the range of its property.

    Raises:
        ServiceError: ValidationException, with AWS's sentence.
    """
    for name, (least, most) in _NUMBERS[kind].items():
        value = int(properties.get(name, least))
        if not least <= value <= most:
            limit = f"greater than or equal to {least}" if value < least else f"less than or equal to {most}"
            member = name[0].lower() + name[1:]
            text = f"Value '{value}' at '{member}' failed to satisfy constraint: Member must have value {limit}"
            raise ServiceError("ValidationException", f"1 validation error detected: {text}")


def check_alarm(properties: Properties) -> None:
    """Refuse a period, a length or a comparison that CloudWatch does not know (botocore, PutMetricAlarm).

    Raises:
        ServiceError: ValidationError.
    """
    if (operator := properties.get("ComparisonOperator")) not in (*_OPERATORS, *_BANDS):
        raise ServiceError("ValidationError", f"Value '{operator}' at 'comparisonOperator' is none of its enum")
    periods = [int(one["MetricStat"]["Period"]) for one in properties.get("Metrics", ()) if "MetricStat" in one]
    for period in periods or [int(properties.get("Period", 60))]:
        if period not in (10, 20, 30) and (period < 1 or period % 60):
            raise ServiceError("ValidationError", "Period must be 10, 20, 30 or a multiple of 60")
        longest = 7 * _DAY if period >= _HOUR else _DAY
        if period * int(properties.get("EvaluationPeriods", 1)) > longest:
            raise ServiceError("ValidationError", "Metrics cannot be checked across more than a week, or a day")


def check_log_group(properties: Properties) -> None:
    """Refuse a retention that CloudWatch Logs does not offer.

    Raises:
        ServiceError: InvalidParameterException.
    """
    days = properties.get("RetentionInDays")
    if days is not None and int(days) not in _RETENTION:
        raise ServiceError("InvalidParameterException", f"{days} is not a valid retention in days")


def check_rule(properties: Properties) -> None:
    """Refuse a pattern with a value that is neither an object nor an array (EventBridge guide, *event patterns*).

    Raises:
        ServiceError: InvalidEventPatternException, with AWS's sentence.
    """
    for name in _bare(properties.get("EventPattern") or {}):
        text = f'Event pattern is not valid. Reason: "{name}" must be an object or an array'
        raise ServiceError("InvalidEventPatternException", text)


def _bare(pattern: Any) -> Iterator[str]:
    for name, value in pattern.items() if isinstance(pattern, dict) else ():
        if not isinstance(value, dict | list):
            yield name
        yield from _bare(value)


def check_bucket(properties: Properties) -> None:
    """Refuse days that are none (S3 API, *LifecycleExpiration*).

    Raises:
        ServiceError: InvalidArgument, with AWS's sentence.
    """
    rules = (properties.get("LifecycleConfiguration") or {}).get("Rules", ())
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
    seconds, visible = _seconds_of(properties), _visibility_of(properties)
    if visible is not None and visible < seconds:
        text = f"Queue visibility timeout: {visible} seconds is less than Function timeout: {seconds} seconds"
        raise ServiceError("InvalidParameterValueException", text)


def _seconds_of(properties: Properties) -> int:
    name = str(properties.get("FunctionName", "")).rsplit(":function:", 1)[-1].split(":")[0]
    _, config = inside("services.lambda_svc", "_get_func_record_for_qualifier")(name, None)
    return int((config or {}).get("Timeout", 3))


def _visibility_of(properties: Properties) -> int | None:
    found = inside("services.sqs", "_queue_by_arn")(str(properties.get("EventSourceArn", "")))
    return int(found["attributes"].get("VisibilityTimeout", 30)) if found else None


def check_role(properties: Properties) -> None:
    """Refuse a trust that names nobody, or what is no assuming (IAM guide, *reference_policies_elements_principal*).

    Raises:
        ServiceError: MalformedPolicyDocument, with AWS's sentences.
    """
    document = properties.get("AssumeRolePolicyDocument") or {}
    document = json.loads(document) if isinstance(document, str) else document
    statements = document.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        if not {"Principal", "NotPrincipal"} & statement.keys():
            raise ServiceError("MalformedPolicyDocument", "Missing required field Principal")
        actions = statement.get("Action", [])
        if not all(one.startswith("sts:") for one in (actions if isinstance(actions, list) else [actions])):
            text = "AssumeRole policy may only specify STS AssumeRole actions."
            raise ServiceError("MalformedPolicyDocument", text)


def check_acl(properties: Properties) -> None:
    """Refuse a rate below the least that WAF counts (botocore, RateLimit).

    Raises:
        ServiceError: WAFInvalidParameterException.
    """
    for rule in properties.get("Rules", ()):
        rate = rule.get("Statement", {}).get("RateBasedStatement")
        if rate and int(rate.get("Limit", _LEAST_RATE)) < _LEAST_RATE:
            text = f"Error reason: The rate limit is less than {_LEAST_RATE}, field: RATE_BASED_STATEMENT"
            raise ServiceError("WAFInvalidParameterException", text)


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


CHECKS: dict[str, Callable[[Properties], None]] = {
    "AWS::CloudWatch::Alarm": check_alarm,
    "AWS::Events::Rule": check_rule,
    "AWS::IAM::Role": check_role,
    "AWS::Lambda::EventInvokeConfig": lambda given: check_numbers("AWS::Lambda::EventInvokeConfig", given),
    "AWS::Lambda::EventSourceMapping": check_mapping,
    "AWS::Logs::LogGroup": check_log_group,
    "AWS::S3::Bucket": check_bucket,
    "AWS::WAFv2::WebACL": check_acl,
}
"""What CloudFormation's types are held to beside what the emulator checks itself."""
