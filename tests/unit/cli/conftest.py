"""What the commands' tests share: made-up runs whose statistics are computed once."""

from collections.abc import Iterator, Sequence
from functools import cache

import pytest

from arbiter.evaluation.numbers import comparison, significance, statistics
from cli.asking import conversation

FEW_RESAMPLES = 199
_resampled, _p_value = cache(statistics._resampled), cache(significance.sign_flip_p)


def _interval(values: Sequence[float], spread: float, seed: str) -> statistics.Interval:
    return _resampled(tuple(values), spread, seed)


@pytest.fixture(scope="module", autouse=True)
def quick_statistics() -> Iterator[None]:
    """Compute the interval and the p-value of the same values once, and the interval from a tenth of the resamples.

    These tests show and weigh what the statistics say; how exact an interval is has its own tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statistics, "RESAMPLES", FEW_RESAMPLES)
        patch.setattr(statistics, "_resampled", _interval)
        patch.setattr(comparison, "sign_flip_p", lambda differences: _p_value(tuple(differences)))
        yield


@pytest.fixture(scope="session", autouse=True)
def _conversations_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the conversations of tests away from those of who runs them."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conversation, "repository", lambda: folder)
        yield
