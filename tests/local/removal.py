"""One permission taken out of a template, as somebody who tidies up policies might."""

import copy
from collections.abc import Iterator
from typing import Any

Template = dict[str, Any]


def without(template: Template, *, role: str, action: str) -> Template:
    """The template in which no role whose logical id begins with `role` may do `action`.

    Raises:
        LookupError: no such role was granted it, so that the test would prove nothing.
    """
    changed = copy.deepcopy(template)
    taken = 0
    for statement in _statements(changed, role):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if action in actions:
            # An action that no resource has stands in for an empty list, which IAM does not take.
            statement["Action"] = [one for one in actions if one != action] or ["none:None"]
            taken += 1
    if not taken:
        raise LookupError(f"{role} is not granted {action}")
    return changed


def _statements(template: Template, role: str) -> Iterator[dict[str, Any]]:
    resources = template["Resources"]
    ids = {name for name, it in resources.items() if it["Type"] == "AWS::IAM::Role" and name.startswith(role)}
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if name in ids:
            for policy in properties.get("Policies", ()):
                yield from policy["PolicyDocument"]["Statement"]
        elif resource["Type"] == "AWS::IAM::Policy" and ids & {it.get("Ref") for it in properties["Roles"]}:
            yield from properties["PolicyDocument"]["Statement"]
