"""A real account, and what a test needs of it: everything is skipped until an environment variable asks for it."""

import os
from pathlib import Path

import pytest

from cli.core.deployment import Deployment


def required(variable: str, why: str) -> str:
    """The value of a variable without which a test is skipped."""
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"set {variable}: {why}")
    return value


@pytest.fixture(scope="session")
def deployment(root: Path) -> Deployment:
    """The deployment in the account of the AWS credentials."""
    return Deployment.find(required("ARBITER_LIVE_ENV", "a deployed environment; it costs money there"), root)
