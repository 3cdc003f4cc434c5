"""The benchmark's report says how far its figures spread, and which limit is exceeded."""

from bench.results import Pair, Result, table

HELD = Result("warm, base", [Pair(0.5, 0.5), Pair(0.5, 0.6), Pair(0.5, 0.7)], "ms", 1.25)
EXCEEDED = Result("peak memory, rag", [Pair(47.0, 60.0), Pair(47.5, 60.0)], "MB", 55.0)


def test_the_median_is_held_up_to_the_limit() -> None:
    assert HELD.held
    assert HELD._replace(limit=1.2).held
    assert not HELD._replace(limit=1.19).held
    assert not EXCEEDED.held


def test_a_ratio_is_of_what_was_measured_together() -> None:
    faster_and_faster = [Pair(4.0, 8.0), Pair(2.0, 4.0), Pair(1.0, 2.0)]
    assert Result("cold, base", faster_and_faster, "ms", 1.0).values == [2.0, 2.0, 2.0]


def test_the_table_shows_the_spread_and_marks_what_is_exceeded() -> None:
    _, held, exceeded = table([HELD, EXCEEDED]).splitlines()

    assert held.split() == ["warm,", "base", "0.50", "ms", "0.60", "ms", "1.20x", "1.10x", "to", "1.30x", "1.25x"]
    assert exceeded.split()[-5:] == ["60.00", "to", "60.00", "55.00", "exceeded"]


def test_the_spread_is_in_the_json_too() -> None:
    shown = HELD.to_object()
    assert (shown["bare"], shown["handler"], shown["measured"]) == (0.5, 0.6, 1.2)
    assert [round(figure, 6) for figure in shown["quartiles"]] == [1.1, 1.3]
    assert (shown["runs"], shown["held"]) == (3, True)
