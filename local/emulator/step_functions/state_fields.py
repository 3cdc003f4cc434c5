"""Fields of states: which type of state takes which, and what each may hold (Amazon States Language, *States*)."""

from collections.abc import Callable, Iterator
from typing import Any

Problem = tuple[str, str]
"""A sentence, and the field below the state that it is about."""

_LONGEST = 99_999_999
_LONGEST_DELAY = 31_622_399
_LONGEST_NAME = 80
_LONGEST_LABEL = 40
_GOES_ON = ("Next", "End", "Assign")
_HANDLES = ("Retry", "Catch", *_GOES_ON)
_WAITS = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
_PASSES_ON = ("InputPath", "OutputPath", "Output")
_FIELDS: dict[str, tuple[str, ...]] = {
    "Task": (
        *("Resource", "Arguments", "Parameters", "ResultSelector", "ResultPath", "Credentials", "TimeoutSeconds"),
        *("TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", *_HANDLES, *_PASSES_ON),
    ),
    "Pass": ("Result", "Parameters", "ResultPath", *_GOES_ON, *_PASSES_ON),
    "Choice": ("Choices", "Default", "Assign", *_PASSES_ON),
    "Wait": (*_WAITS, *_GOES_ON, *_PASSES_ON),
    "Succeed": _PASSES_ON,
    "Fail": ("Error", "ErrorPath", "Cause", "CausePath"),
    "Parallel": ("Branches", "Arguments", "Parameters", "ResultSelector", "ResultPath", *_HANDLES, *_PASSES_ON),
    "Map": (
        *("Items", "ItemsPath", "ItemProcessor", "Iterator", "ItemSelector", "Parameters", "ItemReader", "ItemBatcher"),
        *("ResultWriter", "ResultSelector", "ResultPath", "Label", "MaxConcurrency", "MaxConcurrencyPath"),
        *("ToleratedFailureCount", "ToleratedFailureCountPath", "ToleratedFailurePercentage"),
        *("ToleratedFailurePercentagePath", *_HANDLES, *_PASSES_ON),
    ),
}
_COMMON = ("Type", "Comment", "QueryLanguage")
_RULE_FIELDS = {
    "Retry": ("ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"),
    "Catch": ("ErrorEquals", "Next", "ResultPath", "Output", "Assign"),
}
_MACHINE = ("Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage", "ProcessorConfig")
_REQUIRED = {"Choice": "Choices", "Parallel": "Branches", "Task": "Resource"}
_ONE_OF = {"Wait": _WAITS, "Map": ("ItemProcessor", "Iterator")}


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _number(least: float, most: float) -> Callable[[Any], bool]:
    """Whether something is a number in a range, or an expression that yields one."""

    def within(value: Any) -> bool:
        if isinstance(value, str):
            return value.startswith("{%") and value.endswith("%}")
        return isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most

    return within


_VALUES: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("Next", "Default", "Resource", "StartAt"), (_text, "a text")),
    "End": (lambda value: isinstance(value, bool), "a boolean"),
    **dict.fromkeys(("Choices", "Branches"), (_objects, "an array of at least one object")),
    **dict.fromkeys(("Retry", "Catch"), (lambda value: value == [] or _objects(value), "an array of objects")),
    **dict.fromkeys(
        (
            *("ItemProcessor", "Iterator", "ItemReader", "ItemBatcher", "ResultWriter", "ReaderConfig"),
            *("ProcessorConfig", "States"),
        ),
        (lambda value: isinstance(value, dict), "an object"),
    ),
    "QueryLanguage": (lambda value: value in ("JSONPath", "JSONata"), "one of: [JSONPath, JSONata]"),
    "Seconds": (_number(0, _LONGEST), f"a number from 0 to {_LONGEST}"),
    **dict.fromkeys(
        ("TimeoutSeconds", "HeartbeatSeconds", "IntervalSeconds"),
        (_number(1, _LONGEST), f"a number from 1 to {_LONGEST}"),
    ),
    "MaxAttempts": (_number(0, _LONGEST), f"a number from 0 to {_LONGEST}"),
    "MaxDelaySeconds": (_number(1, _LONGEST_DELAY), f"a number from 1 to {_LONGEST_DELAY}"),
    "BackoffRate": (_number(1, float("inf")), "a number of at least 1"),
    "JitterStrategy": (lambda value: value in ("FULL", "NONE"), "one of: [FULL, NONE]"),
    "ErrorEquals": (
        lambda value: isinstance(value, list) and bool(value) and all(map(_text, value)),
        "an array of at least one error",
    ),
    "Assign": (
        lambda value: isinstance(value, dict) and "states" not in value,
        "an object; 'states' is the name of a reserved variable",
    ),
    **dict.fromkeys(("MaxConcurrency", "ToleratedFailureCount"), (_number(0, float("inf")), "a number of at least 0")),
    "ToleratedFailurePercentage": (_number(0, 100), "a number from 0 to 100"),
    "Mode": (lambda value: value in ("INLINE", "DISTRIBUTED"), "one of: [INLINE, DISTRIBUTED]"),
    "Label": (lambda value: _text(value) and 1 <= len(value) <= _LONGEST_LABEL, f"a text of 1 to {_LONGEST_LABEL}"),
}


def of_machine(machine: dict[str, Any]) -> Iterator[Problem]:
    """Reasons for which AWS refuses a machine, a branch or a map's processor, whatever its states."""
    yield from _fields(machine, _MACHINE, "")
    for field in ("StartAt", "States"):
        if not machine.get(field):
            yield f"The field '{field}' is required", ""
    if isinstance(machine.get("ProcessorConfig"), dict):
        yield from _fields(machine["ProcessorConfig"], ("Mode", "ExecutionType"), "/ProcessorConfig")
    match machine.get("ProcessorConfig"):
        case {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" | "EXPRESS"}:
            return
        case {"Mode": "DISTRIBUTED"}:
            yield "A distributed map's 'ExecutionType' is one of: [STANDARD, EXPRESS]", "/ProcessorConfig"


def of_state(name: str, state: Any) -> Iterator[Problem]:
    """Reasons for which AWS refuses a state, whatever the states beside it."""
    if len(name) > _LONGEST_NAME:
        yield f"A state's name has at most {_LONGEST_NAME} characters", ""
    if not isinstance(state, dict):
        yield "Expected value to be of type Object", ""
        return
    kind = state.get("Type")
    if not isinstance(kind, str) or kind not in _FIELDS:
        yield f"Value is not one of: [{', '.join(_FIELDS)}]", "/Type"
        return
    yield from _fields(state, (*_COMMON, *_FIELDS[kind]), "")
    yield from _parts(state)
    if "End" in _FIELDS[kind] and ("Next" in state) == bool(state.get("End")):
        yield "There should only be one of the following fields: [Next, End]", ""
    if kind in _ONE_OF and sum(field in state for field in _ONE_OF[kind]) != 1:
        yield f"There should only be one of the following fields: [{', '.join(_ONE_OF[kind])}]", ""
    if (field := _REQUIRED.get(kind)) and field not in state:
        yield f"The field '{field}' is required", ""
    patience, beat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
    if isinstance(patience, int) and isinstance(beat, int) and beat >= patience:
        yield "The field 'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'", "/HeartbeatSeconds"


def _parts(state: dict[str, Any]) -> Iterator[Problem]:
    for field in _RULE_FIELDS:
        for number, rule in enumerate(state[field] if _objects(state.get(field)) else []):
            yield from _rule(rule, field, number, last=number == len(state[field]) - 1)
    for number, rule in enumerate(state["Choices"] if _objects(state.get("Choices")) else []):
        if not _text(rule.get("Next")):
            yield "The field 'Next' must be a text", f"/Choices[{number}]"
    reader = state.get("ItemReader")
    if isinstance(reader, dict):
        yield from _fields(
            {key: reader[key] for key in reader if key == "ReaderConfig"}, ("ReaderConfig",), "/ItemReader"
        )


def _rule(rule: dict[str, Any], field: str, number: int, *, last: bool) -> Iterator[Problem]:
    path = f"/{field}[{number}]"
    yield from _fields(rule, _RULE_FIELDS[field], path)
    errors = rule.get("ErrorEquals")
    if errors is None:
        yield "The field 'ErrorEquals' is required", path
    elif "States.ALL" in errors and (len(errors) > 1 or not last):
        yield "'States.ALL' must appear alone and in the last rule", f"{path}/ErrorEquals"


def _fields(given: dict[str, Any], allowed: tuple[str, ...], path: str) -> Iterator[Problem]:
    for field, value in given.items():
        if field not in allowed:
            yield f"Field '{field}' is not supported", path
        elif field in _VALUES and not _VALUES[field][0](value):
            yield f"The field '{field}' must be {_VALUES[field][1]}", f"{path}/{field}"
