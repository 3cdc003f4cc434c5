"""The Distributed Map under the state machine's role: a Map Run and the child executions that it starts."""

import contextvars
import copy
import json
import logging
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.base.identity import require
from local.emulator.base.internals import inside, replace
from local.emulator.step_functions import executions, map_results
from local.emulator.step_functions.map_items import Fields

log = logging.getLogger("arbiter.local")

_MODULE = "services.stepfunctions"
_LARGEST_CAUSE = 1000
_MOST_AT_ONCE = 40
"""AWS runs up to 10,000 children at once; more threads than this only queue here."""


def install() -> None:
    """Run Distributed Maps, in JSONPath and in JSONata."""
    replace(_MODULE, "_run_distributed_map", lambda _: _run)


def _run(state: Any, given: Any, effective: Any, iterator: Any, execution: Any, context: Any) -> Any:
    fields = Fields(state, given, effective, context)
    _check(execution["stateMachineArn"])
    items = fields.items()
    run = _MapRun(fields, iterator, execution, len(items))
    children = run.follow(fields.inputs(items))
    executions.go_on()
    if run.exceeded():
        cause = f"The specified tolerated failure threshold was exceeded: {_first_failure(children)}"
        raise inside(_MODULE, "_ExecutionError")("States.ExceedToleratedFailureThreshold", cause)
    writer = fields.evaluated(state["ResultWriter"]) if state.get("ResultWriter") else None
    result = map_results.collect(run.record["mapRunArn"], children, writer)
    return _passed_on(fields, result), inside(_MODULE, "_next_or_end")(state)


def _passed_on(fields: Fields, result: Any) -> Any:
    """The state's output, made from its result in its query language."""
    if fields.jsonata:
        arguments = (fields.state, fields.given, fields.context)
        output = inside(_MODULE, "_apply_jsonata_output")(*arguments, result=result, default=result)
        inside(_MODULE, "_apply_state_assign")(*arguments, result=result)
        return output
    selected = inside(_MODULE, "_apply_result_selector")(fields.state, result)
    output = inside(_MODULE, "_apply_result_path")(fields.state, fields.given, selected)
    return inside(_MODULE, "_apply_output_path")(fields.state, output, fields.context)


class _MapRun:
    """The children of one Map Run, counted as ListMapRuns and DescribeMapRun show them."""

    def __init__(self, fields: Fields, iterator: Any, execution: Any, items: int) -> None:
        state, parts = fields.state, execution["stateMachineArn"].split(":")
        self._fields, self._iterator, self._execution, self._items = fields, iterator, execution, items
        label = state.get("Label") or uuid.uuid4().hex
        self._at = f"arn:aws:states:{parts[3]}:{parts[4]}:{{}}:{parts[6]}/{label}"
        self._lock = threading.Lock()
        counts = dict.fromkeys(
            ("pending", "running", "succeeded", "failed", "timedOut", "aborted", "total", "resultsWritten"), 0
        )
        self.record: dict[str, Any] = {
            "mapRunArn": f"{self._at.format('mapRun')}:{uuid.uuid4()}",
            "executionArn": execution["executionArn"],
            "status": "RUNNING",
            "startDate": _now(),
            "maxConcurrency": int(fields.number("MaxConcurrency") or 0),
            "toleratedFailurePercentage": fields.number("ToleratedFailurePercentage") or 0.0,
            "toleratedFailureCount": int(fields.number("ToleratedFailureCount") or 0),
            "itemCounts": {**counts, "total": items},
            "executionCounts": counts,
            "redriveCount": 0,
            "_stateMachineArn": self._at.format("stateMachine"),
        }
        inside(_MODULE, "_map_runs")[self.record["mapRunArn"]] = self.record

    def follow(self, inputs: list[Any]) -> list[dict[str, Any]]:
        """Run a child for every input, unless too many have failed before; all of them as they ended."""
        self.record["executionCounts"].update(total=len(inputs), pending=len(inputs))
        children = [self._child(given) for given in inputs]
        most = self.record["maxConcurrency"] or _MOST_AT_ONCE
        with ThreadPoolExecutor(max_workers=max(1, min(most, _MOST_AT_ONCE, len(children)))) as pool:
            wait([pool.submit(contextvars.copy_context().run, self._run_child, child) for child in children])
        ended = "ABORTED" if executions.status() != "RUNNING" else "FAILED" if self.exceeded() else "SUCCEEDED"
        self.record.update(status=ended, stopDate=_now())
        return children

    def exceeded(self) -> bool:
        """Whether more failed than either threshold tolerates; without one, none is tolerated."""
        failed = sum(self.record["executionCounts"][name] for name in ("failed", "timedOut"))
        count, share = self.record["toleratedFailureCount"], self.record["toleratedFailurePercentage"]
        if not failed:
            return False
        if count == 0 and share == 0:
            return True
        total = self.record["executionCounts"]["total"]
        return bool((count and failed > count) or (share and failed * 100 > share * total))

    def _child(self, given: Any) -> dict[str, Any]:
        name = str(uuid.uuid4())
        return {
            "executionArn": f"{self._at.format('execution')}:{name}",
            "stateMachineArn": self.record["_stateMachineArn"],
            "mapRunArn": self.record["mapRunArn"],
            "name": name,
            "status": "PENDING",
            "input": json.dumps(given),
            "inputDetails": {"included": True},
            "output": None,
            "outputDetails": {"included": True},
            "stopDate": None,
            "events": [],
            "testCase": None,
            "mockAttempts": {},
        }

    def _run_child(self, child: dict[str, Any]) -> None:
        if executions.status() != "RUNNING" or self.exceeded():
            return
        child.update(status="RUNNING", startDate=_now())
        inside(_MODULE, "_executions")[child["executionArn"]] = child
        self._count("pending", "running")
        try:
            output = self._output(child, json.loads(child["input"]))
            child.update(status="SUCCEEDED", output=json.dumps(output))
        except executions.Halted:
            child["status"] = "ABORTED"
        except inside(_MODULE, "_ExecutionError") as error:
            child.update(status="FAILED", error=error.error, cause=error.cause)
        except Exception as error:  # a child that breaks fails; its siblings go on
            log.exception("a child execution broke")
            child.update(status="FAILED", error="States.Runtime", cause=f"{type(error).__name__}: {error}")
        child["stopDate"] = _now()
        self._count("running", child["status"].lower())

    def _output(self, child: dict[str, Any], given: Any) -> Any:
        # A child execution sees neither the variables around the Map nor its items: it has a context of its own.
        context = copy.deepcopy({key: value for key, value in self._fields.context.items() if key != "Map"})
        context["Execution"].update(Id=child["executionArn"], Input=given, Name=child["name"])
        context["variables"] = {}
        run = inside(_MODULE, "_run_sub_machine")
        return run(self._iterator.get("States", {}), self._iterator.get("StartAt"), given, child, context)

    def _count(self, before: str, after: str) -> None:
        with self._lock:
            counts = self.record["executionCounts"]
            counts[before] -= 1
            counts[after] += 1


def _check(machine: str) -> None:
    """A Map Run starts, watches and stops child executions of its own state machine: AWS documents all three."""
    children, role = machine.replace(":stateMachine:", ":execution:"), executions.role()
    try:
        require(role, "states:StartExecution", machine)
        for action in ("states:DescribeExecution", "states:StopExecution"):
            require(role, action, f"{children}:*")
    except ServiceError as error:
        raise inside(_MODULE, "_ExecutionError")("StepFunctions." + error.code, error.message) from error


def _first_failure(children: list[dict[str, Any]]) -> str:
    """The error of the first failed child: AWS shows it in the Map Run, not in the cause."""
    failed = next(child for child in children if child["status"] == "FAILED")
    return f"{failed.get('error')}: {failed.get('cause')}"[:_LARGEST_CAUSE]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
