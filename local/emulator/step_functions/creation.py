"""Creating state machines and starting executions: refused where AWS refuses them."""

import json
from typing import Any

from local.emulator.base.http import Request, ServiceError, serve
from local.emulator.base.identity import assume, require, require_caller
from local.emulator.base.internals import inside, scope
from local.emulator.refusals import names
from local.emulator.step_functions import definitions, executions, limits, nested_executions

_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
_TARGET = "AWSStepFunctions."
_MODULE = "services.stepfunctions"


def install() -> None:
    """Check what is asked of the API before the emulator does it."""
    serve("states", [("POST", r"^/$", _checked)])


def check_definition(definition: str) -> None:
    """Refuse a definition that AWS refuses.

    Raises:
        ServiceError: InvalidDefinition, with every reason.
    """
    problems = definitions.problems(definition)
    malformed = inside(_MODULE, "_validate_definition_jsonata")(definition)
    if malformed:
        problems.append(malformed)
    if problems:
        raise ServiceError("InvalidDefinition", f"Invalid State Machine Definition: '{', '.join(problems)}'")


def check_role(role_arn: str, state_machine_arn: str, definition: str, *, logs: bool) -> None:
    """Refuse a role that cannot be assumed, or that may not deliver logs or follow executions.

    Raises:
        ServiceError: AccessDeniedException, with the permission that is missing.
    """
    try:
        role = assume(role_arn, executions.SERVICE, "creation", state_machine_arn)
    except ServiceError as error:
        text = f"Neither the global service principal {executions.SERVICE}, nor the regional one is authorized to"
        raise ServiceError("AccessDeniedException", f"{text} assume the provided role. {error.message}") from error
    nested_executions.check_creation(role, definition)
    for action in _LOG_DELIVERY if logs else ():
        try:
            require(role, action, "*")
        except ServiceError as error:
            text = "The state machine IAM Role is not authorized to access the Log Destination"
            raise ServiceError("AccessDeniedException", f"{text}: {error.message}") from error


def _checked(request: Request) -> None:
    action, body = request.headers.get("x-amz-target", "").removeprefix(_TARGET), request.body
    if action == "CreateStateMachine":
        names.check("AWS::StepFunctions::StateMachine", {"StateMachineName": body.get("name")})
        account, region = scope()
        arn = f"arn:aws:states:{region}:{account}:stateMachine:{body.get('name')}"
        _check_machine(request, arn, str(body.get("definition", "")), str(body.get("roleArn", "")))
    elif action == "UpdateStateMachine":
        if body.keys() <= {"stateMachineArn"}:
            raise ServiceError("MissingRequiredParameter", "Request parameters cannot all be empty")
        arn = str(body.get("stateMachineArn"))
        known = inside(_MODULE, "_state_machines").get(arn)
        if known:
            definition, role_arn = body.get("definition", known["definition"]), body.get("roleArn", known["roleArn"])
            _check_machine(request, arn, definition, role_arn)
    elif action in ("StartExecution", "StartSyncExecution"):
        names.check("AWS::StepFunctions::StateMachine", {"StateMachineName": body.get("name")})
        _check_input(str(body.get("input", "{}")))


def _check_machine(request: Request, arn: str, definition: str, role_arn: str) -> None:
    check_definition(definition)
    require_caller(request, "iam:PassRole", role_arn, context={"iam:PassedToService": executions.SERVICE})
    level: Any = (request.body.get("loggingConfiguration") or {}).get("level", "OFF")
    check_role(role_arn, arn, definition, logs=level != "OFF")


def _check_input(given: str) -> None:
    if len(given.encode()) > limits.MOST_BYTES:
        raise ServiceError(
            "ValidationException",
            "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length "
            f"less than or equal to {limits.MOST_BYTES}",
        )
    try:
        json.loads(given)
    except ValueError as error:
        raise ServiceError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from error
