"""AWS's failures in Arbiter's words, for the calls that answer a request."""

import re
from collections.abc import Callable, Mapping
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

from arbiter.aws.calls import access
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
    model: str | None = None
    """The id of a model."""


_UNSENT_OR_LOST = (EndpointConnectionError, ConnectTimeoutError, ConnectionClosedError)
"""Nothing was answered: an idle connection of a thawed function ends like this, and the next call works."""

_ASSUMED_ROLE = re.compile(r":assumed-role/([^/]+)/")
_TOO_LONG = re.compile(
    r"too long|too many (?:input )?tokens|context (?:length|window|limit|size)|input tokens exceeded"
    r"|tokens? exceeds? (?:the )?maximum|maximum (?:input|prompt) (?:length|tokens)|reduce the length of"
    r"|expected maxlength|longer than the maximum model length|`inputs` tokens \+ `max_new_tokens` must be",
    re.IGNORECASE,
)
"""Nova: "Input Tokens Exceeded: Number of input tokens exceeds maximum length"; Claude: "Input is too long for
requested model", "exceed context limit"; Llama: "maximum context length"; servers of one's own: vLLM, TGI."""
_RESTRICTED = re.compile(r"^operation not allowed|not authorized to invoke|from unsupported|is blocked", re.IGNORECASE)
_OWN_POLICY = re.compile(r"^$|no identity-based policy")
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
    if access.NOT_OPEN.search(failure.message):
        return _not_open(failure, callee)
    if access.WITHDRAWN.search(failure.message):
        return callee.missing(access.with_cause(access.to_replace(callee.name), failure.message))
    return callee.missing(f"{callee.name} does not exist: {failure.sentence}")


def _not_open(failure: Failure, callee: Callee) -> ModelNotOpen:
    sentence = access.to_open(callee.name, callee.model, failure.message)
    return ModelNotOpen(access.with_cause(sentence, failure.message), for_callers=sentence)


def _denied(failure: Failure, callee: Callee) -> AccessDenied:
    """Name action, resource and role, which AWS writes into one sentence."""
    if access.NOT_OPEN.search(failure.message):
        return _not_open(failure, callee)
    for_callers = f"AWS denies the function a permission that it needs for {callee.name}; its log names it."
    match = NOT_AUTHORIZED.search(failure.message)
    if match is None:
        sentence = access.to_allow(callee.name, failure.message)
        return AccessDenied(access.with_cause(sentence, failure.sentence), for_callers=for_callers)
    role = _ASSUMED_ROLE.search(match["user"])
    who = f"The role {role[1]}" if role else match["user"]
    resource = match["resource"] or callee.name
    reason = match["reason"] or match["because"]
    explained = f" ({reason.rstrip('.')})" if reason else ""
    remedy = (
        "add it to the role's policy"
        if _OWN_POLICY.search(reason or "")
        else "an administrator changes the policy that AWS names, for no permission in the role's policy mends that"
    )
    sentence = f"{who} is not allowed {match['action']} on {resource}{explained}: {remedy}."
    return AccessDenied(sentence, for_callers=for_callers)


def _bad_credentials(failure: Failure, callee: Callee) -> AccessDenied:
    sentence = f"{callee.name} does not accept the credentials of the function's role"
    return AccessDenied(f"{sentence}: {failure.sentence}", for_callers=f"{sentence}.")


def _throttled(failure: Failure, callee: Callee) -> Throttled:
    if access.PER_DAY.search(failure.message):
        return DailyQuota(access.with_cause(access.to_wait_for(callee.name), failure.message))
    return Throttled(f"AWS throttles calls to {callee.name}: {failure.sentence}")


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
    if access.WRONG_ID.search(failure.message):
        return callee.missing(access.with_cause(access.to_rename(callee.name), failure.message))
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
