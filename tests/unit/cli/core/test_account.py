"""The way to AWS is that of AWS's other tools, and every flaw on it is a sentence."""

from pathlib import Path
from typing import Any

import pytest
from botocore import exceptions
from botocore.credentials import Credentials
from botocore.session import Session
from botocore.utils import SSOTokenLoader

from cli.core import deployment
from cli.core.account.session import own_session
from cli.core.aws_errors import explain
from cli.core.deployment import Deployment
from cli.core.output import as_cli_error

KEYS = "aws_access_key_id = k\naws_secret_access_key = s\n"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a person's AWS settings, without any in the environment."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setattr(deployment.launcher, "status", lambda root: None)
    return tmp_path / "config"


@pytest.mark.parametrize(
    ("variables", "region"),
    [
        ({}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "us-west-1"}, "us-west-1"),
        ({"AWS_DEFAULT_REGION": "us-west-1", "AWS_REGION": "us-west-2"}, "us-west-2"),
        ({"AWS_DEFAULT_REGION": ""}, "us-east-1"),
    ],
    ids=str,
)
def test_the_region_is_the_one_that_other_tools_take(
    settings: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], region: str
) -> None:
    settings.write_text("[default]\nregion = eu-west-1\n")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert own_session("us-east-1").region_name == region


@pytest.mark.parametrize(
    ("settings_text", "variables", "sentence"),
    [
        ("[default]\ncredential_process = echo no json", {}, "what the profile's credential_process prints"),
        (f"[default]\n{KEYS}", {"AWS_ENDPOINT_URL": "localhost:4566"}, "see to AWS_ENDPOINT_URL"),
        (f"[default]\n{KEYS}", {"AWS_DEFAULT_REGION": "us east 1"}, "Set AWS_REGION to the region"),
        (f"\ufeff[default]\n{KEYS}", {}, "without a byte order mark"),
        ("[default]\nlogin_session = x", {}, "aws configure export-credentials"),
    ],
    ids=["process", "endpoint", "region", "mark", "login"],
)
def test_settings_that_botocore_lets_through_are_told_in_a_sentence(
    settings: Path, monkeypatch: pytest.MonkeyPatch, settings_text: str, variables: dict[str, str], sentence: str
) -> None:
    settings.write_text(settings_text, encoding="utf-8")
    for name, value in {"AWS_DEFAULT_REGION": "us-east-1", **variables}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Exception) as failure:  # noqa: PT011 - of botocore, or of the command
        Deployment.find("dev").client("sts")
    told = as_cli_error(failure.value)
    assert sentence in str(told)
    assert told.code in ("no_credentials", "no_region")


def test_a_damaged_cache_of_a_login_is_told_in_a_sentence(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: Any, **__: Any) -> None:
        raise KeyError("3ece1471")  # As botocore does where its cache is no JSON.

    monkeypatch.setattr(SSOTokenLoader, "__call__", damaged)
    settings.write_text(
        "[default]\nregion = us-east-1\nsso_session = my\nsso_account_id = 1\nsso_role_name = r\n"
        "[sso-session my]\nsso_start_url = https://x\nsso_region = us-east-1\n"
    )
    with pytest.raises(Exception) as failure:  # noqa: PT011 - whatever botocore raises
        Deployment.find("dev").client("sts").get_caller_identity()
    assert "aws sso logout" in str(as_cli_error(failure.value))


def test_credentials_that_cannot_be_read_are_not_printed(settings: Path) -> None:
    token = settings.with_name("token")
    token.write_bytes(b"SECRET\xff")
    settings.write_text(f"[default]\nregion = us-east-1\nrole_arn = r\nweb_identity_token_file = {token}\n")
    with pytest.raises(UnicodeDecodeError) as failure:
        Deployment.find("dev").client("sts").get_caller_identity()
    told = as_cli_error(failure.value)
    assert told.code == "no_credentials"
    assert "SECRET" not in str(told)


def test_a_profile_of_mfa_without_credentials_is_left_to_the_call(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    settings.write_text("[default]\nregion = us-east-1\nmfa_serial = m\n")
    assert own_session(None).region_name == "us-east-1"


def test_a_code_of_mfa_is_asked_for_before_progress_is_drawn(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Asking(Credentials):  # type: ignore[misc]
        def get_frozen_credentials(self) -> Any:
            raise EOFError  # As getpass does where nobody can answer.

    settings.write_text("[default]\nrole_arn = r\nmfa_serial = m\nsource_profile = default\n")
    monkeypatch.setattr(Session, "get_credentials", lambda self: Asking("k", "s"))
    with pytest.raises(exceptions.InvalidConfigError, match="asks for a code"):
        own_session(None)


def refusal(code: str, message: str) -> exceptions.ClientError:
    return exceptions.ClientError({"Error": {"Code": code, "Message": message}}, "GetCallerIdentity")


EXPIRED = "Signature expired: 20261129T154623Z is now earlier than 20261129T163344Z (20261129T164844Z - 15 min.)"


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (exceptions.NoCredentialsError(), "no_credentials", "aws sso login"),
        (exceptions.ProfileNotFound(profile="x"), "no_credentials", "AWS_PROFILE"),
        (exceptions.LoginRefreshRequired(), "no_credentials", "aws login"),
        (exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "unreachable", "http://127.0.0.1:1"),
        (exceptions.SSLError(endpoint_url="https://x", error="self-signed"), "unreachable", "AWS_CA_BUNDLE"),
        (exceptions.ProxyConnectionError(proxy_url="http://p"), "unreachable", "HTTPS_PROXY"),
        (exceptions.ReadTimeoutError(endpoint_url="http://x"), "timeout", "did not answer in time"),
        (refusal("SignatureDoesNotMatch", EXPIRED), "bad_credentials", "Set this machine's clock"),
        (
            refusal("RequestTimeTooSkewed", "The difference is too large."),
            "bad_credentials",
            "Set this machine's clock",
        ),
        (refusal("InvalidToken", "The provided token is malformed."), "bad_credentials", "Log in again"),
        (OSError(28, "No space left on device"), "system", "No space left on device"),
    ],
)
def test_every_way_not_to_reach_aws_is_a_sentence(error: Exception, code: str, sentence: str) -> None:
    explained = as_cli_error(error)
    assert explained.code == code
    assert sentence in str(explained)


def test_an_error_of_another_kind_is_none_of_aws() -> None:
    assert explain(KeyError("x")) is None


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        ("ExpiredToken", "The token is expired", "AWS does not accept the credentials: The token is expired. Log in"),
        ("ExpiredToken", "The token is expired.", "AWS does not accept the credentials: The token is expired. Log in"),
        ("SlowDown", "Reduce your rate.", "Reduce your rate (SlowDown). This passes: try again in a minute. It goes"),
        ("503", "", "AWS refused DescribeExecution: 503. This passes: try again in a minute. It goes"),
        ("ServiceQuotaExceededException", "Too many jobs", "Too many jobs (ServiceQuotaExceededException). It goes"),
    ],
)
def test_a_refusal_in_the_middle_is_sentences_with_how_to_go_on(code: str, message: str, told: str) -> None:
    response: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 503}}
    error = exceptions.ClientError(response, "DescribeExecution")
    sentence = str(as_cli_error(error, "It goes on in AWS."))
    assert told in sentence
    assert sentence.endswith("It goes on in AWS.")
