"""Answers given again off the caller's path: by share, within a budget a day, without a text that must not be kept."""

import json
from collections.abc import Mapping
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any

import pytest

from arbiter.answering.request import Features
from arbiter.answering.serving.shadow import TRIES, DailyBudget, Offers, Shadow
from arbiter.errors import Throttled
from arbiter.settings.answering import ShadowSettings
from arbiter.store import ObjectMissingError
from tests.unit.arbiter.answering.router_fakes import World, settings

HANDED_OVER = {"request": {"question": "How early may I book?"}, "request_id": "r-1"}


class Ledger:
    """One object, with what S3 makes of conditions."""

    def __init__(self) -> None:
        self.body: bytes | None = None
        self.version = 0

    def read_tagged(self, key: str) -> tuple[bytes, str]:
        if self.body is None:
            raise ObjectMissingError(key)
        return self.body, str(self.version)

    def replace(self, key: str, body: bytes, *, etag: str, content_type: str) -> bool:
        if etag != str(self.version):
            return False
        self.body, self.version = body, self.version + 1
        return True

    def create(self, key: str, body: bytes, *, content_type: str) -> bool:
        return self.body is None and self.replace(key, body, etag=str(self.version), content_type=content_type)


def shadow(world: World, ledger: Ledger, *, usd: float = 1.0, log_text: bool = True) -> tuple[Shadow, list[str]]:
    lines: list[str] = []
    own = vars(settings(log_text=log_text))
    kept = ShadowSettings(**own, shadow_mode="rag", shadow_daily_usd=usd, results_bucket="results")
    budget = DailyBudget(ledger, usd)
    made = Shadow(kept, world.answerer(), Features(), budget, world.clock, lambda: "2026-11-28", lines.append)
    return made, lines


@pytest.mark.parametrize("log_text", [True, False])
def test_what_is_handed_over_is_answered_in_the_other_mode_and_its_text_kept_where_it_may_be(log_text: bool) -> None:
    answering, lines = shadow(World(), Ledger(), log_text=log_text)

    assert answering.answer(HANDED_OVER, 20.0)
    (record,) = map(json.loads, lines)
    assert (record["message"], record["request_id"], record["mode"]) == ("shadowed", "r-1", "rag")
    assert ("How early" in lines[0], "an answer" in lines[0]) == (log_text, log_text)
    answering._budget.give_back = lambda *_: 1 / 0  # type: ignore[assignment,method-assign,return-value]
    with pytest.raises(ZeroDivisionError):
        answering.answer(HANDED_OVER, 20.0)
    assert len(lines) == 2, "what was paid for is recorded, whatever becomes of the rest of the budget"


def test_the_budget_of_a_day_is_never_exceeded_and_begins_anew_the_next() -> None:
    budget = DailyBudget(Ledger(), 0.05)

    assert [budget.take("2026-11-28", 0.02) for _ in range(3)] == [True, True, False]
    assert budget.take("2026-11-29", 0.05)
    budget.give_back("2026-11-28", 0.02)
    assert [budget.take(day, 0.02) for day in ("2026-11-28", "2026-11-29")] == [False, False]


def test_two_that_take_from_the_budget_at_once_take_no_more_than_there_is() -> None:
    ledger = Ledger()
    budget, meanwhile = DailyBudget(ledger, 0.03), DailyBudget(ledger, 0.03)
    read = ledger.read_tagged

    def interrupted(key: str) -> tuple[bytes, str]:
        ledger.read_tagged = read  # type: ignore[method-assign]
        seen = read(key)
        assert meanwhile.take("2026-11-28", 0.02)
        return seen

    assert budget.take("2026-11-28", 0.01)
    ledger.read_tagged = interrupted  # type: ignore[method-assign]
    assert not budget.take("2026-11-28", 0.02)


def test_beyond_the_budget_no_model_is_asked() -> None:
    world = World()
    answering, lines = shadow(world, Ledger(), usd=1e-9)

    assert not answering.answer(HANDED_OVER, 20.0)
    assert world.model.calls == []
    assert "exceeds what is left of the day's budget" in lines[0]


@pytest.mark.parametrize("longest", [1, 200])
def test_what_is_taken_from_the_budget_covers_the_longest_answer_and_the_rest_is_given_back(longest: int) -> None:
    """The fake model says that it wrote 10 tokens, of 200 that it may: so much as was asked for is taken before."""
    world, ledger = World(), Ledger()
    answering, lines = shadow(world, ledger)
    limits = {"limits": {"max_output_tokens": longest}}
    assert answering.answer({"request": HANDED_OVER["request"] | limits, "request_id": "r-1"}, 20.0)
    assert ledger.body
    spent = json.loads(ledger.body)["usd"]

    (call,) = world.model.calls
    assert call.max_output_tokens == longest
    assert spent == pytest.approx(json.loads(lines[0])["cost_usd"], abs=1e-9)
    tight, lines = shadow(World(), Ledger(), usd=spent)
    assert not tight.answer({"request": HANDED_OVER["request"] | limits, "request_id": "r-1"}, 20.0)
    assert "exceeds" in lines[0]


def test_a_budget_that_cannot_be_written_is_told_apart_from_one_that_is_spent() -> None:
    ledger, pauses = Ledger(), list[None]()
    ledger.replace = lambda *_, **__: False  # type: ignore[method-assign]
    world = World()
    answering, lines = shadow(world, ledger)
    answering._budget = DailyBudget(ledger, 1.0, lambda: pauses.append(None))

    assert not answering.answer(HANDED_OVER, 20.0)
    assert (json.loads(lines[0])["reason"], len(pauses), world.model.calls) == ("throttled", TRIES, [])


def test_many_at_once_never_take_more_than_the_budget() -> None:
    ledger = Ledger()
    lock, seen = Lock(), ledger.replace

    def atomic(key: str, body: bytes, *, etag: str, content_type: str) -> bool:
        with lock:
            return seen(key, body, etag=etag, content_type=content_type)

    ledger.replace = atomic  # type: ignore[method-assign]
    budget, taken = DailyBudget(ledger, 1.0, lambda: None), list[float]()

    def spend() -> None:
        for _ in range(20):
            with suppress(Throttled):
                if not budget.take("2026-11-28", 0.03):
                    continue
                taken.append(0.02)
                budget.give_back("2026-11-28", 0.01)

    threads = [Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.body
    assert 0.5 < sum(taken) <= json.loads(ledger.body)["usd"] + 1e-9 <= 1.0 + 2e-9


def test_the_caller_is_answered_while_the_hand_over_still_waits() -> None:
    done, release = Event(), Event()
    handed: list[Mapping[str, Any]] = []

    def slow(event: Mapping[str, Any]) -> None:
        release.wait(10)
        handed.append(event)
        done.set()

    assert World(offers=Offers(1.0, slow, print)).respond({"question": "How early?"})["answer"]
    assert handed == []
    release.set()
    assert done.wait(10)
    assert handed[0]["request"] == {"question": "How early?"}


def test_explicit_modes_are_not_shadowed_and_a_failure_to_hand_over_is_only_noted() -> None:
    lines: list[str] = []
    noted = Event()

    def failing(event: Mapping[str, Any]) -> None:
        raise TimeoutError("secret")

    def write(line: str) -> None:
        lines.append(line)
        noted.set()

    world = World(offers=Offers(1.0, failing, write))
    world.respond({"question": "How early?", "mode": "rag"})
    assert (lines, noted.is_set()) == ([], False)
    assert "error" not in world.respond({"question": "How early?"})
    assert noted.wait(10)
    assert ("not shadowed" in lines[0], "secret" in lines[0]) == (True, False)


def test_about_the_share_that_is_set_is_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[Mapping[str, Any]] = []
    monkeypatch.setattr(Thread, "start", Thread.run)
    offers = Offers(0.1, handed.append, print)
    for number in range(2_000):
        offers.offer({}, f"request-{number}")

    assert 150 < len(handed) < 250
    Offers(0.0, pytest.fail, print).offer({}, "r")
