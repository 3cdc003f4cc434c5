"""Limits of running states: the size of what they pass on, and the type of a Choice rule's condition."""

import json
from collections.abc import Callable
from typing import Any

from local.emulator.base.internals import inside, replace

MOST_BYTES = 262_144
"""docs, Step Functions quotas: input or output of a task, state or execution, as UTF-8 text; *workflow-variables*: what
one Assign sets."""
_EXCEEDED = "States.DataLimitExceeded"
_UNCATCHABLE = (_EXCEEDED, "States.Runtime")
_MODULE = "services.stepfunctions"


def install() -> None:
    """Hold states to the limits; errors that States.ALL does not catch on AWS are not caught here."""
    replace(_MODULE, "_apply_jsonata_arguments", _limited)
    replace(_MODULE, "_apply_jsonata_output", _limited)
    replace(_MODULE, "_apply_output_path", _limited)
    replace(_MODULE, "_apply_state_assign", _assigning)
    replace(_MODULE, "_evaluate_jsonata_choice_rule", lambda _: _condition)
    replace(_MODULE, "_error_matches", _named_only)


def check_size(value: Any) -> None:
    """Refuse a result or an output that is larger than a state may pass on.

    Raises:
        The emulator's execution error: States.DataLimitExceeded.
    """
    if len(json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str).encode()) > MOST_BYTES:
        cause = "The state/task returned a result with a size exceeding the maximum number of bytes service limit."
        raise inside(_MODULE, "_ExecutionError")(_EXCEEDED, cause)


def _limited(original: Callable[..., Any]) -> Callable[..., Any]:
    def apply(*arguments: Any, **options: Any) -> Any:
        output = original(*arguments, **options)
        check_size(output)
        return output

    return apply


def _assigning(original: Callable[..., None]) -> Callable[..., None]:
    def assign(state: dict[str, Any], given: Any, context: dict[str, Any] | None, *rest: Any, **options: Any) -> None:
        original(state, given, context, *rest, **options)
        variables = (context or {}).get("variables") or {}
        check_size({name: variables[name] for name in state.get("Assign") or () if name in variables})

    return assign


def _condition(rule: dict[str, Any], given: Any, context: Any) -> bool:
    """docs: a condition that is no boolean ends the execution with States.QueryEvaluationError."""
    return bool(inside(_MODULE, "_jsonata_state_field")(rule, "Condition", "boolean", given, context))


def _named_only(original: Callable[[list[str], str], bool]) -> Callable[[list[str], str], bool]:
    """docs, error names: States.ALL and States.TaskFailed catch neither of these; the name itself does."""

    def matches(names: list[str], error: str) -> bool:
        return error in names if error in _UNCATCHABLE else original(names, error)

    return matches
