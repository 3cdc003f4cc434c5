"""The state machines of a deployment, and what is unsound about them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.stacks.permissions import may, permissions
from tests.stacks.resolved import Deployment, Resource

MAPS = re.compile("Of(Answers|Verdicts|Documents|Ask_?[A-Za-z]+)$")
SDK = "arn:aws:states:::aws-sdk:"
LAMBDA_TASK = "arn:aws:states:::lambda:invoke"
# ASL task -> IAM action, where the name of the one does not give the other.
ACTIONS = {"lambda:invoke": "lambda:InvokeFunction"}


@dataclass(frozen=True)
class Graph:
    """One set of states: a state machine's own, or a map's inside it."""

    name: str
    start: str
    states: dict[str, dict[str, Any]]
    role: str


def graphs(deployment: Deployment) -> Iterator[Graph]:
    """Every graph of every state machine, maps included."""
    for machine in deployment.resources("AWS::StepFunctions::StateMachine"):
        yield from _graphs(machine.name, definition(machine), machine.properties["RoleArn"])


def definition(machine: Resource) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(machine.properties["DefinitionString"])
    return parsed


def without_map(name: str) -> str:
    """A state's name without that of the map which it is a part of."""
    return MAPS.sub("", name)


def tasks(deployment: Deployment) -> Iterator[tuple[Graph, str, dict[str, Any]]]:
    for graph in graphs(deployment):
        for name, state in graph.states.items():
            if state["Type"] == "Task":
                yield graph, name, state


def unsound(deployment: Deployment) -> list[str]:
    """What cannot work, or would fail without saying so."""
    findings = [finding for graph in graphs(deployment) for finding in (*_paths(graph), *_states(graph))]
    findings += [f for graph, name, state in tasks(deployment) for f in _task(deployment, graph, name, state)]
    return findings + list(_passed_roles(deployment)) + list(_map_runs(deployment))


def _graphs(name: str, graph: dict[str, Any], role: str) -> Iterator[Graph]:
    yield Graph(name, graph["StartAt"], graph["States"], role)
    for state_name, state in graph["States"].items():
        if "ItemProcessor" in state:
            yield from _graphs(f"{name}/{state_name}", state["ItemProcessor"], role)
        for branch in state.get("Branches", []):
            yield from _graphs(f"{name}/{state_name}", branch, role)


def targets(state: dict[str, Any]) -> Iterator[str]:
    """Every state that may come next."""
    for rule in (state, *state.get("Choices", []), *state.get("Catch", [])):
        if "Next" in rule:
            yield rule["Next"]
    if "Default" in state:
        yield state["Default"]


def _paths(graph: Graph) -> Iterator[str]:
    reached, ahead = {graph.start}, [graph.start]
    while ahead:
        state = graph.states.get(ahead.pop())
        new = set(targets(state)) - reached if state else set()
        reached |= new
        ahead += new
    yield from (f"{graph.name}: {name} does not exist" for name in sorted(reached - graph.states.keys()))
    yield from (f"{graph.name}: {name} is never reached" for name in sorted(graph.states.keys() - reached))


def _states(graph: Graph) -> Iterator[str]:
    for name, state in graph.states.items():
        where = f"{graph.name}.{name}"
        if state["Type"] in ("Task", "Parallel") or "ItemReader" in state:
            if not any("States.ALL" in c["ErrorEquals"] for c in state.get("Catch", [])):
                yield f"{where} does not catch every error"
            if state["Type"] != "Parallel" and not state.get("Retry"):
                yield f"{where} does not retry"
        if state["Type"] == "Choice" and "Default" not in state:
            yield f"{where} has no default"
        if state["Type"] == "Fail" and not (state.get("Error") and state.get("Cause")):
            yield f"{where} does not say what failed and why"


def _task(deployment: Deployment, graph: Graph, name: str, state: dict[str, Any]) -> Iterator[str]:
    where = f"{graph.name}.{name}"
    if not state.get("TimeoutSeconds"):
        yield f"{where} waits for ever"
    action = action_of(state["Resource"])
    role = graph.role.strip("<>").removesuffix(".Arn")
    target = state["Arguments"].get("FunctionName")
    if target and not may(deployment, role, action, target):
        yield f"{where}: {role} may not {action} on {target}"
    if not any(p.role == role and p.action == action for p in permissions(deployment)):
        yield f"{where}: {role} may not {action}"
    machine = state["Arguments"].get("StateMachineArn")
    if machine and not may(deployment, role, action, machine):
        yield f"{where}: {role} may not {action} on {machine}"
    if state["Resource"].endswith(":startExecution.sync:2"):
        # Step Functions guide, connect-stepfunctions: what following and stopping the other machine takes.
        needed = ("states:DescribeExecution", "states:StopExecution", "events:PutRule", "events:PutTargets")
        for other in (*needed, "events:DescribeRule"):
            if not any(p.role == role and p.action == other for p in permissions(deployment)):
                yield f"{where}: {role} may not {other}"


def action_of(resource: str) -> str:
    """The IAM action of a task's resource."""
    service, operation = resource.removeprefix(SDK).removeprefix("arn:aws:states:::").split(":")[:2]
    operation = operation.removesuffix(".sync")
    return ACTIONS.get(f"{service}:{operation}", f"{service}:{operation[0].upper()}{operation[1:]}")


def _passed_roles(deployment: Deployment) -> Iterator[str]:
    for graph, name, state in tasks(deployment):
        passed = state["Arguments"].get("RoleArn")
        if passed and not may(deployment, graph.role, "iam:PassRole", passed):
            yield f"{graph.name}.{name}: {graph.role} may not pass {passed}"
        if state["Resource"].endswith("createModelCustomizationJob"):
            yield f"{graph.name}.{name} does not wait for the job"


def _map_runs(deployment: Deployment) -> Iterator[str]:
    for machine in deployment.resources("AWS::StepFunctions::StateMachine"):
        distributed = any("ItemReader" in state for state in definition(machine)["States"].values())
        if distributed and not may(deployment, machine.properties["RoleArn"], "states:StartExecution", machine.ref):
            yield f"{machine.name} may not start the executions of its map"
        role = machine.properties["RoleArn"].strip("<>").removesuffix(".Arn")
        if distributed and not any(p.role == role and p.action == "s3:GetObject" for p in permissions(deployment)):
            yield f"{machine.name} may not read the items of its map"
