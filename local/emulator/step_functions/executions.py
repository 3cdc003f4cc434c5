"""An execution's life under its state machine's role: run, ended once, and every change of status announced."""

import contextvars
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local.emulator.base.identity import RoleSession, allows, assume
from local.emulator.base.internals import inside, replace

SERVICE = "states.amazonaws.com"
TRACING = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)
_MODULE = "services.stepfunctions"
_POLL_SECONDS = 0.2

_machine: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("machine", default=None)
_execution: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("execution", default=None)
_failed: contextvars.ContextVar[threading.Event | None] = contextvars.ContextVar("failed", default=None)
_traced: set[str] = set()


class Halted(BaseException):
    """The execution has ended while its states still ran; no Retry and no Catch sees it."""


def install() -> None:
    """Put the state machine's role behind every execution, and let each end only once."""
    replace(_MODULE, "_run_execution", _under_its_role)
    replace(_MODULE, "_fail_execution", lambda original: _unless_ended(original))
    replace(_MODULE, "_emit_execution_status_event", lambda _: announce)
    replace(_MODULE, "_scaled_sleep", lambda _: rest)


def trace(state_machine_arn: str, *, active: bool) -> None:
    """Remember whether a state machine's executions are traced."""
    (_traced.add if active else _traced.discard)(state_machine_arn)


def role() -> RoleSession:
    """A session of the role of the state machine that runs on this thread."""
    machine = _machine.get()
    if machine is None:
        raise RuntimeError("no state machine runs here")
    return assume(machine["roleArn"], SERVICE, "execution", machine["stateMachineArn"])


def status() -> str:
    """The status of the execution that runs on this thread."""
    return str((_execution.get() or {}).get("status", "RUNNING"))


def go_on() -> None:
    """Do nothing more for an execution that has ended.

    Raises:
        Halted: when it has.
    """
    if _over():
        raise Halted


def end_with(failed: threading.Event) -> None:
    """Let the states on this thread end, too, when a branch beside them has failed."""
    _failed.set(failed)


def rest(seconds: float) -> None:
    """Wait as a Wait state or a Retry does, no longer than the execution runs."""
    deadline = time.monotonic() + seconds
    while not _over() and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(left, _POLL_SECONDS))


def _over() -> bool:
    failed = _failed.get()
    return status() != "RUNNING" or (failed is not None and failed.is_set())


def announce(execution: dict[str, Any]) -> None:
    """Send "Step Functions Execution Status Change", whose detail is what DescribeExecution says, dates in ms."""
    if execution.get("sync"):
        return
    ended = execution["status"]
    names = ("executionArn", "stateMachineArn", "name", "status", "input", "inputDetails")
    detail = {
        **{name: execution.get(name) for name in names},
        "startDate": _milliseconds(execution.get("startDate")),
        "stopDate": _milliseconds(execution.get("stopDate")),
        "output": execution.get("output") if ended == "SUCCEEDED" else None,
        "outputDetails": {"included": True} if ended == "SUCCEEDED" else None,
        "error": execution.get("error"),
        "cause": execution.get("cause"),
    }
    entry = {
        "Source": "aws.states",
        "DetailType": "Step Functions Execution Status Change",
        "Detail": json.dumps(detail),
        "Resources": [execution["executionArn"]],
    }
    inside("services.eventbridge", "_put_events")({"Entries": [entry]}, allow_aws_source=True)


def _under_its_role(original: Callable[[str], None]) -> Callable[[str], None]:
    def run(execution_arn: str) -> None:
        execution = inside(_MODULE, "_executions").get(execution_arn) or {}
        machine = inside(_MODULE, "_state_machines").get(execution.get("stateMachineArn"))
        tokens = _machine.set(machine), _execution.set(execution)
        timer = _timer(machine, execution)
        try:
            if machine and machine["stateMachineArn"] in _traced:
                held = role()
                for action in TRACING:
                    allows(held, action, "*")
            original(execution_arn)
        except Halted:
            return
        finally:
            timer.cancel()
            _machine.reset(tokens[0])
            _execution.reset(tokens[1])

    return run


def _timer(machine: dict[str, Any] | None, execution: dict[str, Any]) -> threading.Timer:
    """A timer that ends an execution after its state machine's TimeoutSeconds; AWS allows a year without one."""
    seconds = json.loads(machine["definition"]).get("TimeoutSeconds", 31_536_000) if machine else 0
    timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), contextvars.copy_context().run, (_time_out, execution))
    timer.daemon = True
    timer.start()
    return timer


def _time_out(execution: dict[str, Any]) -> None:
    if execution.get("status") != "RUNNING":
        return
    stopped = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    execution.update(status="TIMED_OUT", stopDate=stopped)
    inside(_MODULE, "_add_event")(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
    announce(execution)


def _unless_ended(original: Callable[..., None]) -> Callable[..., None]:
    def fail(execution: dict[str, Any], error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            original(execution, error, cause)

    return fail


def _milliseconds(stamp: str | None) -> int | None:
    return int(datetime.fromisoformat(stamp).timestamp() * 1000) if stamp else None
