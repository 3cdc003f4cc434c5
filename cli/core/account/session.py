"""The person's AWS session: the profile, the region and the credentials that the other tools of AWS would take."""

import os
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, InvalidConfigError
from botocore.session import get_session

HAND_OVER = 'hand the credentials of a session over: eval "$(aws configure export-credentials --format env)"'


def own_session(otherwise: str | None) -> boto3.Session:
    """A session in the region of the person's settings, or in another one where they name none.

    Raises:
        BotoCoreError: the settings cannot be used; the profile asks for a code, and nobody can answer here.
    """
    session = get_session()
    if "mfa_serial" in session.get_scoped_config():
        _ask_for_code(session)
    # Every other tool of AWS reads that variable, boto3 does not.
    region = os.environ.get("AWS_REGION") or session.get_config_variable("region") or otherwise
    return boto3.Session(botocore_session=session, region_name=region)


def client_of(session: boto3.Session, service: str, endpoint: str | None, options: dict[str, Any]) -> Any:
    """A client for one service; `options` are those of botocore's `Config`.

    Raises:
        BotoCoreError: settings or credentials cannot be used.
    """
    try:
        return session.client(service, endpoint_url=endpoint, config=Config(**options))  # type: ignore[call-overload,unused-ignore]
    except BotoCoreError:
        raise
    except ValueError as error:  # botocore lets through whatever is wrong in some of them.
        where = "see to AWS_ENDPOINT_URL, the region, and what the profile's credential_process prints"
        raise InvalidConfigError(error_msg=f"{error} ({where})") from error


def _ask_for_code(session: Any) -> None:
    """Have the person type the code of an MFA device now: later, progress would be drawn over the question."""
    try:
        if credentials := session.get_credentials():
            credentials.get_frozen_credentials()
    except EOFError:
        remedy = f"run this in a terminal, or {HAND_OVER}"
        message = f"the profile asks for a code (MFA), and nobody can answer here: {remedy}"
        raise InvalidConfigError(error_msg=message) from None
