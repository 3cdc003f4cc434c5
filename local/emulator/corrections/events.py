"""EventBridge's deliveries, checked against the policy of what they go to, or the role of the rule's target."""

import contextvars
import logging
import threading
from collections.abc import Callable
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.base.identity import assume, client, journal, require
from local.emulator.base.internals import inside, replace, scope

log = logging.getLogger("arbiter.local")

SERVICE = "events.amazonaws.com"
_MODULE = "services.eventbridge"
_ACTIONS = {"sqs": "sqs:SendMessage", "lambda": "lambda:InvokeFunction", "sns": "sns:Publish"}


def install() -> None:
    """Ask before delivering; functions are invoked as Lambda's asynchronous invocation does it, with its retries."""
    replace(_MODULE, "_invoke_target", _checked)
    replace(_MODULE, "_dispatch_to_lambda", lambda _: _invoke)


def _checked(original: Callable[..., None]) -> Callable[..., None]:
    def deliver(target: dict[str, Any], event: Any, rule: dict[str, Any], *arguments: Any, **options: Any) -> None:
        arn = str(target.get("Arn", ""))
        service = arn.split(":")[2:3]
        refusal = None
        if service and service[0] in _ACTIONS:
            refusal = _refused_by_policy(service[0], arn, _rule_arn(rule))
        elif service == ["states"]:
            refusal = _refused_by_role(str(target.get("RoleArn")), arn, _rule_arn(rule))
        if refusal:
            log.warning("event not delivered to %s: %s", arn, refusal)
            return
        original(target, event, rule, *arguments, **options)

    return deliver


def _rule_arn(rule: dict[str, Any]) -> str:
    account, region = scope()
    return str(rule.get("Arn") or f"arn:aws:events:{region}:{account}:rule/{rule.get('Name')}")


def _refused_by_policy(service: str, arn: str, rule_arn: str) -> str | None:
    action, policy = _ACTIONS[service], _policy(service, arn)
    account, region = scope()
    context = inside("core.iam_evaluator", "EvalContext")(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=arn,
        region=region,
        secure_transport=True,
        # A topic's default policy admits its owner's services through aws:SourceOwner.
        service_context={"aws:sourcearn": rule_arn, "aws:sourceaccount": account, "aws:sourceowner": account},
    )
    evaluate = inside("core.iam_evaluator", "evaluate_resource_policy")
    allowed = bool(policy) and evaluate(policy, context, service=SERVICE).decision == "Allow"
    name = rule_arn.rsplit("/", 1)[-1]
    journal().record(role=name, action=action, resource=arn, allowed=allowed, via=SERVICE)
    return None if allowed else f"its policy does not let the rule {name} {action}"


def _policy(service: str, arn: str) -> Any:
    if service == "sqs":
        queue = inside("services.sqs", "_queue_by_arn")(arn)
        return queue["attributes"].get("Policy") if queue else None
    function, topic = ("services.lambda_svc", "function_policy_for_arn"), ("services.sns", "topic_policy_for_arn")
    resource_policy = inside(*(function if service == "lambda" else topic))(arn)
    return resource_policy[0] if resource_policy else None


def _refused_by_role(role_arn: str, machine: str, rule_arn: str) -> str | None:
    try:
        require(assume(role_arn, SERVICE, "delivery", rule_arn), "states:StartExecution", machine)
    except (ServiceError, LookupError) as error:
        return str(error)
    return None


def _invoke(arn: str, payload: str) -> None:
    def invoke() -> None:
        client("lambda").invoke(FunctionName=arn, InvocationType="Event", Payload=payload.encode())

    # Not on the thread that serves the event: the call comes back to this very server.
    threading.Thread(target=contextvars.copy_context().run, args=(invoke,), daemon=True).start()
