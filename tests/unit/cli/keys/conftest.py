"""A deployment for the commands about keys."""

import pytest

from cli.core.deployment import Deployment
from tests.unit.cli.fakes import StubbedDeployment


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> StubbedDeployment:
    stubbed = StubbedDeployment()
    monkeypatch.setattr(Deployment, "find", lambda environment=None, root=None: stubbed)
    monkeypatch.setenv("COLUMNS", "160")
    return stubbed
