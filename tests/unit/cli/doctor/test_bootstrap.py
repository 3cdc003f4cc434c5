"""The bootstrap of the account: its version, and the bucket that code is uploaded to."""

import pytest

from cli.doctor.checks import account
from tests.unit.cli.doctor.test_deployed import situated
from tests.unit.cli.fakes import StubbedDeployment


@pytest.mark.parametrize(("version", "found"), [(None, True), (5, True), (6, False), (28, False)])
def test_the_account_has_to_be_bootstrapped(version: int | None, found: bool) -> None:
    told = account.too_old(version, "111122223333", "us-east-1")

    assert (told is not None) == found
    assert told is None or told.remedy == "npx cdk bootstrap aws://111122223333/us-east-1"


@pytest.mark.parametrize(("code", "findings"), [(None, []), ("404", ["bootstrap_bucket"]), ("403", [])])
def test_the_bucket_of_the_bootstrap_has_to_be_there(code: str | None, findings: list[str]) -> None:
    """Who may not look at it may deploy all the same."""
    deployment = StubbedDeployment()
    deployment.stub("ssm").add_response("get_parameter", {"Parameter": {"Name": "version", "Value": "28"}})
    asked = {"Bucket": "cdk-hnb659fds-assets-1-us-east-1"}
    if code is None:
        deployment.stub("s3").add_response("head_bucket", {}, asked)
    else:
        deployment.stub("s3").add_client_error("head_bucket", code, expected_params=asked)
    (check,) = account.checks(situated(deployment), account.QUALIFIER)

    assert [finding.code for finding in check.look().findings] == findings
