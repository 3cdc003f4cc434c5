"""The reason of a failure is found whatever is wrapped around it."""

import pytest

from arbiter.causes import innermost


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        ("", ""),
        ("plain", "plain"),
        ('{"Cause": "{\\"errorMessage\\": \\"deep\\"}"}', "deep"),
        ('{"other": 1}', '{"other": 1}'),
        ("[1]", "[1]"),
    ],
)
def test_the_innermost_reason_is_found(cause: str, reason: str) -> None:
    assert innermost(cause) == reason
