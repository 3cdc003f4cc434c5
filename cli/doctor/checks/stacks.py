"""The environment's stacks, and the state that each is in."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.doctor.findings.finding import Check, Finding, Looked, Severity
from cli.doctor.findings.situation import Situation

BLOCKS, WARNS = Severity.BLOCKS, Severity.WARNS
WHOLE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"})
NEVER_MADE = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"})
"""A stack in one of these states has nothing and cannot be updated: it is deleted, then made anew."""


def checks(situation: Situation) -> Iterator[Check]:
    """The state of all stacks, in one look."""
    yield Check("stacks", lambda: _look(situation))


def _look(situation: Situation) -> Looked:
    stacks, expected = situation.stacks(), situation.expected_stacks
    if not stacks:
        return Looked("nothing is deployed yet")
    region, deploy = situation.settings.region, situation.deploy_command
    findings = [finding for stack in stacks.values() if (finding := problem_of(stack, region=region, deploy=deploy))]
    missing = [full for name, full in expected.items() if name not in stacks]
    if missing:
        findings.append(_missing(missing, deploy))
    return Looked(f"{len(stacks)} of {len(expected)} stacks", tuple(findings))


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
    cfn = "aws cloudformation"
    known: dict[str, tuple[str, str, Severity, str]] = {
        **dict.fromkeys(NEVER_MADE, ("it was never made: nothing of it exists", f"{delete} && {deploy}", BLOCKS, "")),
        "REVIEW_IN_PROGRESS": ("it is empty: its change set was made and never executed", deploy, WARNS, ""),
        "UPDATE_ROLLBACK_FAILED": (
            "it can be neither updated nor trusted to be whole", f"{cfn} continue-update-rollback {here}", BLOCKS, ""
        ),
        "DELETE_FAILED": ("what is left of it still bills, and it cannot be updated", delete, BLOCKS, ""),
    }  # fmt: skip
    moving = ("a deploy has to wait for it", f"{cfn} describe-stacks {here}", WARNS, "again, until it is at rest")
    failed = ("the last deploy failed, and what was before it answers", f"{cfn} describe-stack-events {here}", WARNS)
    other = moving if status.endswith("_IN_PROGRESS") else (*failed, f"it says why; then {deploy}")
    return _finding(name, status, *known.get(status, other))


def _finding(name: str, status: str, consequence: str, remedy: str, severity: Severity, hint: str) -> Finding:
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
