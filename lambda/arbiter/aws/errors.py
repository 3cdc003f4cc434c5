"""AWS's failures in Arbiter's words, for the calls that answer a request."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from arbiter.aws.calls.failures import NOT_AUTHORIZED, Failure, FailureKind, failure_of
from arbiter.errors import (
    AccessDenied,
    ArbiterError,
    BadModelOutput,
    DailyQuota,
    DeadlineExceeded,
    InvalidRequest,
    ModelNotOpen,
    ModelNotReady,
    Problem,
    Throttled,
    TooLarge,
    public,
)


class Callee(NamedTuple):
    """A model, knowledge base or parameter: its name for people, and the errors of its failures."""

    name: str
    missing: type[ArbiterError]
    """The error when it does not exist."""
    failed: type[ArbiterError]
    """The error when it fails for any other reason."""
    unreadable: type[ArbiterError]
    """The error when its response is none of the operation's."""
    field: str | None
    """The part of a request that it would refuse, where it gets any of it."""


_UNSENT_OR_LOST = (EndpointConnectionError, ConnectTimeoutError, ConnectionClosedError)
"""Nothing was answered: an idle connection of a thawed function ends like this, and the next call works."""

_ASSUMED_ROLE = re.compile(r":assumed-role/([^/]+)/")
_TOO_LONG = re.compile(
    r"too long|too many (?:input )?tokens|context (?:length|window|limit|size)|input tokens exceeded"
    r"|tokens? exceeds? (?:the )?maximum|maximum (?:input|prompt) (?:length|tokens)|reduce the length of"
    r"|expected maxlength",
    re.IGNORECASE,
)
"""Nova: "Input Tokens Exceeded: Number of input tokens exceeds maximum length"; Claude: "Input is too long for
requested model", "exceed context limit"; Llama: "maximum context length"."""
_PER_DAY = re.compile(r"per day|daily", re.IGNORECASE)
_NOT_OPEN = re.compile(r"use case details|aws-marketplace:|don't have access to the model", re.IGNORECASE)
_UNPAID = re.compile(r"payment[ _]instrument", re.IGNORECASE)
_WRONG_ID = re.compile(r"on-demand throughput|model identifier is invalid", re.IGNORECASE)
_RESTRICTED = re.compile(r"^operation not allowed|not authorized to invoke|from unsupported|is blocked", re.IGNORECASE)
_OWN_POLICY = re.compile(r"^$|no identity-based policy")
_WITHDRAWN = re.compile(r"as Legacy|end of its life", re.IGNORECASE)
_OPENING = (
    "It is no right for the function's role: an administrator runs `aws bedrock put-use-case-for-model-access` once "
    "for Anthropic's models, and `aws bedrock-runtime converse` once with each model of another provider than Amazon "
    "(docs/model-access.md)."
)
_ACCOUNT = "AWS names no permission: an administrator looks at what the account may use (docs/model-access.md)."
_PAYMENT = "An administrator adds a valid payment method to the account (Billing, Payment preferences)."
_UNREADABLE = (ResponseParserError, AttributeError, LookupError, OverflowError, RecursionError, TypeError, ValueError)
"""Raised by botocore's parsers at a body that is none of the operation's: null, a list, no UTF-8, a wrong type."""


def translate(error: Exception, callee: Callee) -> ArbiterError:
    """An exception of a call as one of Arbiter's."""
    if isinstance(error, ClientError):
        failure = failure_of(error)
        return _IN_OUR_WORDS[failure.kind](failure, callee)
    if isinstance(error, ReadTimeoutError | TimeoutError):
        return DeadlineExceeded(f"{callee.name} did not answer within the time of this request.")
    if isinstance(error, NoCredentialsError):
        return AccessDenied("The function has no AWS credentials: its execution role is missing.")
    reason = str(error).rstrip(".")
    if isinstance(error, _UNSENT_OR_LOST):
        return callee.failed(f"{callee.name} could not be reached: {reason}.", retryable=True)
    if isinstance(error, BotoCoreError):
        return callee.failed(f"{callee.name} could not be called: {reason}.")
    if isinstance(error, _UNREADABLE):
        # Nothing can be done about what a model wrote; a service may answer whole the next time.
        passing = callee.unreadable is not BadModelOutput
        return callee.unreadable(f"The response of {callee.name} cannot be read: {reason}.", retryable=passing)
    raise error


def _missing(failure: Failure, callee: Callee) -> ArbiterError:
    if _NOT_OPEN.search(failure.message):
        return _not_open(failure, callee)
    if _WITHDRAWN.search(failure.message):
        remedy = "Name its successor in cdk.json (Bedrock user guide, model-lifecycle) and deploy."
        return callee.missing(f"{callee.name} is withdrawn from this account: {failure.message.rstrip('.')}. {remedy}")
    return callee.missing(f"{callee.name} does not exist: {failure.sentence}")


def _not_open(failure: Failure, callee: Callee) -> ModelNotOpen:
    refusal = f"{callee.name} is not open to this account"
    return ModelNotOpen(f"{refusal}: {failure.message} {_OPENING}", for_callers=f"{refusal}. {_OPENING}")


def _denied(failure: Failure, callee: Callee) -> AccessDenied:
    """Name action, resource and role, which AWS writes into one sentence."""
    if _NOT_OPEN.search(failure.message):
        return _not_open(failure, callee)
    for_callers = f"AWS denies the function a permission that it needs for {callee.name}; its log names it."
    match = NOT_AUTHORIZED.search(failure.message)
    if match is None:
        remedy = _PAYMENT if _UNPAID.search(failure.message) else _ACCOUNT
        sentence = f"AWS denies access to {callee.name}: {failure.sentence.rstrip('.')}. {remedy}"
        return AccessDenied(sentence, for_callers=for_callers)
    role = _ASSUMED_ROLE.search(match["user"])
    who = f"The role {role[1]}" if role else match["user"]
    resource = match["resource"] or callee.name
    reason = match["reason"] or match["because"]
    explained = f" ({reason.rstrip('.')})" if reason else ""
    sentence = f"{who} is not allowed {match['action']} on {resource}{explained}."
    remedy = (
        "Add it to the role's policy."
        if _OWN_POLICY.search(reason or "")
        else "No permission in the role's policy mends that: an administrator changes the policy that AWS names."
    )
    return AccessDenied(f"{sentence} {remedy}", for_callers=for_callers)


def _bad_credentials(failure: Failure, callee: Callee) -> AccessDenied:
    sentence = f"{callee.name} does not accept the credentials of the function's role"
    return AccessDenied(f"{sentence}: {failure.sentence}", for_callers=f"{sentence}.")


def _throttled(failure: Failure, callee: Callee) -> Throttled:
    if not _PER_DAY.search(failure.message):
        return Throttled(f"AWS throttles calls to {callee.name}: {failure.sentence}")
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    return DailyQuota(
        f"The account's quota of the day for {callee.name} is used up: {failure.message} It may go on from {tomorrow} "
        "00:00 UTC, or once a higher quota is granted (Service Quotas, Amazon Bedrock)."
    )


def _conflict(failure: Failure, callee: Callee) -> ArbiterError:
    return _failed(failure._replace(kind=FailureKind.PASSING), callee)


def _not_ready(failure: Failure, callee: Callee) -> ModelNotReady:
    return ModelNotReady(f"{callee.name} is being loaded and will answer shortly: {failure.sentence}")


def _too_slow(failure: Failure, callee: Callee) -> DeadlineExceeded:
    return DeadlineExceeded(f"{callee.name} took too long: {failure.sentence}")


def _refused(failure: Failure, callee: Callee) -> ArbiterError:
    if _TOO_LONG.search(failure.message):
        return TooLarge(
            f"The prompt is too long for {callee.name}: {failure.message} Shorten the question, the history or the "
            "system text, or ask for fewer passages (retrieval.results)."
        )
    if _WRONG_ID.search(failure.message):
        remedy = "Name it in cdk.json as AWS offers it, most through a profile (`us.…`), and deploy."
        return callee.missing(f"{callee.name} cannot be called by this id: {failure.message.rstrip('.')}. {remedy}")
    if _RESTRICTED.search(failure.message):
        return _denied(failure, callee)
    if callee.field is None:
        return _failed(failure, callee)
    refusal = public(f"was refused by {callee.name}: {failure.sentence}")
    return InvalidRequest([Problem(callee.field, refusal, "what it accepts")])


def _failed(failure: Failure, callee: Callee) -> ArbiterError:
    passing = failure.kind is FailureKind.PASSING
    return callee.failed(f"{callee.name} failed with {failure.code}: {failure.message}", retryable=passing)


_IN_OUR_WORDS: Mapping[FailureKind, Callable[[Failure, Callee], ArbiterError]] = {
    FailureKind.MISSING: _missing,
    FailureKind.DENIED: _denied,
    FailureKind.CREDENTIALS: _bad_credentials,
    FailureKind.THROTTLED: _throttled,
    FailureKind.CONFLICT: _conflict,
    FailureKind.LOADING: _not_ready,
    FailureKind.SLOW: _too_slow,
    FailureKind.REFUSED: _refused,
    FailureKind.PASSING: _failed,
    FailureKind.OTHER: _failed,
}
