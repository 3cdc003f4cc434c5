"""What is said of settings that cannot be deployed."""

from typing import Any

import pytest

from stacks.parsing import parse
from stacks.settings.problems import SettingsError


def refusal(block: Any) -> str:
    """What is said of a block."""
    with pytest.raises(SettingsError) as caught:
        parse("dev", block)
    return str(caught.value)
