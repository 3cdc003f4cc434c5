"""The kinds of failure that AWS answers with: the only table of its error codes."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from botocore.exceptions import ClientError


class FailureKind(StrEnum):
    """A way in which a call fails."""

    MISSING = "missing"
    DENIED = "denied"
    CREDENTIALS = "credentials"
    THROTTLED = "throttled"
    CONFLICT = "conflict"
    LOADING = "loading"
    SLOW = "slow"
    REFUSED = "refused"
    PASSING = "passing"
    OTHER = "other"


class Failure(NamedTuple):
    """An error of AWS: its kind, its code, and the message, which may be empty."""

    kind: FailureKind
    code: str
    message: str

    @property
    def sentence(self) -> str:
        """The message, or the code where AWS gives no message."""
        return self.message or self.code


_KINDS: Mapping[FailureKind, str] = {
    FailureKind.MISSING: "ResourceNotFoundException ParameterNotFound NoSuchKey NotFound 404",
    FailureKind.DENIED: "AccessDeniedException AccessDenied UnauthorizedException UnauthorizedOperation Forbidden 403",
    FailureKind.CREDENTIALS: "AuthFailure ExpiredToken ExpiredTokenException IncompleteSignature InvalidAccessKeyId "
    "InvalidClientTokenId InvalidSignatureException InvalidToken MissingAuthenticationTokenException RequestExpired "
    "RequestInTheFuture RequestTimeTooSkewed SignatureDoesNotMatch UnrecognizedClientException",
    FailureKind.THROTTLED: "ThrottlingException TooManyRequestsException ServiceQuotaExceededException "
    "RequestLimitExceeded SlowDown Throttling ThrottledException RequestThrottled RequestThrottledException "
    "ProvisionedThroughputExceededException",
    FailureKind.CONFLICT: "ConflictException PreconditionFailed ConditionalRequestConflict",
    FailureKind.LOADING: "ModelNotReadyException",
    FailureKind.SLOW: "ModelTimeoutException",
    FailureKind.REFUSED: "ValidationException",
    FailureKind.PASSING: "InternalServerException InternalServerError ServiceUnavailableException BadGatewayException "
    "DependencyFailedException",
}
NOT_AUTHORIZED = re.compile(
    r"User: (?P<user>\S+) is not authorized to perform: (?P<action>\S+)(?: on resource: (?P<resource>\S+))?"
    r"(?: with an? (?P<reason>explicit deny.*)| because (?P<because>.*))?"
)
"""AWS's sentence of a denial, with who, what, on what and why."""
_BY_CODE = {code: kind for kind, codes in _KINDS.items() for code in codes.split()}
_TOO_MANY, _FAILING_SERVER = 429, 500


def failure_of(error: ClientError) -> Failure:
    """The failure that an answer of AWS tells of, where its code is unknown by its status: from 500 on it may pass."""
    answer: Mapping[str, Any] = error.response
    details = answer.get("Error") or {}
    status = (answer.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 0
    code = str(details.get("Code") or status)
    unknown = FailureKind.PASSING if status >= _FAILING_SERVER else FailureKind.OTHER
    unknown = FailureKind.THROTTLED if status == _TOO_MANY else unknown
    # In the middle of a stream the names of errors begin in lower case.
    return Failure(_BY_CODE.get(code[:1].upper() + code[1:], unknown), code, str(details.get("Message") or ""))
