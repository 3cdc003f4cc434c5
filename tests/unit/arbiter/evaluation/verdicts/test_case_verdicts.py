"""Every answer gets one verdict a judge and repeat; whatever interrupts a judge, what was said is kept."""

import json
from collections.abc import Callable

import pytest

from arbiter.answering.writer import Generation
from arbiter.errors import ArbiterError, DailyQuota, Throttled
from arbiter.evaluation.run.keys import answer_key
from arbiter.evaluation.run.throttling import ATTEMPTS
from tests.unit.arbiter.answering.router_fakes import FakeClock
from tests.unit.arbiter.evaluation.engine_fakes import (
    JUDGES,
    either,
    grades,
    response,
)
from tests.unit.arbiter.evaluation.verdicts.world import CASES, World, whose


def test_every_answer_gets_a_verdict_of_every_judge() -> None:
    world = World()
    assert world.judge()
    records = world.records()
    assert records.keys() == {f"{case['id']}/{arm}" for case in CASES for arm in ("base", "rag")}
    assert {tuple(whose(verdicts)) for verdicts in records.values()} == {((JUDGES[0], 0), (JUDGES[1], 0))}
    verdict = records["c0/rag"][0]
    assert (verdict["score"], verdict["scores"]["faithfulness"], verdict["reason"]) == (7, 7, "It says so.")
    assert records["c0/base"][0]["scores"]["faithfulness"] is None
    assert world.bucket.record("evaluations/r/verdicts/c0/rag.json")["case_id"] == "c0"


def test_a_judge_may_be_asked_several_times_to_see_its_noise() -> None:
    world = World(cases=CASES[:1], repeat=3)
    world.judge()
    assert whose(world.records()["c0/base"]) == [(name, repeat) for name in JUDGES for repeat in range(3)]


def test_pairs_are_judged_in_both_orders() -> None:
    world = World(cases=CASES[:1], pairwise=True)

    def prefers_first(generation: Generation) -> str:
        pair = "<first_answer>" in generation.prompt.turns[0].text
        return json.dumps({"reason": "First.", "winner": "first"}) if pair else either(generation)

    for model in world.models.values():
        model.always = prefers_first
    world.judge()
    (verdicts,) = world.records("pairs").values()
    assert whose(verdicts) == [(name, order) for name in JUDGES for order in ("ab", "ba")]
    assert [verdict["winner"] for verdict in verdicts] == ["a", "b", "a", "b"]
    assert world.bucket.record("evaluations/r/pairs/c0/base--rag.json")["b"] == "rag"


def test_an_answer_that_failed_or_never_came_gets_no_verdict() -> None:
    world = World(cases=CASES[:2])
    world.answered(CASES[0], "base", error={"code": "throttled", "message": "…", "retryable": True})
    del world.bucket.contents[answer_key("r", "c1", "rag")]
    assert world.judge()
    assert world.records().keys() == {"c0/rag", "c1/base"}


def test_a_second_run_asks_no_judge_again() -> None:
    world = World(pairwise=False, repeat=2)
    world.judge()
    asked, before = world.asked, dict(world.bucket.contents)
    assert world.judge()
    assert (world.asked, world.bucket.contents) == (asked, before)


def test_a_judge_that_answers_prose_is_a_failure_in_every_record_and_the_other_judge_counts() -> None:
    world = World()
    world.models[JUDGES[1]].always = lambda _: "A fine answer, eight out of ten."
    assert world.judge()
    for good, bad in world.records().values():
        assert good["score"] == 7
        assert bad["failure"]["code"] == "unparseable"
        assert "score" not in bad
    asked = world.asked
    assert world.judge()
    assert world.asked == asked


def every(nth: int, error: Callable[[], ArbiterError]) -> Callable[[Generation], str | ArbiterError]:
    calls = [0]

    def answer(generation: Generation) -> str | ArbiterError:
        calls[0] += 1
        return error() if calls[0] % nth == 0 else either(generation)

    return answer


def test_a_judge_throttled_for_a_third_of_its_calls_loses_no_verdict() -> None:
    world = World()
    for model in world.models.values():
        model.always = every(3, lambda: Throttled("slow"))
    assert world.judge()
    verdicts = [verdict for record in world.records().values() for verdict in record]
    assert len(verdicts) == 12
    assert all(verdict["score"] == 7 for verdict in verdicts)
    assert sum(verdict["throttles"] for verdict in verdicts) == world.asked - 12 > 0


def test_a_judge_that_dies_half_way_leaves_what_was_said_and_a_rerun_does_the_rest() -> None:
    world = World()
    dying = world.models[JUDGES[1]]
    dying.script = [grades(5), grades(5, grounded=True), grades(5)]
    dying.always = lambda _: Throttled("no more today")
    with pytest.raises(Throttled):
        world.judge()
    recorded = [verdict for record in world.records().values() for verdict in record]
    assert [whose([verdict])[0][0] for verdict in recorded].count(JUDGES[1]) == 3
    dying.always = either
    assert world.judge()
    records = world.records()
    assert len(records) == 6
    assert all(whose(verdicts) == [(JUDGES[0], 0), (JUDGES[1], 0)] for verdicts in records.values())
    assert sorted(v["score"] for record in records.values() for v in record) == [5] * 3 + [7] * 9
    assert len(world.models[JUDGES[0]].asked) == 6


def test_throttling_at_the_last_attempt_is_a_failure_that_a_rerun_makes_good() -> None:
    world = World(cases=CASES[:1])
    world.models[JUDGES[1]].script = ["That is no verdict, but paid for."]
    world.models[JUDGES[1]].always = lambda _: Throttled("no more today")
    assert world.judge(last=True)
    assert [v["failure"]["code"] for v in world.records()["c0/base"] if "failure" in v] == ["throttled"]
    world.models[JUDGES[1]].always = either
    assert world.judge(retry_failed=False)
    assert "failure" in world.records()["c0/base"][1]
    assert world.judge()
    assert [v["score"] for v in world.records()["c0/base"]] == [7, 7]
    assert [v["throttles"] for v in world.records()["c0/base"]] == [0, ATTEMPTS]
    first, second = (v["cost_usd"] for v in world.records()["c0/base"])
    assert second == pytest.approx(2 * first)
    assert len(world.models[JUDGES[0]].asked) == 2


@pytest.mark.parametrize("last", [False, True])
def test_a_quota_of_the_day_ends_the_batch_at_once_and_a_rerun_buys_nothing_twice(last: bool) -> None:
    world = World()
    spent = world.models[JUDGES[1]]
    spent.script = [grades(5)]
    spent.always = lambda _: DailyQuota("nothing is left")
    with pytest.raises(DailyQuota):
        world.judge(last=last)
    assert len(spent.asked) == 2
    assert world.slept == []
    verdicts = [verdict for record in world.records().values() for verdict in record]
    assert not any("failure" in verdict for verdict in verdicts)
    spent.always = either
    assert world.judge()
    assert len(world.models[JUDGES[0]].asked) == 6
    assert len(spent.asked) == 2 + 5


def test_what_the_time_does_not_allow_is_left_for_the_next_call() -> None:
    world = World()
    for model in world.models.values():
        model.always = slow(world.clock)
    assert not world.judge(seconds=200.0)
    some = sum(len(record) for record in world.records().values())
    assert 0 < some < 12
    while not world.judge(seconds=200.0):
        pass
    assert world.asked == 12
    assert all(len(record) == 2 for record in world.records().values())


def slow(clock: FakeClock) -> Callable[[Generation], str]:
    def answer(generation: Generation) -> str:
        clock.now += 30
        return either(generation)

    return answer


def test_an_answer_of_100_kilobytes_is_judged() -> None:
    world = World(cases=CASES[:1])
    world.answered(CASES[0], "base", response=response("far " * 25_000))
    assert world.judge()
    assert [verdict["score"] for verdict in world.records()["c0/base"]] == [7, 7]


def test_no_judge_is_told_whose_answer_it_reads() -> None:
    world = World(pairwise=True)
    world.judge()
    for model in world.models.values():
        for generation in model.asked:
            text = "\n".join(generation.prompt.texts())
            assert not any(word in text for word in ("base", "rag", "fine_tuned", "combined", "nova"))
            assert generation.mode == "judge"
