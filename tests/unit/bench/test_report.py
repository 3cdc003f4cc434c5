"""The benchmark's report says which limit is exceeded."""

from bench.__main__ import Result, table

HELD = Result("warm, base", 0.5, 0.6, "ms", 1.2, 1.25)
EXCEEDED = Result("peak memory, rag", 47.0, 60.0, "MB", 60.0, 55.0)


def test_a_limit_is_held_up_to_itself() -> None:
    assert HELD.held
    assert HELD._replace(measured=1.25).held
    assert not EXCEEDED.held


def test_the_table_marks_what_is_exceeded() -> None:
    _, held, exceeded = table([HELD, EXCEEDED]).splitlines()

    assert held.split() == ["warm,", "base", "0.50", "ms", "0.60", "ms", "1.20x", "1.25x"]
    assert exceeded.endswith("exceeded")
