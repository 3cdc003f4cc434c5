"""AWS's errors in Arbiter's words: the one place that translates, by error code."""

import re
from collections.abc import Callable
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

from arbiter.errors import (
    AccessDenied,
    ArbiterError,
    DeadlineExceeded,
    InvalidRequest,
    ModelNotReady,
    Problem,
    Throttled,
    TooLarge,
)


class Callee(NamedTuple):
    """What was called, for people, and what its failures are called."""

    name: str
    missing: type[ArbiterError]
    """When it does not exist."""
    failed: type[ArbiterError]
    """When it fails for any other reason."""
    field: str
    """The part of a request that it would refuse."""


_PASSING = frozenset(
    {"InternalServerException", "InternalServerError", "ServiceUnavailableException", "BadGatewayException",
     "DependencyFailedException", "ConflictException"}
)  # fmt: skip
_UNSENT_OR_LOST = (EndpointConnectionError, ConnectTimeoutError, ConnectionClosedError)
"""Nothing was answered: an idle connection of a thawed function ends like this, and the next call works."""

DENIED = frozenset(
    {"AccessDeniedException", "AccessDenied", "UnauthorizedException", "UnauthorizedOperation", "403"}
)  # fmt: skip
BAD_CREDENTIALS = frozenset(
    {"AuthFailure", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId",
     "InvalidClientTokenId", "InvalidSignatureException", "MissingAuthenticationTokenException",
     "SignatureDoesNotMatch", "UnrecognizedClientException"}
)  # fmt: skip
NOT_AUTHORIZED = re.compile(
    r"User: (?P<user>\S+) is not authorized to perform: (?P<action>\S+)(?: on resource: (?P<resource>\S+))?"
    r"(?: with an? (?P<reason>explicit deny.*)| because (?P<because>.*))?"
)
_ASSUMED_ROLE = re.compile(r":assumed-role/([^/]+)/")
_TOO_LONG = re.compile(r"too long|too many (?:input )?tokens|context (?:length|window)", re.IGNORECASE)


def translate(error: Exception, callee: Callee) -> ArbiterError:
    """An exception of botocore as one of Arbiter's."""
    if isinstance(error, ClientError):
        return _client_error(error, callee)
    if isinstance(error, ReadTimeoutError):
        return DeadlineExceeded(f"{callee.name} did not answer within the time of this request.")
    if isinstance(error, NoCredentialsError):
        return AccessDenied("The function has no AWS credentials: its execution role is missing.")
    if isinstance(error, _UNSENT_OR_LOST):
        return callee.failed(f"{callee.name} could not be reached: {error}.", retryable=True)
    if isinstance(error, BotoCoreError):
        return callee.failed(f"{callee.name} could not be called: {error}.")
    raise error


def _client_error(error: ClientError, callee: Callee) -> ArbiterError:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    said = message or code
    for codes, in_our_words in _BY_CODE:
        if code in codes:
            return in_our_words(said, callee)
    passing = code in _PASSING or status >= 500
    return callee.failed(f"{callee.name} failed with {code or status}: {message}", retryable=passing)


def _refused(message: str, callee: Callee) -> ArbiterError:
    if _TOO_LONG.search(message):
        return TooLarge(f"The conversation is too long for {callee.name}: {message}")
    return InvalidRequest([Problem(callee.field, f"was refused by {callee.name}: {message}", "what it accepts")])


def _bad_credentials(said: str, callee: Callee) -> AccessDenied:
    return AccessDenied(f"{callee.name} does not accept the credentials of the function's role: {said}")


def _access_denied(message: str, callee: Callee) -> AccessDenied:
    """Name action, resource and role, which AWS writes into one sentence."""
    found = NOT_AUTHORIZED.search(message)
    if found is None:
        return AccessDenied(f"AWS denies access to {callee.name}: {message}")
    role = _ASSUMED_ROLE.search(found["user"])
    who = f"The role {role[1]}" if role else found["user"]
    resource = found["resource"] or callee.name
    reason = found["reason"] or found["because"]
    explained = f" ({reason.rstrip('.')})" if reason else ""
    sentence = f"{who} is not allowed {found['action']} on {resource}{explained}."
    return AccessDenied(f"{sentence} Add it to the role's policy.")


def _throttled(said: str, callee: Callee) -> Throttled:
    return Throttled(f"AWS throttles calls to {callee.name}: {said}")


def _missing(said: str, callee: Callee) -> ArbiterError:
    return callee.missing(f"{callee.name} does not exist: {said}")


def _not_ready(said: str, callee: Callee) -> ModelNotReady:
    return ModelNotReady(f"{callee.name} is being loaded and will answer shortly: {said}")


def _too_slow(said: str, callee: Callee) -> DeadlineExceeded:
    return DeadlineExceeded(f"{callee.name} took too long: {said}")


_BY_CODE: tuple[tuple[frozenset[str], Callable[[str, Callee], ArbiterError]], ...] = (
    (DENIED, _access_denied),
    (BAD_CREDENTIALS, _bad_credentials),
    (
        frozenset({"ThrottlingException", "TooManyRequestsException", "ServiceQuotaExceededException",
                   "RequestLimitExceeded"}),
        _throttled,
    ),
    (frozenset({"ResourceNotFoundException", "ParameterNotFound"}), _missing),
    (frozenset({"ModelNotReadyException"}), _not_ready),
    (frozenset({"ModelTimeoutException"}), _too_slow),
    (frozenset({"ValidationException"}), _refused),
)  # fmt: skip
