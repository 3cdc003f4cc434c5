"""What the tests of the report share."""

import pytest

from cli.reporting import page


@pytest.fixture
def no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the charts, which take most of a page's time and have tests of their own."""
    monkeypatch.setattr(page, "_charts", lambda plan, summary, records: [])
