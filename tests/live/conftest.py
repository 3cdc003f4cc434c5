"""A real account, and what a test needs of it: everything is skipped until an environment variable asks for it."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.core.deployment import Deployment
from cli.doctor.examination import Examiner
from cli.doctor.findings.finding import Severity


def required(variable: str, why: str) -> str:
    """The value of a variable without which a test is skipped."""
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"set {variable}: {why}")
    return value


@pytest.fixture(scope="session")
def deployment(root: Path) -> Deployment:
    """The deployment in the account of the AWS credentials, once `arbiter doctor` finds nothing there that blocks."""
    found = Deployment.find(required("ARBITER_LIVE_ENV", "a deployed environment; it costs money there"), root)
    diagnosis = Examiner(root=root, deployment=found, now=datetime.now(UTC)).examine()
    blocking = [one for one in diagnosis.findings if one.severity is Severity.BLOCKS]
    if blocking:
        pytest.fail("Mend these first:\n" + "\n".join(f"{one.problem}\n  {one.remedy}" for one in blocking))
    return found
