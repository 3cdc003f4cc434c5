"""Definitions of state machines, checked as CreateStateMachine checks them; the messages are those seen from AWS."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from local.emulator.step_functions import state_fields, task_resources

State = dict[str, Any]

_JSONPATH_ONLY = frozenset(
    (
        *("InputPath", "OutputPath", "Parameters", "ResultPath", "ResultSelector", "Variable"),
        *("SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "ErrorPath", "CausePath"),
        *("ItemsPath", "MaxConcurrencyPath", "MaxItemsPath", "MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath"),
        *("ToleratedFailureCountPath", "ToleratedFailurePercentagePath"),
    )
)
_JSONATA_ONLY = frozenset(("Arguments", "Output", "Condition"))
_BRANCHING = ("Branches", "ItemProcessor", "Iterator", "Comment")
_MOST_CHARACTERS = 1_048_576


def problems(text: str) -> list[str]:
    """Every reason for which AWS refuses a definition, each with the field that it is about."""
    if not 1 <= len(text) <= _MOST_CHARACTERS:
        return [f"INVALID_JSON_DESCRIPTION: a definition has 1 to {_MOST_CHARACTERS} characters, this one {len(text)}"]
    try:
        definition = json.loads(text)
    except ValueError as error:
        return [f"INVALID_JSON_DESCRIPTION: {error}"]
    if not isinstance(definition, dict):
        return ["INVALID_JSON_DESCRIPTION: Unexpected JSON type"]
    problems = list(_machine(definition, "", str(definition.get("QueryLanguage", "JSONPath"))))
    return problems or [f"DUPLICATE_STATE_NAME: Duplicate State name: {name}" for name in _repeated(definition)]


def _repeated(machine: State) -> list[str]:
    """Names that more than one state of a machine has, in whichever branch or map."""
    counted = Counter(_names(machine))
    return [name for name, times in counted.items() if times > 1]


def _names(machine: State) -> Iterator[str]:
    for name, state in machine["States"].items():
        yield name
        for branch, _ in _branches(state, ""):
            yield from _names(branch)


def _machine(machine: State, path: str, language: str) -> Iterator[str]:
    states = machine.get("States")
    malformed = [(text, f"{path}{where}") for text, where in state_fields.of_machine(machine)]
    for name, state in states.items() if isinstance(states, dict) else ():
        malformed += [(text, f"{path}/States/{name}{where}") for text, where in state_fields.of_state(name, state)]
    if malformed or not isinstance(states, dict):
        yield from (_schema(text, where) for text, where in malformed)
        return
    yield from _transitions(machine["StartAt"], states, path)
    for name, state in states.items():
        yield from _state(state, f"{path}/States/{name}", language)


def _transitions(start: Any, states: dict[str, State], path: str) -> Iterator[str]:
    if start not in states:
        yield _missing(start, f"{path}/StartAt")
    for name, state in states.items():
        for target, where in _targets(state, f"{path}/States/{name}"):
            if target not in states:
                yield _missing(target, where)
    if not any(state.get("End") or state.get("Type") in ("Succeed", "Fail") for state in states.values()):
        yield "MISSING_END_STATE: Workflow has no terminal state at null"  # AWS looks no further then
        return
    reached = _reached(start, states)
    for name in (name for name in states if name not in reached):
        yield f'MISSING_TRANSITION_TARGET: State "{name}" is not reachable. at {path}/States/{name}'


def _targets(state: State, path: str) -> Iterator[tuple[Any, str]]:
    for field in ("Next", "Default"):
        if field in state:
            yield state[field], f"{path}/{field}"
    for field in ("Choices", "Catch"):
        for number, rule in enumerate(state.get(field) or []):
            yield rule.get("Next"), f"{path}/{field}[{number}]/Next"


def _reached(start: Any, states: dict[str, State]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in states and name not in reached:
            reached.add(name)
            waiting += [target for target, _ in _targets(states[name], "")]
    return reached


def _state(state: State, path: str, machine_language: str) -> Iterator[str]:
    language = str(state.get("QueryLanguage", machine_language))
    if machine_language == "JSONata" and language == "JSONPath":
        text = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
        yield _schema(text, f"{path}/QueryLanguage")
    yield from _language(state, path, language)
    if language == "JSONata":
        yield from _expressions({name: state[name] for name in state.keys() - _BRANCHING}, path)
    if state.get("Type") == "Choice":
        yield from _choices(state, path, language)
    if state.get("Type") == "Task":
        yield from (_schema(text, f"{path}{where}") for text, where in task_resources.problems(state, language))
    for branch, where in _branches(state, path):
        yield from _machine(branch, where, machine_language)


def _language(state: State, path: str, language: str) -> Iterator[str]:
    foreign, other = (_JSONPATH_ONLY, "JSONPath") if language == "JSONata" else (_JSONATA_ONLY, "JSONata")
    for part, where in _parts(state, path):
        for field in sorted(foreign & part.keys()):
            text = f"The QueryLanguage is set to '{language}', but field '{field}' is only supported for the"
            yield _schema(f"{text} '{other}' QueryLanguage", f"{where}/{field}")


def _parts(state: State, path: str) -> Iterator[tuple[State, str]]:
    """A state and the objects in it that have fields of a query language."""
    yield state, path
    for field in ("Choices", "Catch"):
        yield from ((rule, f"{path}/{field}[{number}]") for number, rule in enumerate(state.get(field) or []))
    for field in ("ItemReader", "ItemBatcher", "ResultWriter"):
        part = state.get(field) or {}
        yield part, f"{path}/{field}"
        yield part.get("ReaderConfig") or {}, f"{path}/{field}/ReaderConfig"


def _expressions(value: Any, path: str) -> Iterator[str]:
    """Texts that open an expression and do not close it, or the other way about (Step Functions guide, *transforming
    data with JSONata*)."""
    if isinstance(value, str) and value.startswith("{%") != value.endswith("%}"):
        yield _schema("The JSONata expression must begin with '{%' and end with '%}'", path)
    elif isinstance(value, dict | list):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _expressions(part, f"{path}[{name}]" if isinstance(value, list) else f"{path}/{name}")


def _choices(state: State, path: str, language: str) -> Iterator[str]:
    for number, rule in enumerate(state["Choices"] if language == "JSONata" else []):
        condition = rule.get("Condition")
        expression = isinstance(condition, str) and condition.startswith("{%") and condition.endswith("%}")
        if not expression and not isinstance(condition, bool):
            yield _schema("Condition must be a JSONata expression or a boolean", f"{path}/Choices[{number}]/Condition")


def _branches(state: State, path: str) -> Iterator[tuple[State, str]]:
    for number, branch in enumerate(state.get("Branches") or []):
        yield branch, f"{path}/Branches[{number}]"
    for field in ("ItemProcessor", "Iterator"):
        if field in state:
            yield state[field], f"{path}/{field}"


def _schema(text: str, path: str) -> str:
    return f"SCHEMA_VALIDATION_FAILED: {text} at {path}"


def _missing(target: Any, path: str) -> str:
    return f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {target} at {path}"
