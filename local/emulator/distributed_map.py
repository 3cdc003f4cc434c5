"""The Distributed Map under the state machine's role: what it reads, and the child executions that it starts."""

from collections.abc import Callable
from typing import Any

from local.emulator.http import ServiceError
from local.emulator.identity import RoleSession, client, require
from local.emulator.internals import inside, replace
from local.emulator.sdk_calls import SdkError, call

_MODULE = "services.stepfunctions"
_LARGEST_CAUSE = 1000

RoleOfRunning = Callable[[], RoleSession]


def install(role: RoleOfRunning) -> None:
    """Put the role of the state machine that runs behind its Distributed Maps."""
    replace(_MODULE, "_run_distributed_map", lambda original: _under(role, original))
    replace(_MODULE, "_s3_object_text", lambda _: lambda bucket, key: _object(role(), bucket, key))


def _under(role: RoleOfRunning, original: Callable[..., Any]) -> Callable[..., Any]:
    failure = inside(_MODULE, "_ExecutionError")

    def run(state: Any, given: Any, effective: Any, iterator: Any, execution: Any, context: Any) -> Any:
        if inside(_MODULE, "_state_query_language")(state, context) == "JSONata":
            raise failure("States.Runtime", "a Distributed Map in JSONata is not emulated; write it in JSONPath")
        _check(role(), execution["stateMachineArn"])
        if (state.get("ItemReader") or {}).get("Resource", "").endswith(":listObjectsV2"):
            raise failure("States.Runtime", "a Distributed Map over a listing is not emulated; read a JSONL object")
        try:
            return original(state, given, effective, iterator, execution, context)
        except failure as error:
            if error.error != "States.ExceedToleratedFailureThreshold":
                raise
            raise failure(error.error, f"{error.cause}: {_first_failure(execution)}") from error

    return run


def _check(role: RoleSession, machine: str) -> None:
    """A Map Run starts, watches and stops child executions of its own state machine: AWS documents all three."""
    children = machine.replace(":stateMachine:", ":execution:")
    try:
        require(role, "states:StartExecution", machine)
        for action in ("states:DescribeExecution", "states:StopExecution"):
            require(role, action, f"{children}:*")
    except ServiceError as error:
        raise inside(_MODULE, "_ExecutionError")("StepFunctions." + error.code, error.message) from error


def _object(role: RoleSession, bucket: str, key: str) -> str:
    try:
        return str(call(client("s3", role), "s3", "getObject", {"Bucket": bucket, "Key": key})["Body"])
    except SdkError as error:
        cause = f"{error.name}: {error.cause} (s3://{bucket}/{key})"
        raise inside(_MODULE, "_ExecutionError")("States.ItemReaderFailed", cause) from error


def _first_failure(execution: dict[str, Any]) -> str:
    """What the first failed child says: the emulator's own cause does not."""
    runs = inside(_MODULE, "_map_runs").values()
    mine = {run["mapRunArn"] for run in runs if run["executionArn"] == execution["executionArn"]}
    for child in inside(_MODULE, "_executions").values():
        if child.get("mapRunArn") in mine and child["status"] == "FAILED":
            return f"{child.get('error')}: {child.get('cause')}"[:_LARGEST_CAUSE]
    return "no child says why"
