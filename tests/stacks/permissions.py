"""Who may do what: every statement of every role, trust and resource policy of a deployment."""

import fnmatch
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.stacks.resolved import Deployment, Resource

OWN_ENVIRONMENT = "arbiter:environment {operator} <environment>"
DIGEST = re.compile(r"[0-9a-f]{64}")
"""Of an asset's content, in its key."""
OPERATORS = ("StringEquals", "StringEqualsIfExists")

ACCOUNT_WIDE = "apigateway.amazonaws.com"
"""Logs for the whole account by one role, whose trust its guide shows without a condition."""


@dataclass(frozen=True)
class Permission:
    """One action that a role may take on one resource."""

    role: str
    action: str
    resource: str
    condition: str

    def covers(self, action: str, resource: str) -> bool:
        return self.action == action and fnmatch.fnmatchcase(resource, self.resource)


def statements(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statements of a policy document, with lists where the language allows one or many."""
    for statement in document["Statement"]:
        yield {
            **statement,
            "Action": many(statement["Action"]),
            "Resource": many(statement.get("Resource", [])),
        }


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def permissions(deployment: Deployment) -> set[Permission]:
    """What the roles of a deployment may do, by their policies."""
    return {
        Permission(role.strip("<>"), action, resource, condition_text(statement))
        for policy in deployment.resources("AWS::IAM::Policy")
        for role in policy.properties["Roles"]
        for statement in statements(policy.properties["PolicyDocument"])
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def condition_text(statement: dict[str, Any]) -> str:
    conditions = statement.get("Condition", {})
    return " and ".join(
        f"{key} {operator} {json.dumps(value) if not isinstance(value, str) else value}"
        for operator, pairs in sorted(conditions.items())
        for key, value in sorted(pairs.items())
    )


def table(deployment: Deployment) -> dict[str, list[str]]:
    """Role -> lines of `action on resource [if condition]`; the environment's own name, a tag's value, is left open."""
    lines: dict[str, set[str]] = {}
    for p in permissions(deployment):
        own = p.condition
        for operator in OPERATORS:
            tagged = OWN_ENVIRONMENT.format(operator=operator)
            own = own.replace(tagged.replace("<environment>", deployment.environment), tagged)
        suffix = f" if {own}" if own else ""
        lines.setdefault(p.role, set()).add(f"{p.action} on {DIGEST.sub('<digest>', p.resource)}{suffix}")
    return {role: sorted(found) for role, found in sorted(lines.items())}


def differences(found: dict[str, list[str]], base: dict[str, list[str]]) -> dict[str, list[str]]:
    """Role -> lines that it has beside those of another table, with `+`, and lines of that one that it lacks, `-`."""
    marked = {
        role: [
            *(f"- {line}" for line in base.get(role, ()) if line not in found.get(role, ())),
            *(f"+ {line}" for line in found.get(role, ()) if line not in base.get(role, ())),
        ]
        for role in sorted({*found, *base})
    }
    return {role: lines for role, lines in marked.items() if lines}


def trusts(deployment: Deployment) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """Every trust statement of every role."""
    for role in deployment.resources("AWS::IAM::Role"):
        for statement in statements(role.properties["AssumeRolePolicyDocument"]):
            yield role, statement


def conditional(deployment: Deployment) -> list[tuple[Resource, dict[str, Any]]]:
    """Every trust statement but that of API Gateway's logging role."""
    return [one for one in trusts(deployment) if one[1]["Principal"] != {"Service": ACCOUNT_WIDE}]


def may(deployment: Deployment, role: str, action: str, resource: str) -> bool:
    """Whether `role` (`<Stack.LogicalId.Arn>` or without `.Arn`) may take an action."""
    name = role.strip("<>").removesuffix(".Arn")
    return any(p.role == name and p.covers(action, resource) for p in permissions(deployment))
