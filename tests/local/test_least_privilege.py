"""Every permission that a role has is used by the demonstration or a fault test, and nothing beyond was ever tried."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.local.exercise import denials, exercise
from tests.local.deployed import Deployed
from tests.local.tear_down import tear_down
from tests.local.training_runs import RARELY_USED

pytestmark = pytest.mark.local

Permission = tuple[str, str]
TELLING = 40
"""Characters of a role's name that stay when CloudFormation shortens it to 64."""


@pytest.fixture(scope="module")
def used(deployed: Deployed, few_examples: Path) -> set[Permission]:
    """What the roles did, from deployment to deletion, as (role's logical id, action)."""
    exercise(few_examples, deployed.deployment, deployed.aws)
    _await(deployed.aws.authorizations, "bedrock:GetIngestionJob")
    tear_down(deployed.deployment)
    decisions = [json.loads(line) for line in deployed.aws.authorizations.read_text().splitlines()]
    assert not denials(deployed.aws.authorizations)
    return {(one["role"], one["action"]) for one in decisions}


def _await(journal: Path, action: str) -> None:
    """The sync function looks after a job some seconds after starting it, whatever else goes on."""
    deadline = time.monotonic() + 60
    while f'"{action}"' not in journal.read_text() and time.monotonic() < deadline:
        time.sleep(0.5)


def granted(assembly: Path) -> Iterator[Permission]:
    """What the templates allow, as (start of the role's name, action)."""
    for file in sorted(assembly.glob("*.template.json")):
        stack, resources = file.name.removesuffix(".template.json"), json.loads(file.read_text())["Resources"]
        for resource in resources.values():
            if resource["Type"] != "AWS::IAM::Policy":
                continue
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                for role in resource["Properties"]["Roles"]:
                    yield from ((f"{stack}-{role['Ref']}", action) for action in actions)


def is_rarely_used(role: str, action: str) -> bool:
    """Whether the fault tests, and not the demonstration, show that a right is used."""
    return any(name in role and action in actions for name, actions in RARELY_USED.items())


def test_every_granted_action_is_used(synthesised: Path, used: set[Permission]) -> None:
    by_role: dict[str, set[str]] = defaultdict(set)
    for role, action in used:
        by_role[role].add(action)
    unused = [
        f"{role}: {action}"
        for role, action in granted(synthesised)
        if not any(name.startswith(role[:TELLING]) and action in actions for name, actions in by_role.items())
        and not is_rarely_used(role, action)
    ]
    assert not unused, unused
