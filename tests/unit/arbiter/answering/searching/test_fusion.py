"""Rankings are fused by rank alone."""

from hypothesis import given
from hypothesis import strategies as st

from arbiter.answering.searching.fusion import fused

RANKINGS = st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=3)


def test_what_both_find_comes_before_the_best_of_one() -> None:
    assert fused([["meant", "both"], ["said", "both"]]) == ["both", "meant", "said"]


def test_one_ranking_stays_as_it_is_and_none_gives_nothing() -> None:
    assert fused([["b", "a", "b", "c"], []]) == ["b", "a", "c"]
    assert fused([]) == []


def test_a_small_constant_lets_the_first_rank_decide() -> None:
    meaning, words = ["a", "b", "c", "d"], ["x", "y", "z", "d"]

    assert fused([meaning, words], constant=0)[0] == "a"
    assert fused([meaning, words])[0] == "d"


@given(RANKINGS)
def test_every_entry_is_there_once(rankings: list[list[int]]) -> None:
    result = fused(rankings)

    assert sorted(result) == sorted({entry for ranking in rankings for entry in ranking})


@given(st.lists(st.integers(0, 9), max_size=6, unique=True), st.lists(st.integers(0, 9), max_size=6, unique=True))
def test_an_entry_ahead_in_every_ranking_is_ahead_in_the_end(first: list[int], second: list[int]) -> None:
    result = fused([first, second])

    for better in set(first) & set(second):
        for worse in set(first) & set(second):
            if first.index(better) < first.index(worse) and second.index(better) < second.index(worse):
                assert result.index(better) < result.index(worse)
