"""The time that detection takes grows with the length of a text, whatever the text repeats."""

from collections.abc import Callable, Iterable
from time import thread_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arbiter.detection.detector import detect
from arbiter.detection.secrets import _HINTS, _KINDS, _Secret

FRAGMENTS = ["a", "A", "0", "1-", "a1", " ", "-", ".", "/", "//", "//a", "://a:", "=", ":", "'", "@", "_", "+1 ", "\n"]
TIMES = 4
BOUND = 3 * TIMES
"""A multiple of the length takes a like multiple of the time, or its square: between the two, three times the first."""
NOTICEABLE = 0.1
"""Seconds of the processor below which a text of 20,000 characters cannot take minutes at the longest searched."""

Search = Callable[[str], Iterable[object]]


def seconds(search: Search, text: str, repeats: int = 1) -> float:
    """The processor's time of a search, the shortest of several: other work on the machine does not count."""
    best = float("inf")
    for _ in range(repeats):
        started = thread_time()
        for _ in search(text):
            pass
        best = min(best, thread_time() - started)
    return best


def assert_linear(search: Search, fragment: str, characters: int = 20_000) -> None:
    """Compare two lengths, where the shorter one takes noticeably long at all."""
    short = (fragment * characters)[:characters]
    if seconds(search, short) > NOTICEABLE:
        long = (fragment * characters)[: TIMES * characters]
        assert seconds(search, long) <= BOUND * seconds(search, short, repeats=3), f"quadratic in {fragment!r}"


@pytest.mark.slow
@pytest.mark.parametrize("kind", _KINDS, ids=lambda kind: f"{kind.name} {kind.hints[0]}")
def test_a_kind_of_secret_is_looked_for_in_linear_time(kind: _Secret) -> None:
    for hint in kind.hints[:2]:
        for fragment in [hint, *(hint + other for other in FRAGMENTS), *(other + hint for other in FRAGMENTS)]:
            assert_linear(kind.finder.analyze_string, fragment)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from([*FRAGMENTS, *_HINTS]), min_size=1, max_size=5).map("".join))
def test_so_is_everything_together(fragment: str) -> None:
    assert_linear(detect, fragment, characters=8_000)
