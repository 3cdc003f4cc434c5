"""A greeting and a sum are answered without documents; nothing else is taken for one."""

import pytest

from local.emulator.language.undocumented import WHO, reply


@pytest.mark.parametrize("question", ["Hi there!", "hello", "Good morning!", "Hey"])
def test_a_greeting_is_returned(question: str) -> None:
    assert reply(question) == WHO


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is 15% of 80?", "12"),
        ("What's 2 + 3 * 4?", "14"),
        ("How much is 12 times 12?", "144"),
        ("Calculate (7 - 3) / 8", "0.5"),
        ("1,200 divided by 7", "171.4285714"),
        ("What is 999 x 1001?", "999,999"),
    ],
)
def test_a_sum_is_worked_out(question: str, expected: str) -> None:
    assert reply(question) == expected


@pytest.mark.parametrize(
    "question",
    ["What is a rope?", "1 / 0", "2 ** 9", "What is 80?", "Hello, when is a rope retired?", "C-23 during a return", ""],
)
def test_anything_else_is_left_to_the_documents(question: str) -> None:
    assert reply(question) is None
