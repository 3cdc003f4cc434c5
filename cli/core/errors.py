"""Failures as sentences that a person can act on, those of AWS included."""

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own name for what it could not reach
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSOError,
    TokenRetrievalError,
)

_DENIED = re.compile(
    r"User: (?P<who>\S+) is not authorized to perform: (?P<action>\S+)(?: on resource: (?P<what>\S+))?"
)
DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"})
REFUSED_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_MEANINGS: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    ((ProfileNotFound,), "no_credentials", "{error}. Name a profile that exists in AWS_PROFILE, or unset it."),
    (
        (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, SSOError, TokenRetrievalError),
        "no_credentials",
        "There are no usable AWS credentials: {error}. Log in (`aws sso login`), set AWS_PROFILE, or use `make local`.",
    ),
    ((NoRegionError,), "no_region", "No AWS region is set. Set AWS_REGION to the region of the deployment."),
    ((ReadTimeoutError,), "timeout", "AWS did not answer in time: {error}."),
    (
        (ConnectionError, HTTPClientError),
        "unreachable",
        "AWS cannot be reached: {error}. Check the network; a local AWS is started by `arbiter local up`.",
    ),
)


class CliError(Exception):
    """A failure with a message for people, and for programs a code and what else is known."""

    def __init__(self, message: str, *, code: str = "failed", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.details = dict(details or {})

    def to_object(self) -> dict[str, Any]:
        """The error as `--json` prints it."""
        return {"error": {"code": self.code, "message": str(self), **self.details}}


def explain(error: BotoCoreError | ClientError | HTTPClientError) -> CliError:
    """What an error of AWS or of the way there means, and what to do about it."""
    if isinstance(error, ClientError):
        return _explain_answer(error)
    for kinds, code, sentence in _MEANINGS:
        if isinstance(error, kinds):
            return CliError(sentence.format(error=str(error).rstrip(".")), code=code)
    return CliError(f"The call to AWS failed: {error}")


def _explain_answer(error: ClientError) -> CliError:
    code, message = error.response["Error"].get("Code", "Unknown"), error.response["Error"].get("Message", "")
    if code in DENIED_CODES:
        return _explain_denial(message, error.operation_name)
    if code in REFUSED_CREDENTIALS:
        return CliError(f"AWS does not accept the credentials: {message} Log in again.", code="bad_credentials")
    return CliError(f"AWS refused {error.operation_name}: {message} ({code})", code="aws_error")


def _explain_denial(message: str, operation: str) -> CliError:
    found = _DENIED.search(message)
    if not found:
        return CliError(f"AWS denied {operation}: {message or 'access denied'}", code="access_denied")
    details = {"action": found["action"], "role": found["who"], "resource": found["what"]}
    where = f" on {found['what']}" if found["what"] else ""
    return CliError(
        f"{found['who']} may not {found['action']}{where}. Grant that action, or use other credentials.",
        code="access_denied",
        details=details,
    )
