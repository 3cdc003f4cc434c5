"""Members of Lambda functions that the model of the API looks at each alone, or not at all."""

from typing import Any

from local.emulator.base.http import ServiceError

Properties = dict[str, Any]
_MOST_RESERVED = 900
"""docs, Lambda quotas: of 1,000 concurrent executions of an account 100 stay unreserved."""
_RESERVED = {
    *("_HANDLER", "_X_AMZN_TRACE_ID", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    *(f"AWS_{name}" for name in ("REGION", "DEFAULT_REGION", "EXECUTION_ENV")),
    *(f"AWS_{name}" for name in ("ACCESS_KEY", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")),
    *(f"AWS_LAMBDA_{name}" for name in ("FUNCTION_NAME", "FUNCTION_MEMORY_SIZE", "FUNCTION_VERSION", "RUNTIME_API")),
    *(f"AWS_LAMBDA_{name}" for name in ("INITIALIZATION_TYPE", "LOG_GROUP_NAME", "LOG_STREAM_NAME")),
}
"""docs, Lambda: *configuration-envvars*, reserved environment variables that cannot be set."""


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


def check_concurrency(properties: Properties) -> None:
    """Refuse to reserve what the account has not (Lambda API, *PutFunctionConcurrency*).

    Raises:
        ServiceError: InvalidParameterValueException, with AWS's sentence.
    """
    if int(properties.get("ReservedConcurrentExecutions") or 0) > _MOST_RESERVED:
        text = "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution"
        raise ServiceError("InvalidParameterValueException", f"{text} below its minimum value of [100].")


def check_weights(properties: Properties) -> None:
    """Refuse shares of an alias that are none (Lambda API, *AliasRoutingConfiguration*).

    Raises:
        ServiceError: InvalidParameterValueException.
    """
    shares = (properties.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or ()
    weights = shares.values() if isinstance(shares, dict) else [share["FunctionWeight"] for share in shares]
    if not all(0 <= float(weight) <= 1 for weight in weights):
        raise ServiceError("InvalidParameterValueException", "FunctionWeight must be a value between 0 and 1")
