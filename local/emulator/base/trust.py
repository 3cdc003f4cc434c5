"""The trust policies of roles: which AWS service may assume a role, for which source."""

import json
from datetime import UTC, datetime
from typing import Any

from local.emulator.base import faults
from local.emulator.base.http import ServiceError
from local.emulator.base.internals import inside, scope
from local.emulator.base.journal import principal_name


def trusts(role_arn: str, principal: str, source_arn: str) -> bool:
    """Tell if a role lets a service assume it for a source.

    Raises:
        ServiceError: there is no such role.
    """
    account, name = role_arn.split(":")[4], principal_name(role_arn)
    role = inside("services.iam", "_roles").get_scoped(account, None, name)
    if role is None:
        raise ServiceError("ValidationException", f"The role {role_arn} does not exist.")
    spreading = faults.ordered("spreading", role=name)
    if spreading and _age(role["CreateDate"]) < spreading["seconds"]:
        return False
    document = role["AssumeRolePolicyDocument"]
    policy = json.loads(document) if isinstance(document, str) else document
    context = inside("core.iam_evaluator", "EvalContext")(
        principal_arn=principal,
        principal_type="Service",
        principal_account=account,
        action="sts:AssumeRole",
        resource_arn=role_arn,
        region=scope()[1],
        secure_transport=True,
        service_context={"aws:sourceaccount": account, "aws:sourcearn": source_arn},
    )
    met = inside("core.iam_evaluator", "_conditions_met")
    effects = [
        statement["Effect"]
        for statement in _listed(policy.get("Statement"))
        if "sts:AssumeRole" in _listed(statement.get("Action"))
        and _names_service(statement.get("Principal"), principal)
        and met(statement.get("Condition", {}), context)
    ]
    return "Allow" in effects and "Deny" not in effects


def _age(stamp: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(stamp)).total_seconds()


def _names_service(principal: Any, service: str) -> bool:
    regional = service.replace(".amazonaws.com", f".{scope()[1]}.amazonaws.com")
    return isinstance(principal, dict) and bool({service, regional} & set(_listed(principal.get("Service"))))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
