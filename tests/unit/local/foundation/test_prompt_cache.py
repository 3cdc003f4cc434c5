"""A prefix up to a cache point is written once and read afterwards, as the Bedrock user guide has it."""

from typing import Any

import pytest

from local.emulator.base.http import ServiceError
from local.emulator.foundation.prompt_cache import counts

MICRO = "amazon.nova-micro-v1:0"
POINT = {"cachePoint": {"type": "default"}}


def asked(words: int, question: str = "Q?", points: int = 1) -> dict[str, Any]:
    system = [{"text": "word " * words}, *[POINT] * points]
    return {"system": system, "messages": [{"role": "user", "content": [{"text": question}]}]}


def used(owner: str, body: dict[str, Any], model: str = MICRO) -> dict[str, int]:
    return counts(model, owner, body, lambda text: len(text.split()))


def test_a_prefix_is_written_once_and_then_read_whatever_follows_it() -> None:
    written, read = {"cacheReadInputTokens": 0, "cacheWriteInputTokens": 1200}, {"cacheReadInputTokens": 1200}
    assert used("one", asked(1200)) == written
    assert used("one", asked(1200, "Another?")) == {**written, **read, "cacheWriteInputTokens": 0}
    assert used("two", asked(1200)) == written, "an account has a cache of its own"


def test_too_short_a_prefix_caches_nothing_and_without_a_point_nothing_is_told() -> None:
    for _ in range(2):
        assert used("short", asked(999)) == {"cacheReadInputTokens": 0, "cacheWriteInputTokens": 0}
    assert used("short", asked(5_000, points=0)) == {}


@pytest.mark.parametrize(
    ("model", "points", "code"),
    [("meta.llama3-3-70b-instruct-v1:0", 1, "AccessDeniedException"), (MICRO, 5, "ValidationException")],
)
def test_what_cannot_be_cached_is_refused(model: str, points: int, code: str) -> None:
    with pytest.raises(ServiceError) as refused:
        used("any", asked(2_000, points=points), model)
    assert refused.value.code == code
