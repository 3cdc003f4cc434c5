"""Step Functions under the state machine's own role: what its tasks call is what that role may call."""

import json
import time
from collections.abc import Callable
from typing import Any

from local.emulator.base import faults
from local.emulator.base.http import ServiceError
from local.emulator.base.identity import client, require
from local.emulator.base.internals import inside, replace, scope
from local.emulator.step_functions import creation, distributed_map, executions, limits, nested_executions, parallel
from local.emulator.step_functions.sdk_calls import SdkError, call, prefix_of, service_of

_POLL_SECONDS = 0.25
_OPTIMISED = "arn:aws:states:::"
# Optimised integrations that are one API call under the same name.
_SERVICES = {"sqs": "sqs", "sns": "sns", "dynamodb": "dynamodb", "events": "events", "bedrock": "bedrock"}


def install() -> None:
    """Check what is created, and put the state machine's role behind every task."""
    creation.install()
    executions.install()
    limits.install()
    replace("services.stepfunctions", "_invoke_resource", _checked)
    replace("services.stepfunctions", "_call_lambda", _with_throttling_named)
    distributed_map.install()
    parallel.install()


def _checked(original: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def invoke(resource: str, arguments: Any) -> Any:
        executions.go_on()
        try:
            result = _invoke(original, resource, arguments)
        except SdkError as error:
            raise inside("services.stepfunctions", "_ExecutionError")(error.name, error.cause) from error
        limits.check_size(result)
        return result

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
    if service == "lambda" and pattern != "waitForTaskToken":
        _require("Lambda", "lambda:InvokeFunction", _function_arn(arguments["FunctionName"]))
        return original(resource, arguments)
    if service == "states" and pattern in ("", "sync", "sync:2"):
        return nested_executions.start(arguments, pattern=pattern)
    if action == "createModelCustomizationJob":
        return _customize(arguments, wait=pattern == "sync")
    if service in _SERVICES and not pattern:
        return _call(_SERVICES[service], action, arguments)
    raise SdkError("States.Runtime", f"{resource} is not emulated")


def _call(service: str, action: str, arguments: Any) -> Any:
    return call(client(service, executions.role()), service, action, arguments)


def _require(prefix: str, action: str, resource: str) -> None:
    try:
        require(executions.role(), action, resource)
    except ServiceError as error:
        raise SdkError(f"{prefix}.{error.code}", error.message) from error


def _customize(arguments: Any, *, wait: bool) -> Any:
    """`bedrock:createModelCustomizationJob`, followed to the job's end with `.sync`."""
    created = _call("bedrock", "createModelCustomizationJob", arguments)
    if not wait:
        return created
    arn = created["JobArn"]
    # Needed when the execution is stopped: AWS documents it for .sync; its lack shows now.
    _require("Bedrock", "bedrock:StopModelCustomizationJob", arn)
    while True:
        job = _call("bedrock", "getModelCustomizationJob", {"JobIdentifier": arn})
        if job["Status"] not in ("InProgress", "Stopping"):
            break
        if executions.status() == "ABORTED" and job["Status"] == "InProgress":
            _call("bedrock", "stopModelCustomizationJob", {"JobIdentifier": arn})
        executions.go_on()
        time.sleep(_POLL_SECONDS)
    if job["Status"] != "Completed":
        raise SdkError("States.TaskFailed", json.dumps(job, default=str))
    return job


def _with_throttling_named(original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    failure = inside("services.stepfunctions", "_ExecutionError")

    def invoke(function: Any, event: Any) -> Any:
        if faults.strike("concurrency", name=str(function)) is not None:
            raise failure("Lambda.TooManyRequestsException", "Rate Exceeded.")
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
