"""The order of a run holds what was asked for, and nothing that was not."""

import pytest

from cli.core.errors import CliError
from cli.evaluation.order import order_of


def test_auto_is_no_arm_of_its_own_but_is_asked_for() -> None:
    assert order_of("r", {"modes": ["auto", "base"]}) == {
        "run": "r",
        "arms": [{"name": "base", "mode": "base"}],
        "auto": True,
    }
    assert order_of("r", {"modes": ["auto"]}) == {"run": "r", "auto": True}
    assert "auto" not in order_of("r", {"modes": ["base"]})


def test_an_unknown_mode_is_told_with_those_there_are() -> None:
    with pytest.raises(CliError, match=r"ragg: there is no such mode. Use .*combined, auto"):
        order_of("r", {"modes": ["ragg", "auto"]})
