"""Values in messages are shown in the characters that a person wrote, but for those that a terminal would obey."""

from typing import Any

import pytest

from arbiter.jsonl import printable


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"Größe": "é"}, '{"Größe": "é"}'),
        (["質問", "😀"], '["質問", "😀"]'),
        ("\x1b[31m", '"\\u001b[31m"'),
        ("\x9b31m\x7f", '"\\u009b31m\\u007f"'),
        ("a\u202eb", '"a\\u202eb"'),
        ("\ud800", '"\\ud800"'),
        ("ä" * 60, f'"{"ä" * 58}…'),
        ("\u202e" * 60, '"' + "\\u202e" * 9 + "\\u20…"),
    ],
)
def test_a_value_is_shown_in_its_own_characters(value: Any, shown: str) -> None:
    assert printable(value) == shown
    assert len(shown) <= 60
    shown.encode()
