"""Members of a resource that must agree with one another, where the models of the APIs look at each alone."""

import re
from typing import Any
from zoneinfo import ZoneInfo

from local.emulator.base.http import ServiceError

Properties = dict[str, Any]
_INVALID = "ValidationException"
_FIELD = r"[0-9A-Za-z*,/#-]+"
_RECURRING = re.compile(
    rf"rate\((1 (minute|hour|day)|(?!1 )[1-9]\d* (minute|hour|day)s)\)"
    rf"|cron\({_FIELD} {_FIELD} (\? {_FIELD} {_FIELD}|{_FIELD} {_FIELD} \?) {_FIELD}\)"
)
_RESERVED = {
    *("_HANDLER", "_X_AMZN_TRACE_ID", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    *(f"AWS_{name}" for name in ("REGION", "DEFAULT_REGION", "EXECUTION_ENV")),
    *(f"AWS_{name}" for name in ("ACCESS_KEY", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")),
    *(f"AWS_LAMBDA_{name}" for name in ("FUNCTION_NAME", "FUNCTION_MEMORY_SIZE", "FUNCTION_VERSION", "RUNTIME_API")),
    *(f"AWS_LAMBDA_{name}" for name in ("INITIALIZATION_TYPE", "LOG_GROUP_NAME", "LOG_STREAM_NAME")),
}
"""docs, Lambda: *configuration-envvars*, reserved environment variables that cannot be set."""
_HIGHEST_THRESHOLD = 0.99
"""docs, Bedrock: *guardrails-contextual-grounding-check*."""
_MOST_TARGETS = 5
"""EventBridge quotas: targets of a rule."""


def check_rule(properties: Properties) -> None:
    """Refuse a rule of no time and no pattern, and targets that are too many or lack their role (EventBridge guide).

    Raises:
        ServiceError: ValidationException, with AWS's sentences.
    """
    expression = properties.get("ScheduleExpression")
    if not expression and not properties.get("EventPattern"):
        raise ServiceError(_INVALID, "Parameter(s) EventPattern or ScheduleExpression must be specified.")
    if expression and not _RECURRING.fullmatch(expression):
        raise ServiceError(_INVALID, "Parameter ScheduleExpression is not valid.")
    targets = properties.get("Targets") or ()
    if len(targets) > _MOST_TARGETS:
        raise ServiceError("LimitExceededException", f"The requested resource exceeds the maximum of {_MOST_TARGETS}.")
    for target in targets:
        arn = str(target.get("Arn", ""))
        if arn.split(":")[2:3] == ["states"] and not target.get("RoleArn"):
            raise ServiceError(_INVALID, f"RoleArn is required for target {arn}.")
        if len({"Input", "InputPath", "InputTransformer"} & target.keys()) > 1:
            raise ServiceError(
                _INVALID, f"Only one of Input, InputPath, or InputTransformer for target {target['Id']}."
            )


def check_schedule(properties: Properties) -> None:
    """Refuse a zone that is none and a window without its length (Scheduler API, *CreateSchedule*).

    Raises:
        ServiceError: ValidationException.
    """
    zone, window = properties.get("ScheduleExpressionTimezone", "UTC"), properties.get("FlexibleTimeWindow") or {}
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        raise ServiceError(_INVALID, f"Invalid Schedule Expression Timezone {zone}.") from None
    if (window.get("Mode") == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
        raise ServiceError(
            _INVALID, "MaximumWindowInMinutes is given when FlexibleTimeWindow is FLEXIBLE, and only then."
        )


def check_table(properties: Properties) -> None:
    """Refuse keys that are not defined, definitions that are no key, and capacity that is not told (DynamoDB API).

    Raises:
        ServiceError: ValidationException, with AWS's sentences.
    """
    keys = properties.get("KeySchema") or []
    if [key["KeyType"] for key in keys] not in (["HASH"], ["HASH", "RANGE"]):
        raise ServiceError(_INVALID, "Invalid KeySchema: The first KeySchemaElement is a HASH, a second one a RANGE")
    indexes = [*(properties.get("GlobalSecondaryIndexes") or ()), *(properties.get("LocalSecondaryIndexes") or ())]
    used = {key["AttributeName"] for one in (properties, *indexes) for key in one["KeySchema"]}
    if used != {one["AttributeName"] for one in properties.get("AttributeDefinitions") or ()}:
        text = "One or more parameter values were invalid: Some index key attributes are not defined or not used"
        raise ServiceError(_INVALID, f"{text}. Keys: {sorted(used)}")
    if (properties.get("BillingMode") or "PROVISIONED") == "PROVISIONED" and not properties.get(
        "ProvisionedThroughput"
    ):
        text = "No provisioned throughput specified for the table"
        raise ServiceError(_INVALID, f"One or more parameter values were invalid: {text}")


def check_guardrail(properties: Properties) -> None:
    """Refuse a guardrail that guards against nothing, or in a way that is not offered (Bedrock API and user guide).

    Raises:
        ServiceError: ValidationException.
    """
    if not any(name.endswith("PolicyConfig") and value for name, value in properties.items()):
        raise ServiceError(_INVALID, "At least one policy must be configured for the guardrail")
    for one in (properties.get("ContentPolicyConfig") or {}).get("FiltersConfig", ()):
        if one.get("Type") == "PROMPT_ATTACK" and one.get("OutputStrength") != "NONE":
            raise ServiceError(_INVALID, "The output strength of a PROMPT_ATTACK filter must be NONE")
    for one in (properties.get("ContextualGroundingPolicyConfig") or {}).get("FiltersConfig", ()):
        if float(one.get("Threshold", 0)) > _HIGHEST_THRESHOLD:
            raise ServiceError(_INVALID, "The threshold of a contextual grounding filter is at most 0.99")
    for one in (properties.get("SensitiveInformationPolicyConfig") or {}).get("RegexesConfig", ()):
        try:
            re.compile(one.get("Pattern", ""))
        except re.error as error:
            raise ServiceError(
                _INVALID, f"The regular expression of {one.get('Name')} is not valid: {error}"
            ) from error


def check_acl(properties: Properties) -> None:
    """Refuse rules of one priority and other than one default (WAF API, *CreateWebACL*).

    Raises:
        ServiceError: WAFInvalidParameterException.
    """
    priorities = [int(rule.get("Priority", 0)) for rule in properties.get("Rules") or ()]
    if len(set(priorities)) < len(priorities):
        text = "Error reason: You have used duplicate priorities, field: RULE"
        raise ServiceError("WAFInvalidParameterException", text)
    if len(properties.get("DefaultAction") or {}) != 1:
        text = "Error reason: You have used none or multiple values, field: DEFAULT_ACTION"
        raise ServiceError("WAFInvalidParameterException", text)


def check_environment(properties: Properties) -> None:
    """Refuse variables that Lambda sets itself.

    Raises:
        ServiceError: InvalidParameterValueException, with AWS's sentence.
    """
    reserved = sorted(((properties.get("Environment") or {}).get("Variables") or {}).keys() & _RESERVED)
    if reserved:
        text = "Lambda was unable to configure your environment variables because the environment variables you have"
        text += " provided contains reserved keys that are currently not supported for modification. Reserved keys"
        raise ServiceError("InvalidParameterValueException", f"{text} used in this request: {', '.join(reserved)}")
