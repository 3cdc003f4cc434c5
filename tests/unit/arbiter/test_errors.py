"""Messages for callers tell nothing of the account, and everything of the request."""

import pytest

from arbiter.errors import public


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Account 123456789012 may not.", "Account (account) may not."),
        ("bucket arbiter.123456789012.data", "bucket arbiter.(account).data"),
        ("limits.max_cost_usd is 0.000000000001", "limits.max_cost_usd is 0.000000000001"),
        ("1234567890123 rows", "1234567890123 rows"),
        ("arn:aws:iam::123456789012:role/x is denied", "(ARN in the log) is denied"),
    ],
)
def test_an_account_is_hidden_and_an_amount_is_not(message: str, told: str) -> None:
    assert public(message) == told
