"""Errors of AWS, and of the way there, as failures of a command: the one translation of the command line."""

import re
from traceback import walk_tb

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    ConfigParseError,
    ConnectionError,  # noqa: A004 - botocore's own name for what it could not reach
    CredentialRetrievalError,
    HTTPClientError,
    InvalidConfigError,
    InvalidRegionError,
    LoginError,
    MetadataRetrievalError,
    MissingDependencyException,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    ReadTimeoutError,
    RefreshWithMFAUnsupportedError,
    SSLError,
    SSOError,
    TokenRetrievalError,
    UnknownCredentialError,
)

from arbiter.aws.calls.failures import NOT_AUTHORIZED, FailureKind, failure_of
from cli.core.account.session import HAND_OVER
from cli.core.errors import CliError

_MEANINGS: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    ((ProfileNotFound,), "no_credentials", "{error}. Name a profile that exists in AWS_PROFILE, or unset it."),
    (
        (
            NoCredentialsError,
            PartialCredentialsError,
            CredentialRetrievalError,
            SSOError,
            TokenRetrievalError,
            LoginError,
            MetadataRetrievalError,
            UnknownCredentialError,
            InvalidConfigError,
            RefreshWithMFAUnsupportedError,
        ),
        "no_credentials",
        "There are no usable AWS credentials: {error}. Log in (`aws sso login`), set AWS_PROFILE, or use `make local`.",
    ),
    (
        (MissingDependencyException,),
        "no_credentials",
        f"The profile needs more than Arbiter installs: {{error}}. Instead, {HAND_OVER}",
    ),
    (
        (ConfigParseError, ConfigNotFound),
        "no_credentials",
        "AWS's own settings cannot be read: {error}. Save them as UTF-8 without a byte order mark, in [sections].",
    ),
    ((NoRegionError,), "no_region", "No AWS region is set. Set AWS_REGION to the region of the deployment."),
    ((InvalidRegionError,), "no_region", "{error}. Set AWS_REGION to the region of the deployment, like us-east-1."),
    ((ReadTimeoutError,), "timeout", "AWS did not answer in time: {error}."),
    (
        (SSLError,),
        "unreachable",
        "AWS cannot be reached safely: {error}. Name the certificate of a proxy that decrypts in AWS_CA_BUNDLE.",
    ),
    ((ProxyConnectionError,), "unreachable", "AWS cannot be reached: {error}. See to HTTPS_PROXY and NO_PROXY."),
    (
        (ConnectionError, HTTPClientError),
        "unreachable",
        "AWS cannot be reached: {error}. Check the network; a local AWS is started by `arbiter local up`.",
    ),
)
_LOGGING_IN = frozenset({"botocore.credentials", "botocore.tokens"})
"""The SDK's modules that read credentials."""
_PASSING = frozenset({FailureKind.THROTTLED, FailureKind.PASSING})
_OTHER_TIME = re.compile(r"Signature (?:expired|not yet current)|TooSkewed|RequestExpired|InTheFuture|time .*too large")


def explain(error: Exception) -> CliError | None:
    """Say what an error of AWS means and what to do about it; `None` for an error of another kind."""
    if isinstance(error, ClientError):
        return _explain_answer(error)
    for kinds, code, sentence in _MEANINGS:
        if isinstance(error, kinds):
            return CliError(sentence.format(error=str(error).rstrip(".")), code=code)
    if any(frame.f_globals.get("__name__") in _LOGGING_IN for frame, _ in walk_tb(error.__traceback__)):
        # A damaged cache, or what a program printed: botocore passes on whatever reading it raises.
        # Not its `repr`: that of a decoding error has all that was read, the secrets too.
        message = f"There are no usable AWS credentials: reading them failed ({type(error).__name__}: {error})"
        return CliError(f"{message}. Log out and in again (`aws sso logout`, `aws sso login`).", code="no_credentials")
    return CliError(f"The call to AWS failed: {error}") if isinstance(error, BotoCoreError) else None


def _explain_answer(error: ClientError) -> CliError:
    failure = failure_of(error)
    if failure.kind is FailureKind.DENIED:
        return _explain_denial(failure.message, error.operation_name)
    # Some services end their messages with a full stop, others do not.
    sentence = failure.sentence.rstrip(". ")
    if failure.kind is FailureKind.CREDENTIALS and _OTHER_TIME.search(f"{failure.code} {failure.message}"):
        return CliError(
            f"AWS refuses the time of this request: {sentence}. Set this machine's clock, whose time is signed "
            "(in WSL after a sleep: `sudo hwclock --hctosys`); if it is right, log in again.",
            code="bad_credentials",
        )
    if failure.kind is FailureKind.CREDENTIALS:
        return CliError(f"AWS does not accept the credentials: {sentence}. Log in again.", code="bad_credentials")
    code = "" if sentence == failure.code else f" ({failure.code})"
    refused = f"AWS refused {error.operation_name}: {sentence}{code}"
    if failure.kind in _PASSING and "Quota" not in failure.code:
        return CliError(f"{refused}. This passes: try again in a minute.", code="aws_error")
    return CliError(refused, code="aws_error")


def _explain_denial(message: str, operation: str) -> CliError:
    denial = NOT_AUTHORIZED.search(message)
    if not denial:
        return CliError(f"AWS denied {operation}: {message or 'access denied'}", code="access_denied")
    details = {"action": denial["action"], "role": denial["user"], "resource": denial["resource"]}
    where = f" on {denial['resource']}" if denial["resource"] else ""
    return CliError(
        f"{denial['user']} may not {denial['action']}{where}. Grant that action, or use other credentials.",
        code="access_denied",
        details=details,
    )
