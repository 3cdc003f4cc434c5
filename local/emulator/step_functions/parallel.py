"""The Parallel state in JSONata: branches with contexts of their own, of which one that fails ends the others."""

import contextvars
import copy
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.emulator.base.internals import inside, replace
from local.emulator.step_functions import executions

_MODULE = "services.stepfunctions"

Run = Callable[[Any, Any, Any, Any], Any]


def install() -> None:
    """Run Parallel states that are written in JSONata; those in JSONPath run as they did."""
    replace(_MODULE, "_run_parallel_branches", _in_jsonata)


def _in_jsonata(original: Run) -> Run:
    def run(state: Any, given: Any, execution: Any, context: Any) -> Any:
        if inside(_MODULE, "_state_query_language")(state, context) != "JSONata":
            return original(state, given, execution, context)
        template = inside(_MODULE, "_apply_jsonata_template")
        entered = template(state["Arguments"], given, context) if "Arguments" in state else given
        result = _outputs(state["Branches"], entered, execution, context)
        output = inside(_MODULE, "_apply_jsonata_output")(state, given, context, result=result, default=result)
        inside(_MODULE, "_apply_state_assign")(state, given, context, result=result)
        return output, inside(_MODULE, "_next_or_end")(state)

    return run


def _outputs(branches: list[Any], given: Any, execution: Any, context: Any) -> list[Any]:
    """Every branch's output; the first failure is the state's."""
    failed = threading.Event()
    sub_machine, failure = inside(_MODULE, "_run_sub_machine"), inside(_MODULE, "_ExecutionError")

    def run(branch: Any) -> Any:
        executions.end_with(failed)
        try:
            # A variable that a branch assigns exists in that branch alone.
            return sub_machine(branch["States"], branch["StartAt"], given, execution, copy.deepcopy(context))
        except Exception:
            failed.set()
            raise

    with ThreadPoolExecutor(max_workers=len(branches)) as pool:
        running = [pool.submit(contextvars.copy_context().run, run, branch) for branch in branches]
    errors = [error for error in (one.exception() for one in running) if error]
    for error in errors:
        if isinstance(error, failure):
            raise error
        if isinstance(error, Exception):
            raise failure("States.BranchFailed", str(error)) from error
    if errors:
        raise executions.Halted
    return [one.result() for one in running]
