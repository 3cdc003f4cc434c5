"""Firewalls of WAF in front of a stage of API Gateway: addresses that ask too often are blocked.

Only rate-based rules by address are evaluated, at once and to the request; AWS estimates the rate, and blocks half a
minute late.
"""

import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from local.emulator.base.internals import inside, replace, scope
from local.emulator.corrections import limits
from local.emulator.corrections.resource_types import ResourceType

TYPES = (
    ResourceType(
        name="AWS::WAFv2::WebACLAssociation",
        service="wafv2",
        create="AssociateWebACL",
        delete="DisassociateWebACL",
        identify=lambda made: f"{made['WebACLArn']}|{made['ResourceArn']}",
        names=lambda both: {"ResourceArn": both.rpartition("|")[2]},
    ),
)
WINDOW_SECONDS = 300
"""Over which a rule counts unless it says otherwise (WAF API, *RateBasedStatement*)."""
_V1, _ACL = "services.apigateway_v1", "AWS::WAFv2::WebACL"
_seen: dict[tuple[str, str, str], deque[float]] = {}


def install() -> None:
    """Refuse rules that nothing here evaluates, and evaluate the others before an API does anything."""
    table = inside("services.cloudformation.provisioners", "_RESOURCE_HANDLERS")
    table[_ACL] = limits.checking(table[_ACL], lambda properties, _: _check_acl(properties))
    replace(_V1, "_execute_in_scope", _guarded)


def _check_acl(properties: Mapping[str, Any]) -> None:
    """Refuse by its name what nothing here would evaluate.

    Raises:
        ValueError: the reason that the stack shows.
    """
    if "Allow" not in properties["DefaultAction"]:
        raise ValueError(f"{_ACL}: the local AWS evaluates firewalls that allow by default")
    for rule in properties.get("Rules") or ():
        _check(rule)


def _check(rule: Mapping[str, Any]) -> None:
    kinds = sorted(rule.get("Statement") or {})
    rated = (rule.get("Statement") or {}).get("RateBasedStatement") or {}
    if kinds != ["RateBasedStatement"] or rated.get("AggregateKeyType") != "IP" or "ScopeDownStatement" in rated:
        raise ValueError(
            f"{_ACL}: the local AWS evaluates rates by IP, not the rule {rule['Name']} ({', '.join(kinds)})"
        )
    if "Block" not in (rule.get("Action") or {}):
        raise ValueError(f"{_ACL}: the local AWS evaluates rules that block, not the action of {rule['Name']}")


def _guarded(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def execute(request: dict[str, Any], api: str, stage: str, *rest: Any) -> Any:
        deployed = inside(_V1, "_stages_v1").get(api, {}).get(stage)
        if deployed and any(_blocks(*rule) for rule in _rules(f"/restapis/{api}/stages/{stage}")):
            # Developer guide, *supported-gateway-response-types*: in the form that the API gives its refusals.
            request["stage"] = deployed
            return inside(_V1, "_gw_error")("WAF_FILTERED", "Forbidden")
        return await original(request, api, stage, *rest)

    return execute


def _rules(stage: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rules of the firewall of a stage, each with the firewall's ARN."""
    arn = inside("services.waf", "_associations").get(f"arn:aws:apigateway:{scope()[1]}::{stage}")
    if arn is not None:
        acl, _ = inside("services.waf", "_resolve_local_web_acl")(arn)
        yield from ((arn, rule) for rule in acl["Rules"])


def _blocks(acl: str, rule: Mapping[str, Any]) -> bool:
    """Whether a rule blocks the request being served, which counts, too."""
    rated, now = rule["Statement"]["RateBasedStatement"], time.monotonic()
    limit = int(rated["Limit"])
    seen = _seen.setdefault((acl, rule["Name"], inside("core.responses", "get_request_client_ip")()), deque())
    while seen and seen[0] < now - int(rated.get("EvaluationWindowSec", WINDOW_SECONDS)):
        seen.popleft()
    seen.append(now)
    return len(seen) > limit
