"""Step Functions under the state machine's own role: what its tasks call is what that role may call."""

import contextvars
import json
import time
from collections.abc import Callable
from typing import Any

from local.emulator import distributed_map
from local.emulator.http import ServiceError
from local.emulator.identity import RoleSession, allows, assume, client, require
from local.emulator.internals import inside, replace, scope
from local.emulator.sdk_calls import SdkError, call, prefix_of, service_of

SERVICE = "states.amazonaws.com"
LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
TRACING = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)
_POLL_SECONDS = 0.25
_OPTIMISED = "arn:aws:states:::"
# Optimised integrations that are one API call under the same name.
_SERVICES = {"sqs": "sqs", "sns": "sns", "dynamodb": "dynamodb", "events": "events", "bedrock": "bedrock"}

_running: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("running", default=None)
_execution: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("execution", default=None)
_traced: set[str] = set()


def install() -> None:
    """Put the state machine's role behind every task."""
    replace("services.stepfunctions", "_run_execution", _under_its_role)
    replace("services.stepfunctions", "_invoke_resource", _checked)
    replace("services.stepfunctions", "_call_lambda", _with_throttling_named)
    distributed_map.install(state_machine_role)


def trace(state_machine_arn: str, *, active: bool) -> None:
    """Remember whether a state machine's executions are traced."""
    (_traced.add if active else _traced.discard)(state_machine_arn)


def check_logging(role_arn: str, state_machine_arn: str, configuration: dict[str, Any] | None) -> None:
    """Refuse a state machine that logs without the permission to deliver logs, as CreateStateMachine does.

    Raises:
        ValueError: AWS's sentence, and the permission that is missing.
    """
    if not configuration or configuration.get("Level", "OFF") == "OFF":
        return
    role = assume(role_arn, SERVICE, "logging", state_machine_arn)
    for action in LOG_DELIVERY:
        try:
            require(role, action, "*")
        except ServiceError as error:
            raise ValueError(
                f"The state machine IAM Role is not authorized to access the Log Destination: {error.message}"
            ) from error


def state_machine_role() -> RoleSession:
    """A session of the role of the state machine that runs on this thread."""
    machine = _running.get()
    if machine is None:
        raise RuntimeError("no state machine runs here")
    return assume(machine["roleArn"], SERVICE, "execution", machine["stateMachineArn"])


def _under_its_role(original: Callable[[str], None]) -> Callable[[str], None]:
    def run(execution_arn: str) -> None:
        execution = inside("services.stepfunctions", "_executions").get(execution_arn) or {}
        machine = inside("services.stepfunctions", "_state_machines").get(execution.get("stateMachineArn"))
        token, execution_token = _running.set(machine), _execution.set(execution)
        try:
            if machine and machine["stateMachineArn"] in _traced:
                role = state_machine_role()
                for action in TRACING:
                    allows(role, action, "*")
            original(execution_arn)
        finally:
            _running.reset(token)
            _execution.reset(execution_token)

    return run


def _checked(original: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def invoke(resource: str, arguments: Any) -> Any:
        try:
            return _invoke(original, resource, arguments)
        except SdkError as error:
            raise inside("services.stepfunctions", "_ExecutionError")(error.name, error.cause) from error

    return invoke


def _invoke(original: Callable[[str, Any], Any], resource: str, arguments: Any) -> Any:
    if not resource.startswith(_OPTIMISED):
        if ":function:" in resource:
            _require("Lambda", "lambda:InvokeFunction", resource)
        return original(resource, arguments)
    service, _, action = resource.removeprefix(_OPTIMISED).removeprefix("aws-sdk:").partition(":")
    action, _, pattern = action.partition(".")
    if "aws-sdk:" in resource and not pattern:
        return _call(service_of(service), action, arguments)
    if service in ("lambda", "states") and pattern != "waitForTaskToken":
        _require(*_needed(service, arguments))
        return original(resource, arguments)
    if action == "createModelCustomizationJob":
        return _customize(arguments, wait=pattern == "sync")
    if service in _SERVICES and not pattern:
        return _call(_SERVICES[service], action, arguments)
    raise SdkError("States.Runtime", f"{resource} is not emulated")


def _needed(service: str, arguments: Any) -> tuple[str, str, str]:
    """Error prefix, action and resource of an optimised integration."""
    if service == "lambda":
        return "Lambda", "lambda:InvokeFunction", _function_arn(arguments["FunctionName"])
    return "StepFunctions", "states:StartExecution", arguments["StateMachineArn"]


def _call(service: str, action: str, arguments: Any) -> Any:
    return call(client(service, state_machine_role()), service, action, arguments)


def _require(prefix: str, action: str, resource: str) -> None:
    try:
        require(state_machine_role(), action, resource)
    except ServiceError as error:
        raise SdkError(f"{prefix}.{error.code}", error.message) from error


def _customize(arguments: Any, *, wait: bool) -> Any:
    """`bedrock:createModelCustomizationJob`, followed to the job's end with `.sync`."""
    created = _call("bedrock", "createModelCustomizationJob", arguments)
    if not wait:
        return created
    arn = created["JobArn"]
    # Needed when the execution is stopped: AWS documents it for .sync, and it must not be found missing then.
    _require("Bedrock", "bedrock:StopModelCustomizationJob", arn)
    while True:
        job = _call("bedrock", "getModelCustomizationJob", {"JobIdentifier": arn})
        if job["Status"] not in ("InProgress", "Stopping"):
            break
        if job["Status"] == "InProgress" and (_execution.get() or {}).get("status") == "ABORTED":
            _call("bedrock", "stopModelCustomizationJob", {"JobIdentifier": arn})
        time.sleep(_POLL_SECONDS)
    if job["Status"] != "Completed":
        raise SdkError("States.TaskFailed", json.dumps(job, default=str))
    return job


def _with_throttling_named(original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    failure = inside("services.stepfunctions", "_ExecutionError")

    def invoke(function: Any, event: Any) -> Any:
        try:
            return original(function, event)
        except failure as error:
            if error.error in ("TooManyRequestsException", "Lambda.Unknown") and "Rate Exceeded" in str(error.cause):
                raise failure(f"{prefix_of('lambda')}.TooManyRequestsException", error.cause) from error
            raise

    return invoke


def _function_arn(name: str) -> str:
    if name.startswith("arn:"):
        return name
    account, region = scope()
    return f"arn:aws:lambda:{region}:{account}:function:{name}"
