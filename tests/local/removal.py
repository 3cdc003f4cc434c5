"""One permission taken from a deployed role, as somebody who tidies up policies might."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

NAME_CHARACTERS = 40
"""Characters of a role's name that stay when CloudFormation shortens it to 64."""


@contextmanager
def without(iam: Any, *, role: str, action: str) -> Iterator[None]:
    """Take an action from every inline policy of the role whose name begins so, and give it back afterwards.

    Raises:
        LookupError: no such role was granted it, so that the test would prove nothing.
    """
    taken = list(_granting(iam, role[:NAME_CHARACTERS], action))
    if not taken:
        raise LookupError(f"{role} is not granted {action}")
    for names, document in taken:
        iam.put_role_policy(**names, PolicyDocument=json.dumps(_lacking(document, action)))
    try:
        yield
    finally:
        for names, document in taken:
            # The role is gone where the step deleted its stack.
            with suppress(iam.exceptions.NoSuchEntityException):
                iam.put_role_policy(**names, PolicyDocument=json.dumps(document))


def _granting(iam: Any, role: str, action: str) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    names = [one["RoleName"] for page in iam.get_paginator("list_roles").paginate() for one in page["Roles"]]
    for name in (name for name in names if name.startswith(role)):
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            if any(action in _actions(statement) for statement in document["Statement"]):
                yield {"RoleName": name, "PolicyName": policy}, document


def _lacking(document: dict[str, Any], action: str) -> dict[str, Any]:
    # An action that no resource has stands in for an empty list, which IAM does not take.
    statements = [
        {**statement, "Action": [one for one in _actions(statement) if one != action] or ["none:None"]}
        for statement in document["Statement"]
    ]
    return {**document, "Statement": statements}


def _actions(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else list(actions)
