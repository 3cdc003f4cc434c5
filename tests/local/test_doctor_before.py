"""The doctor in an account in which nothing was ever deployed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.core.deployment import Deployment
from cli.doctor.examination import Diagnosis, Examiner
from local import launcher, sessions
from tests.local.account import Account

pytestmark = pytest.mark.local


def test_before_the_first_deploy_only_the_bootstrap_is_missing(root: Path, tmp_path: Path) -> None:
    aws = launcher.start(tmp_path)
    deployment = Deployment("local", sessions.session(), aws.endpoint)

    def examined() -> Diagnosis:
        return Examiner(root=root, deployment=deployment, now=datetime.now(UTC)).examine()

    fresh = examined()
    Account(aws).client("ssm").put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="28", Type="String")
    Account(aws).client("s3").create_bucket(Bucket="cdk-hnb659fds-assets-000000000000-us-east-1")
    ready = examined()
    launcher.stop(tmp_path)

    assert [(finding.code, finding.remedy) for finding in fresh.findings] == [
        ("bootstrap", "npx cdk bootstrap aws://000000000000/us-east-1")
    ]
    assert (fresh.blocked, ready.blocked, ready.findings) == (True, False, ())
    assert [check.name for check in ready.checks if check.not_checked] == []
    assert {check.seen for check in ready.checks if check.name in ("stacks", "ingestion", "runtime")} == {
        "nothing is deployed yet"
    }
