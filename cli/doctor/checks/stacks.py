"""The environment's stacks, and the state that each is in."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.doctor.findings.finding import Check, Finding, Looked, Severity
from cli.doctor.findings.situation import Situation

WHOLE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"})
NEVER_MADE = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS"})
"""A stack in one of these states has nothing and cannot be updated: it is deleted, then made anew."""


def checks(situation: Situation) -> Iterator[Check]:
    """The state of all stacks, in one look."""
    yield Check("stacks", lambda: _look(situation))


def _look(situation: Situation) -> Looked:
    stacks, expected = situation.stacks(), situation.expected_stacks
    if not stacks:
        return Looked("nothing is deployed yet")
    region, deploy = situation.settings.region, situation.deploy_command
    found = [finding for stack in stacks.values() if (finding := problem_of(stack, region=region, deploy=deploy))]
    missing = [full for name, full in expected.items() if name not in stacks]
    if missing:
        found.append(_missing(missing, deploy))
    return Looked(f"{len(stacks)} of {len(expected)} stacks", tuple(found))


def problem_of(stack: Mapping[str, Any], *, region: str, deploy: str) -> Finding | None:
    """Say what is wrong with a stack in this state, and how it is brought out of it."""
    name, status = str(stack["StackName"]), str(stack["StackStatus"])
    if status in WHOLE:
        return None
    here = f"--region {region} --stack-name {name}"
    unprotect = ""
    if stack.get("EnableTerminationProtection"):
        unprotect = f"aws cloudformation update-termination-protection --no-enable-termination-protection {here} && "
    delete = (
        f"{unprotect}aws cloudformation delete-stack {here} && aws cloudformation wait stack-delete-complete {here}"
    )
    events = f"aws cloudformation describe-stack-events {here}"
    if status in NEVER_MADE:
        return _finding(name, status, f"it was never made: nothing of {name} exists", f"{delete} && {deploy}")
    if status == "UPDATE_ROLLBACK_FAILED":
        command = f"aws cloudformation continue-update-rollback {here}"
        return _finding(name, status, "it can be neither updated nor trusted to be whole", command)
    if status == "DELETE_FAILED":
        return _finding(name, status, "what is left of it still bills, and it cannot be updated", delete)
    if status.endswith("_IN_PROGRESS"):
        command, again = f"aws cloudformation describe-stacks {here}", "again, until it is at rest"
        return _finding(name, status, "a deploy has to wait for it", command, Severity.WARNS, again)
    consequence = "the last deploy failed, and what was before it answers"
    return _finding(name, status, consequence, events, Severity.WARNS, f"it says why; then {deploy}")


def _finding(
    name: str, status: str, consequence: str, remedy: str, severity: Severity = Severity.BLOCKS, hint: str = ""
) -> Finding:
    return Finding(
        code="stack_state",
        subject=name,
        severity=severity,
        problem=f"the stack {name} is {status}",
        consequence=consequence,
        remedy=remedy,
        hint=hint,
    )


def _missing(names: list[str], deploy: str) -> Finding:
    several = "stacks are" if len(names) > 1 else "stack is"
    return Finding(
        code="stack_missing",
        subject=", ".join(names),
        severity=Severity.WARNS,
        problem=f"the {several} not deployed: {', '.join(names)}",
        consequence="what stands in them does not work: the deployment is not whole",
        remedy=deploy,
    )
