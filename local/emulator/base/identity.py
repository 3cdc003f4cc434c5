"""Principals: sessions that services hold of the roles passed to them, and the permission checks that they make."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from botocore.config import Config

from local import sessions
from local.emulator.base.http import Request, ServiceError
from local.emulator.base.internals import inside, replace, scope
from local.emulator.base.journal import Journal, principal_name
from local.emulator.base.trust import trusts

_CONFIG = Config(
    retries={"total_max_attempts": 1, "mode": "standard"}, s3={"addressing_style": "path"}, read_timeout=120
)
_via_of_key: dict[str, str] = {}


class _State:
    """State of the emulator process: the journal, and its own address."""

    journal: Journal
    endpoint: str


def configure(journal: Journal, endpoint: str) -> None:
    """Say where decisions are written and where this emulator listens."""
    _State.journal = journal
    _State.endpoint = endpoint
    replace("services.sts", "register_session", one_at_a_time)


def one_at_a_time(original: Callable[[str, dict[str, Any]], None]) -> Callable[[str, dict[str, Any]], None]:
    """Registering reads through all sessions for those that have expired: a child of a map fails when another adds."""
    lock = threading.Lock()

    def register(access_key: str, session: dict[str, Any]) -> None:
        with lock:
            original(access_key, session)

    return register


def journal() -> Journal:
    """Where decisions are written."""
    return _State.journal


def endpoint() -> str:
    """The emulator's own address."""
    return _State.endpoint


@dataclass(frozen=True)
class RoleSession:
    """A service's session of a role that was passed to it."""

    role_arn: str
    principal: str
    access_key: str
    secret_key: str
    token: str

    @property
    def role(self) -> str:
        """The role's name."""
        return principal_name(self.role_arn)


def assume(role_arn: str, principal: str, session: str, source_arn: str) -> RoleSession:
    """A session of a role as an AWS service opens it, once the role's trust policy is satisfied.

    Raises:
        ServiceError: when the role does not exist or does not trust the service for this source.
    """
    trusted, name = trusts(role_arn, principal, source_arn), principal_name(role_arn)
    _State.journal.record(role=name, action="sts:AssumeRole", resource=role_arn, allowed=trusted, via=principal)
    if not trusted:
        raise ServiceError(
            "AccessDeniedException",
            f"{principal} is not authorized to perform: sts:AssumeRole on resource: {role_arn} because its trust "
            f"policy does not allow it for {source_arn}",
            403,
        )
    digest = hashlib.sha256(f"{role_arn}:{principal}:{session}".encode()).hexdigest()
    key = f"ASIA{digest[:16].upper()}"
    opened = RoleSession(role_arn, principal, key, digest, hashlib.sha256(digest.encode()).hexdigest())
    account = role_arn.split(":")[4]
    record = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        "UserId": f"{name}:{session}",
        "SecretAccessKey": opened.secret_key,
        "SessionToken": opened.token,
    }
    inside("services.sts", "register_session")(key, record)
    _via_of_key[key] = principal
    return opened


def via(access_key: str) -> str:
    """Which service acts with this key; `api` for a call that a principal makes itself."""
    return _via_of_key.get(access_key, "api")


def require(held: RoleSession, action: str, resource: str, *, context: dict[str, Any] | None = None) -> None:
    """Check that the role allows `action` on `resource`.

    Raises:
        ServiceError: AWS's sentence of who may not do what on which resource.
    """
    inside("core.iam_evaluator", "pin_request_origin")("127.0.0.1", True)
    denied = _enforce(held.access_key, action, scope()[1], resource, context)
    if denied is not None:
        raise _denial(denied, action, resource)


def allows(held: RoleSession, action: str, resource: str, *, context: dict[str, Any] | None = None) -> bool:
    """Whether the role allows it: for work that AWS drops in silence when it is denied."""
    try:
        require(held, action, resource, context=context)
    except ServiceError:
        return False
    return True


def require_caller(request: Request, action: str, resource: str, *, context: dict[str, Any] | None = None) -> None:
    """A further check on the principal that sent the request: a role it passes, a model behind a profile.

    Raises:
        ServiceError: AWS's sentence of who may not do what on which resource.
    """
    key = inside("core.router", "extract_access_key_id")(request.headers, request.query)
    denied = _enforce(key, action, scope()[1], resource, context)
    if denied is not None:
        raise _denial(denied, action, resource)


def client(service: str, held: RoleSession | None = None) -> Any:
    """A boto3 client onto this emulator, as the role or as the account's root; only off the event loop."""
    account, region = scope()
    if held is None:
        return _client(service, region, account, "test", None)
    return _client(service, region, held.access_key, held.secret_key, held.token)


@lru_cache(maxsize=128)
def _client(service: str, region: str, key: str, secret: str, token: str | None) -> Any:
    return sessions.client(
        service,
        endpoint_url=_State.endpoint,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=_CONFIG,
    )


def _enforce(key: str, action: str, region: str, resource: str, context: dict[str, Any] | None) -> Any:
    enforce = inside("core.iam_evaluator", "enforce")
    return enforce(key, action, action.split(":")[0], region, resource_arn=resource, service_context=context)


def _denial(denied: Any, action: str, resource: str) -> ServiceError:
    if isinstance(denied, inside("core.iam_evaluator", "AuthError")):
        return ServiceError(denied.code, denied.message, 403)
    sentence = inside("core.iam_actions", "identity_denial_message")
    return ServiceError(
        "AccessDeniedException", sentence(action, denied.principal_arn, resource, denied.decision == "Deny"), 403
    )
