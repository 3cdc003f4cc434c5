"""EventBridge's deliveries, checked against the policy of the queue they go to."""

import logging
from collections.abc import Callable
from typing import Any

from local.emulator.identity import journal
from local.emulator.internals import inside, replace, scope

log = logging.getLogger("arbiter.local")

SERVICE = "events.amazonaws.com"


def install() -> None:
    """Ask the queue's policy before delivering to it."""
    replace("services.eventbridge", "_invoke_target", _checked)


def _checked(original: Callable[..., None]) -> Callable[..., None]:
    def deliver(target: dict[str, Any], event: Any, rule: dict[str, Any], *arguments: Any, **options: Any) -> None:
        arn = str(target.get("Arn", ""))
        if arn.split(":")[2:3] == ["sqs"] and not _may_send(arn, _rule_arn(rule)):
            log.warning("event not delivered: the policy of %s does not let the rule %s send", arn, rule.get("Name"))
            return
        original(target, event, rule, *arguments, **options)

    return deliver


def _rule_arn(rule: dict[str, Any]) -> str:
    account, region = scope()
    return str(rule.get("Arn") or f"arn:aws:events:{region}:{account}:rule/{rule.get('Name')}")


def _may_send(queue_arn: str, rule_arn: str) -> bool:
    queue = inside("services.sqs", "_queue_by_arn")(queue_arn)
    policy = queue["attributes"].get("Policy") if queue else None
    account, region = scope()
    context = inside("core.iam_evaluator", "EvalContext")(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="sqs:SendMessage",
        resource_arn=queue_arn,
        region=region,
        secure_transport=True,
        service_context={"aws:sourcearn": rule_arn, "aws:sourceaccount": account},
    )
    evaluate = inside("core.iam_evaluator", "evaluate_resource_policy")
    allowed = bool(policy) and evaluate(policy, context, service=SERVICE).decision == "Allow"
    name = rule_arn.rsplit("/", 1)[-1]
    journal().record(role=name, action="sqs:SendMessage", resource=queue_arn, allowed=allowed, via=SERVICE)
    return allowed
