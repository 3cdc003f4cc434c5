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
_HIGHEST_THRESHOLD = 0.99
"""docs, Bedrock: *guardrails-contextual-grounding-check*."""
_LONGEST_DISPLAY_NAME = 100
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
        if not arn.startswith("arn:"):
            raise ServiceError(_INVALID, f"Parameter {arn} is not valid: Provided Arn is not in correct form.")
        if arn.split(":")[2:3] == ["states"] and not target.get("RoleArn"):
            raise ServiceError(_INVALID, f"RoleArn is required for target {arn}.")
        if len({"Input", "InputPath", "InputTransformer"} & target.keys()) > 1:
            raise ServiceError(
                _INVALID, f"Only one of Input, InputPath, or InputTransformer for target {target['Id']}."
            )


def check_schedule(properties: Properties) -> None:
    """Refuse a zone that is none, and an end before the beginning (Scheduler API, *CreateSchedule*).

    Raises:
        ServiceError: ValidationException.
    """
    zone = properties.get("ScheduleExpressionTimezone", "UTC")
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        raise ServiceError(_INVALID, f"Invalid Schedule Expression Timezone {zone}.") from None
    if "StartDate" in properties and str(properties.get("EndDate", "9999")) <= str(properties["StartDate"]):
        raise ServiceError(_INVALID, "The EndDate you specify must come after the StartDate.")


def check_table(properties: Properties) -> None:
    """Refuse keys that are not defined, definitions that are no key, and capacity on demand (DynamoDB API).

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
    if properties.get("BillingMode") == "PAY_PER_REQUEST" and properties.get("ProvisionedThroughput"):
        text = "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
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
    """Refuse other than one default (WAF API, *CreateWebACL*).

    Raises:
        ServiceError: WAFInvalidParameterException.
    """
    if len(properties.get("DefaultAction") or {}) != 1:
        text = "Error reason: You have used none or multiple values, field: DEFAULT_ACTION"
        raise ServiceError("WAFInvalidParameterException", text)


def check_key(properties: Properties) -> None:
    """Refuse a use that a key of its kind has not (KMS API, *CreateKey*).

    Raises:
        ServiceError: ValidationException, with AWS's sentence.
    """
    usage, spec = properties.get("KeyUsage", "ENCRYPT_DECRYPT"), properties.get("KeySpec", "SYMMETRIC_DEFAULT")
    if (spec == "SYMMETRIC_DEFAULT") != (usage == "ENCRYPT_DECRYPT") and not spec.startswith("RSA"):
        raise ServiceError(_INVALID, f"KeyUsage {usage} is not compatible with KeySpec {spec}")


def check_topic(properties: Properties) -> None:
    """Refuse a first-in-first-out topic of another name, and too long a display name (SNS API, *CreateTopic*).

    Raises:
        ServiceError: InvalidParameter, with AWS's sentences.
    """
    fifo = str(properties.get("FifoTopic", False)).lower() == "true"
    if "TopicName" in properties and str(properties["TopicName"]).endswith(".fifo") != fifo:
        raise ServiceError("InvalidParameter", "Invalid parameter: Fifo Topic names must end with .fifo, and no others")
    if len(str(properties.get("DisplayName", ""))) > _LONGEST_DISPLAY_NAME:
        raise ServiceError("InvalidParameter", "Invalid parameter: DisplayName")
