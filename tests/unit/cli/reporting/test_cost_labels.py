"""The chart of cost against quality: names can be read, also where arms cost and score the same."""

from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cli.reporting.figures.cost import cost, label_offsets

LINE = 11
"""Points of text that a name takes."""

points = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 10)), min_size=1, max_size=8)


def test_a_name_alone_stands_beside_its_dot() -> None:
    assert label_offsets([(0.1, 2.0)]) == [9]
    assert label_offsets([(0.1, 9.5)]) == [-11]


def test_names_of_two_dots_near_each_other_stand_on_their_outer_sides() -> None:
    assert label_offsets([(0.2, 6.5), (0.3, 5.8)])[0] > 0 > label_offsets([(0.2, 6.5), (0.3, 5.8)])[1]
    assert label_offsets([(0.2, 9.8), (0.3, 9.0)]) == [-11, -24]


@given(points)
def test_names_of_dots_that_lie_on_each_other_do_not(drawn: list[tuple[float, float]]) -> None:
    twice = [*drawn, *drawn]
    named = list(zip(twice, label_offsets(twice), strict=True))
    assert all(abs(a - b) >= LINE for (p, a), (q, b) in combinations(named, 2) if p == q)


def test_who_lacks_scores_is_set_apart_only_where_somebody_does_not() -> None:
    def told(*scored: int) -> str:
        arms = [
            {"name": name, "cases": 10, "quality": {"mean": 6.0, "n": n}, "cost": {"per_1000_usd": 1.0}}
            for name, n in zip(("base", "rag"), scored, strict=True)
        ]
        summary: Any = {"arms": arms, "comparisons": []}
        return cost(summary).takeaway

    assert "(on the line): rag. " in told(3, 10)
    assert told(3, 10).endswith("for want of scores: base.")
    assert "want of scores" not in told(3, 3)
