"""IAM enforcement as AWS does it: each call's action and resource, loopback as TLS, every decision in the journal."""

import contextvars
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from local.emulator.base.identity import journal, via
from local.emulator.base.internals import inside, replace
from local.emulator.base.journal import principal_name
from local.emulator.bedrock import model_tags
from local.emulator.iam import bedrock_calls
from local.emulator.knowledge.vectors import arns
from local.emulator.language import guardrails

_ACTIONS = {
    # There is no bedrock:Converse: the action is that of the invocation behind it.
    "bedrock:Converse": "bedrock:InvokeModel",
    "bedrock:ConverseStream": "bedrock:InvokeModelWithResponseStream",
    "bedrock:StartAsyncInvoke": "bedrock:InvokeModel",
}
_CONDITIONS = re.compile(
    r"iam:passedtoservice|bedrock:inferenceprofilearn|bedrock:guardrailidentifier|aws:(?:request|resource)tag/arbiter:environment"
)
_PARAMETER_VERSION = re.compile(r":\d+$")
_declared_plain: contextvars.ContextVar[bool] = contextvars.ContextVar("declared_plain", default=False)
_last_denied: contextvars.ContextVar[tuple[str, str]] = contextvars.ContextVar("last_denied", default=("", "*"))


def install() -> None:
    """Correct what the emulator checks, and write down what it decides."""
    replace("core.iam_actions", "extract_iam_action", _with_real_actions)
    replace("core.iam_actions", "extract_resource_arn", _with_real_resources)
    replace("core.iam_actions", "request_tag_context", _with_tags_of_jobs)
    replace("core.iam_actions", "access_denied_response", _naming_the_resource)
    replace("core.iam_evaluator", "enforce", _journaled)
    # The emulator speaks HTTP on loopback; bucket policies that demand TLS must hold for what is sent in plain only.
    replace("app", "pin_request_origin", lambda pin: lambda address, tls: pin(address, not _declared_plain.get()))
    replace("app", "app", _noting_plain_http)
    inside("core.iam_actions", "SERVICE_TO_IAM_NAMESPACE")["s3vectors"] = "s3vectors"
    inside("core.iam_actions", "_BOTOCORE_SERVICE_MAP")["s3vectors"] = ["s3vectors"]
    inside("core.router", "SERVICE_PATTERNS")["s3vectors"] = {
        "host_patterns": [r"s3vectors\."],
        "credential_scope": "s3vectors",
    }


def _with_real_actions(original: Callable[..., str | None]) -> Callable[..., str | None]:
    def extract(service: str, *arguments: Any, **options: Any) -> str | None:
        action = original(service, *arguments, **options)
        return _ACTIONS.get(action, action) if action else action

    return extract


def _with_real_resources(original: Callable[..., str]) -> Callable[..., str]:
    def extract(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
        region: str,
        account: str,
    ) -> str:
        arn = None
        if service == "bedrock-runtime":
            arn = bedrock_calls.runtime_resource(unquote(path), region, account)
        elif service == "bedrock":
            arn = bedrock_calls.resource(method, unquote(path), _json(body), region, account)
        elif service == "s3vectors":
            arn = arns.of_request(_json(body), region, account)
        arn = arn or original(service, method, path, headers, body, query, region, account)
        # An earlier version is read under the parameter's own ARN.
        return _PARAMETER_VERSION.sub("", arn) if service == "ssm" else arn

    return extract


def _with_tags_of_jobs(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Bedrock's jobs name their tags, and calls of models their guardrail, in members of their own."""

    def context(service: str, action: str, body: bytes, parameters: dict[str, Any]) -> dict[str, Any]:
        resources = original(service, action, body, parameters)
        if service == "bedrock-runtime":
            named = guardrails.named(_json(body).get("guardrailConfig"))
            return {**resources, "bedrock:GuardrailIdentifier": named} if named else resources
        if service != "bedrock":
            return resources
        return {**resources, **bedrock_calls.tags(_json(body))}

    return context


def _journaled(original: Callable[..., Any]) -> Callable[..., Any]:
    """Write down every decision about a principal other than the account's root."""

    def enforce(
        key: str,
        action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        denied = original(key, action, service, region, resource_arn=resource_arn, service_context=service_context)
        if isinstance(denied, inside("core.iam_evaluator", "AuthError")):
            return denied  # not authenticated: no principal decided about
        if denied is not None:
            _last_denied.set((action, resource_arn))
        if key and not inside("core.iam_evaluator", "is_root_access_key")(key):
            principal = inside("core.iam_evaluator", "resolve_principal")(key, _account())
            name = principal_name(getattr(principal, "arn", "") or "unknown")
            journal().record(
                role=name,
                action=action,
                resource=resource_arn,
                allowed=denied is None,
                via=via(key),
                context=_context(resource_arn, service_context or {}),
            )
        return denied

    return enforce


def _context(resource: str, asked: dict[str, Any]) -> dict[str, str]:
    """The keys of a call that conditions of a policy may ask about, in small letters, with their values."""
    own = {f"aws:resourcetag/{key}": value for key, value in model_tags.of(resource).items()}
    keys = {key.lower(): str(value) for key, value in {**own, **asked}.items()}
    return {key: value for key, value in sorted(keys.items()) if _CONDITIONS.fullmatch(key)}


def _naming_the_resource(original: Callable[..., Any]) -> Callable[..., Any]:
    """AWS's sentence says on which resource; the emulator says so for a few services only."""

    def respond(
        service: str, action: str, principal_arn: str, request_id: str, **options: Any
    ) -> tuple[int, dict[str, str], bytes]:
        by_resource_policy = options.get("explicit_deny") and options.get("resource_policy_arn")
        if not options.get("message") and not options.get("error_code") and not by_resource_policy:
            denied_action, denied_resource = _last_denied.get()
            resource = denied_resource if denied_action == action else options.get("resource_arn", "*")
            sentence = inside("core.iam_actions", "identity_denial_message")
            options["message"] = sentence(action, principal_arn, resource, bool(options.get("explicit_deny")))
        answer: tuple[int, dict[str, str], bytes] = original(service, action, principal_arn, request_id, **options)
        return answer

    return respond


def _noting_plain_http(original: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            _declared_plain.set((b"x-forwarded-proto", b"http") in scope["headers"])
        await original(scope, receive, send)

    return application


def _account() -> str:
    return str(inside("core.responses", "get_account_id")())


def _json(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
