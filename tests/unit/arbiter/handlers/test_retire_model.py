"""Retiring stops waiting while there is time to name what is left."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from arbiter.handlers import retire_model


class Waiting:
    """A retirer that waits as often as it may."""

    def __init__(self) -> None:
        self.waits = 0

    def retire(self, event: Mapping[str, Any], *, now: object, wait: Callable[[], bool]) -> dict[str, Any]:
        while wait():
            self.waits += 1
        return {"deleted": []}


class Clock:
    """A function's context whose time passes while it sleeps."""

    def __init__(self, seconds: int) -> None:
        self.left = seconds * 1000

    def sleep(self, seconds: float) -> None:
        self.left -= round(seconds * 1000)

    def get_remaining_time_in_millis(self) -> int:
        return self.left


def test_time_is_left_to_name_what_is_not_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, retirer = Clock(60), Waiting()
    monkeypatch.setattr(retire_model.time, "sleep", clock.sleep)
    monkeypatch.setattr(retire_model, "_retirer", lambda: retirer)

    assert retire_model.handler({"run": "run-a"}, clock) == {"deleted": []}
    assert (retirer.waits, clock.left) == (7, 20_000)
