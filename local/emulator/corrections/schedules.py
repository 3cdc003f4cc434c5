"""EventBridge Scheduler: schedules fire under their role, with the context attributes that their input names."""

import contextvars
import json
import logging
import re
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.model import OperationNotFoundError

from local.emulator.base.http import Request, ServiceError, serve
from local.emulator.base.identity import RoleSession, assume, client, require_caller
from local.emulator.base.internals import inside, replace, scope
from local.emulator.step_functions.sdk_calls import SdkError, call, model_of, service_of

log = logging.getLogger("arbiter.local")

SERVICE = "scheduler.amazonaws.com"
_UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"
_FIELD = r"[0-9A-Za-z*,/#-]+"
_EXPRESSION = re.compile(
    rf"at\(\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\)|rate\([1-9]\d* (minute|hour|day)s?\)"
    rf"|cron\({_FIELD} {_FIELD} (\? {_FIELD} {_FIELD}|{_FIELD} {_FIELD} \?) {_FIELD}\)"
)
_PARTS_OF_ARN = 6
_TICK_SECONDS = 1
"""AWS fires within a minute of the time; nobody here wants to wait for that."""


def install() -> None:
    """Check who passes which role to a schedule, and fire schedules as that role."""
    serve("scheduler", [("POST", r"^/schedules/([^/]+)$", _created), ("PUT", r"^/schedules/([^/]+)$", _passed)])
    replace("services.scheduler", "_SCHEDULE_TICK_INTERVAL", lambda _: _TICK_SECONDS)
    replace("services.eventbridge", "_invoke_target", _fired)


def _passed(request: Request, _: str) -> None:
    check_expression(str(request.body.get("ScheduleExpression", "")))
    _check_target(str((request.body.get("Target") or {}).get("Arn", "")))
    role = (request.body.get("Target") or {}).get("RoleArn", "")
    require_caller(request, "iam:PassRole", role, context={"iam:PassedToService": SERVICE})
    group = request.body.get("GroupName", "default")
    assume(role, SERVICE, "creation", _group_arn(group))


def _check_target(arn: str) -> None:
    """Refuse what is no ARN, and calls of a service that there is not (Scheduler guide, *universal targets*)."""
    try:
        if arn.startswith(_UNIVERSAL):
            service, _, action = arn.removeprefix(_UNIVERSAL).partition(":")
            model_of(service_of(service)).operation_model(f"{action[:1].upper()}{action[1:]}")
        elif len(arn.split(":")) < _PARTS_OF_ARN:
            raise ServiceError("ValidationException", f"Provided Arn is not in correct format: {arn}")
    except (SdkError, OperationNotFoundError) as error:
        raise ServiceError("ValidationException", f"{arn} is not a supported target: {error}") from error


def check_expression(expression: str) -> None:
    """Refuse what is no time, no rate and no six fields of cron with one day left open (docs, *Schedule types*).

    Raises:
        ServiceError: ValidationException, with AWS's sentence.
    """
    if not _EXPRESSION.fullmatch(expression):
        raise ServiceError("ValidationException", f"Invalid Schedule Expression {expression}.")


def _created(request: Request, name: str) -> None:
    _passed(request, name)
    body = request.body
    if str(body.get("ScheduleExpression", "")).startswith("rate(") and not body.get("StartDate"):
        # docs, schedule types: without a StartDate a rate-based schedule starts at once.
        key = (*scope(), f"{body.get('GroupName', 'default')}/{name}")
        inside("services.scheduler", "_schedule_last_fired")[key] = 0


def _fired(original: Callable[..., None]) -> Callable[..., None]:
    def deliver(target: dict[str, Any], event: Any, rule: dict[str, Any], *arguments: Any, **options: Any) -> None:
        if "GroupName" not in rule or "ScheduleExpression" not in rule:
            original(target, event, rule, *arguments, **options)
            return
        threading.Thread(target=contextvars.copy_context().run, args=(_fire, rule), daemon=True).start()

    return deliver


def _fire(schedule: dict[str, Any]) -> None:
    target = schedule["Target"]
    try:
        held = assume(target["RoleArn"], SERVICE, "schedule", _group_arn(schedule["GroupName"]))
        _send(held, target["Arn"], _input(schedule))
    except (ServiceError, SdkError, ClientError, BotoCoreError) as error:
        log.warning("the schedule %s failed: %s", schedule["Name"], error)


def _input(schedule: dict[str, Any]) -> str:
    expression, moment = schedule["ScheduleExpression"], datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if expression.startswith("at("):
        moment = expression[3:-1] + "Z"
    attributes = {
        "schedule-arn": schedule["Arn"],
        "scheduled-time": moment,
        "execution-id": str(uuid.uuid4()),
        "attempt-number": "1",
    }
    given = schedule["Target"].get("Input") or json.dumps(
        {
            "version": "0",
            "id": attributes["execution-id"],
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "time": moment,
            "resources": [schedule["Arn"]],
            "detail": "{}",
        }
    )
    for name, value in attributes.items():
        given = given.replace(f"<aws.scheduler.{name}>", value)
    return str(given)


def _send(held: RoleSession, arn: str, given: str) -> None:
    if arn.startswith(_UNIVERSAL):
        service, _, action = arn.removeprefix(_UNIVERSAL).partition(":")
        known = service_of(service)
        call(client(known, held), known, action, json.loads(given))
        return
    kind = arn.split(":")[2]
    if kind == "lambda":
        client("lambda", held).invoke(FunctionName=arn, InvocationType="Event", Payload=given.encode())
    elif kind == "states":
        client("stepfunctions", held).start_execution(stateMachineArn=arn, input=given)
    else:
        raise SdkError("Unsupported", f"a schedule with the target {arn} is not emulated")


def _group_arn(group: str) -> str:
    account, region = scope()
    return f"arn:aws:scheduler:{region}:{account}:schedule-group/{group}"
