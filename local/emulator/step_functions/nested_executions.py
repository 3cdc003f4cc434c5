"""`states:startExecution` from a state machine: under its role, and with `.sync` followed and stopped."""

import json
import time
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.base.identity import RoleSession, client, require
from local.emulator.base.internals import scope
from local.emulator.step_functions import executions
from local.emulator.step_functions.sdk_calls import SdkError, call

_POLL_SECONDS = 0.1
_RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"
_RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")


def check_creation(role: RoleSession, definition: str) -> None:
    """Refuse a state machine that waits for others and may not keep the rule that tells it of their end.

    Raises:
        ServiceError: AWS's sentence, and the permission that is missing.
    """
    if ":states:startExecution.sync" not in definition:
        return
    account, region = scope()
    for action in _RULE_ACTIONS:
        try:
            require(role, action, f"arn:aws:events:{region}:{account}:rule/{_RULE}")
        except ServiceError as error:
            text = f"'{role.role_arn}' is not authorized to create managed-rule: {error.message}"
            raise ServiceError("AccessDeniedException", text) from error


def start(arguments: dict[str, Any], *, pattern: str) -> Any:
    """Start an execution; with pattern `sync` or `sync:2` its end is waited for, `sync:2` parses what it returns.

    Raises:
        SdkError: when it cannot be started, or does not succeed: the cause is what DescribeExecution says.
    """
    held = executions.role()
    sdk = client("stepfunctions", held)
    _require(held, "states:StartExecution", arguments["StateMachineArn"])
    if not pattern:
        return _started(sdk, arguments)
    try:
        check_creation(held, ":states:startExecution.sync")
    except ServiceError as error:
        raise SdkError(f"StepFunctions.{error.code}", error.message) from error
    arn = _started(sdk, arguments)["ExecutionArn"]
    _require(held, "states:StopExecution", arn)  # needed once the parent is stopped; its lack shows now
    ended = _followed(sdk, arn)
    if ended["Status"] != "SUCCEEDED":
        raise SdkError("States.TaskFailed", json.dumps(ended))
    if pattern == "sync:2":
        ended.update({name: json.loads(ended[name]) for name in ("Input", "Output") if ended.get(name)})
    return ended


def _started(sdk: Any, arguments: dict[str, Any]) -> Any:
    given = arguments.get("Input", {})
    asked = {**arguments, "Input": given if isinstance(given, str) else json.dumps(given)}
    try:
        return call(sdk, "stepfunctions", "startExecution", asked)
    except SdkError as error:  # the optimised integration names its errors after the service's old name
        raise SdkError(error.name.replace("Sfn.", "StepFunctions."), error.cause) from error


def _followed(sdk: Any, arn: str) -> dict[str, Any]:
    while True:
        described: dict[str, Any] = call(sdk, "stepfunctions", "describeExecution", {"ExecutionArn": arn})
        if described["Status"] != "RUNNING":
            return described
        if executions.status() == "ABORTED":
            call(sdk, "stepfunctions", "stopExecution", {"ExecutionArn": arn})
        executions.go_on()
        time.sleep(_POLL_SECONDS)


def _require(held: RoleSession, action: str, resource: str) -> None:
    try:
        require(held, action, resource)
    except ServiceError as error:
        raise SdkError(f"StepFunctions.{error.code}", error.message) from error
