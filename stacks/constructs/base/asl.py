"""The vocabulary of Arbiter's pipelines: tasks that wait, retry and catch, and failures with a name and a reason."""

from collections.abc import Mapping, Sequence
from typing import Any

State = dict[str, Any]

LAMBDA = "arn:aws:states:::lambda:invoke"

# What may pass by itself. Names as Step Functions reports them: the service's class, then the error of the AWS SDK for
# Java; `<Service>Exception` is what an error outside the service's model (throttling in SSM and S3) is reported as.
LAMBDA_ERRORS = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
LAMBDA_BUSY = "Lambda.TooManyRequestsException"
BUSY_ATTEMPTS = 60
"""A new account runs few functions at once (Lambda guide: reduced quotas; users say 10), and a batch keeps one for
up to 15 minutes: waits of half a minute on average, for half an hour, outlast one."""
BEDROCK_ERRORS = (
    "Bedrock.ThrottlingException",
    "Bedrock.InternalServerException",
    "Bedrock.ServiceUnavailableException",
    "Bedrock.SdkClientException",
)
SSM_ERRORS = ("Ssm.InternalServerErrorException", "Ssm.SsmException", "Ssm.SdkClientException")

# A caught error's own words, else what the state's input says about itself.
CAUSE = "{% $exists($states.input.Cause) ? $states.input.Cause : $string($states.input) %}"


def retry(errors: Sequence[str], *, attempts: int = 5) -> list[State]:
    """Exponential back-off with full jitter; an account whose functions are all at work is waited for."""
    busy = [LAMBDA_BUSY] if LAMBDA_BUSY in errors else []
    others = [error for error in errors if error not in busy]
    return [
        {
            "ErrorEquals": names,
            "IntervalSeconds": 2,
            "BackoffRate": 2,
            "MaxDelaySeconds": 60,
            "MaxAttempts": most,
            "JitterStrategy": "FULL",
        }
        for names, most in ((others, attempts), (busy, BUSY_ATTEMPTS))
        if names
    ]


def never(errors: Sequence[str]) -> list[State]:
    """No retry of these errors, whatever later rules name: `States.TaskFailed` means every error."""
    return [{"ErrorEquals": list(errors), "MaxAttempts": 0}]


def task(
    resource: str,
    arguments: Mapping[str, Any],
    *,
    seconds: int,
    retries: Sequence[str],
    on_error: Mapping[str, str] | str,
    then: str | None,
    **fields: Any,
) -> State:
    """A JSONata task: at most `seconds` long, retried on `retries`, failing into the state(s) `on_error` names."""
    catches = {"States.ALL": on_error} if isinstance(on_error, str) else dict(on_error)
    return {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": resource,
        "Arguments": dict(arguments),
        "TimeoutSeconds": seconds,
        "Retry": retry(retries),
        "Catch": [{"ErrorEquals": [error], "Next": state} for error, state in catches.items()],
        **({"Next": then} if then else {"End": True}),
        **fields,
    }


def failure(name: str, cause: str = CAUSE) -> State:
    """An end that says what failed and why."""
    return {"Type": "Fail", "QueryLanguage": "JSONata", "Error": name, "Cause": cause}


def processor(label: str, start: str, states: Mapping[str, State]) -> State:
    """The work of a distributed map on each item: a machine of its own, whose states are named after the map.

    A name is refused that two states of a whole state machine have, also in different maps (DUPLICATE_STATE_NAME;
    developer guide, *workflow-states*).
    """

    def named(field: str, value: Any) -> Any:
        if isinstance(value, list):
            return [named(field, one) for one in value]
        if isinstance(value, dict) and field in ("", "Catch", "Choices"):
            return {name: named(name, one) for name, one in value.items()}
        return f"{value}Of{label}" if field in ("Next", "Default") else value

    return {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": f"{start}Of{label}",
        "States": {f"{name}Of{label}": named("", state) for name, state in states.items()},
    }
