"""Every answer gets one verdict a judge and repeat; whatever interrupts a judge, what was said is kept."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from arbiter.answering.invocation import Invocation
from arbiter.answering.writer import Generation
from arbiter.batch_inference.desk import Desk
from arbiter.batch_inference.models import RepliedModel
from arbiter.batch_inference.records import Reply
from arbiter.errors import ArbiterError, DailyQuota, Throttled
from arbiter.evaluation.run.plan import answer_key
from arbiter.evaluation.run.throttling import ATTEMPTS
from arbiter.evaluation.verdicts.case_verdicts import Judging
from arbiter.evaluation.verdicts.panel import Judge
from tests.unit.arbiter.answering.router_fakes import FakeClock
from tests.unit.arbiter.evaluation.engine_fakes import (
    JUDGES,
    Context,
    ScriptedModel,
    either,
    grades,
    judge,
    planned,
    response,
)

CASES = [{"id": f"c{number}", "question": f"How far is number {number}?"} for number in range(3)]


class World:
    """The judging function without AWS: one model behind each judge."""

    def __init__(self, cases: list[dict[str, Any]] = CASES, **changes: Any) -> None:
        self.bucket, (self.event,) = planned(cases, **changes)
        self.models = {name: ScriptedModel(always=either) for name in JUDGES}
        self.clock, self.slept = FakeClock(), list[float]()
        self._judges: dict[str, Judge] = {}
        self.judging = Judging(results=self.bucket, judge_named=self.judge_named, clock=self.clock)
        for case in cases:
            for arm in ("base", "rag"):
                self.answered(case, arm)

    def judge_named(self, name: str) -> Judge:
        return self._judges.setdefault(name, judge(self.models[name], name, self.slept))

    def answered(self, case: dict[str, Any], arm: str, **outcome: Any) -> None:
        passages = ["It is far."] if arm == "rag" else []
        outcome = outcome or {"response": response(f"Far, says {case['id']}.", arm, passages)}
        record = {"run": "r", "case": case, "arm": arm, "mode": arm, "attempts": 1, "throttles": 0, **outcome}
        self.bucket.contents[answer_key("r", case["id"], arm)] = json.dumps(record).encode()

    def judge(self, seconds: float = 900.0, **event: Any) -> bool:
        return self.judging.judge({**self.event, **event}, Invocation({}, Context(seconds)))

    def records(self, kind: str = "verdicts") -> dict[str, list[dict[str, Any]]]:
        prefix = f"evaluations/r/{kind}/"
        found = [key for key in self.bucket.contents if key.startswith(prefix)]
        return {key.removeprefix(prefix).removesuffix(".json"): self.bucket.record(key)["verdicts"] for key in found}

    @property
    def asked(self) -> int:
        return sum(len(model.asked) for model in self.models.values())


def whose(verdicts: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    return [(verdict["judge"], verdict.get("repeat", verdict.get("order"))) for verdict in verdicts]


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
    said = [verdict for record in world.records().values() for verdict in record]
    assert [whose([verdict])[0][0] for verdict in said].count(JUDGES[1]) == 3
    dying.always = either
    assert world.judge()
    records = world.records()
    assert len(records) == 6
    assert all(whose(verdicts) == [(JUDGES[0], 0), (JUDGES[1], 0)] for verdicts in records.values())
    assert sorted(v["score"] for record in records.values() for v in record) == [5] * 3 + [7] * 9
    assert len(world.models[JUDGES[0]].asked) == 6


def test_throttling_at_the_last_attempt_is_a_failure_that_a_rerun_makes_good() -> None:
    world = World(cases=CASES[:1])
    world.models[JUDGES[1]].always = lambda _: Throttled("no more today")
    assert world.judge(last=True)
    assert [v["failure"]["code"] for v in world.records()["c0/base"] if "failure" in v] == ["throttled"]
    world.models[JUDGES[1]].always = either
    assert world.judge(retry_failed=False)
    assert "failure" in world.records()["c0/base"][1]
    assert world.judge()
    assert [v["score"] for v in world.records()["c0/base"]] == [7, 7]
    assert [v["throttles"] for v in world.records()["c0/base"]] == [0, ATTEMPTS]
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
    said = [verdict for record in world.records().values() for verdict in record]
    assert not any("failure" in verdict for verdict in said)
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
            said = "\n".join(generation.prompt.texts())
            assert not any(word in said for word in ("base", "rag", "fine_tuned", "combined", "nova"))
            assert generation.mode == "judge"


class BatchWorld(World):
    """The same with batch inference."""

    def __init__(self, **changes: Any) -> None:
        super().__init__(**changes)
        self.replied = {name: RepliedModel(self.models[name]) for name in JUDGES}
        self.judging = replace(self.judging, replied=SharedReplies(self.replied))

    def judge_named(self, name: str) -> Judge:
        return self._judges.setdefault(name, judge(self.replied[name], name, self.slept))


class SharedReplies(RepliedModel):
    """The deployed function has one model for all judges; here each has its own."""

    def __init__(self, models: dict[str, RepliedModel]) -> None:
        super().__init__(ScriptedModel())
        self._models = models

    def load(self, replies: Iterable[Reply]) -> None:
        known = list(replies)
        for model in (super(), *self._models.values()):
            model.load(known)


def converse_output(line: bytes) -> dict[str, Any]:
    text = grades(grounded=b"<passages>" in line)
    usage = {"inputTokens": 1000, "outputTokens": 100}
    return {"output": {"message": {"content": [{"text": text}]}}, "stopReason": "end_turn", "usage": usage}


def replied(world: BatchWorld, judge_name: str, *, but: int = 0) -> int:
    """Answer what a judge was asked, all but some; how many requests there were."""
    desk = Desk(world.bucket, "evaluations/r/", fewest=1)
    key = str(desk.merge(judge_name, "e", 0).get("input_key"))
    lines = world.bucket.contents[key].splitlines()
    out = [json.dumps({**json.loads(line), "modelOutput": converse_output(line)}) for line in lines[but:]]
    world.bucket.contents["out"] = "\n".join(out).encode()
    desk.share_out(judge_name, "out")
    return len(lines)


def test_verdicts_come_from_batch_inference_and_the_rest_on_demand() -> None:
    world = BatchWorld(repeat=2)
    assert world.judge(defer=True)
    assert (world.asked, world.records()) == (0, {})

    first, second = JUDGES
    assert replied(world, first) == replied(world, second, but=1) == 12
    assert world.judge()
    assert (len(world.models[first].asked), len(world.models[second].asked)) == (0, 1)
    for verdicts in world.records().values():
        assert whose(verdicts) == [(first, 0), (first, 1), (second, 0), (second, 1)]
        # The price of batch inference is not known here, and is not guessed from another one.
        assert {verdict["cost_usd"] for verdict in verdicts if verdict["usage"]["input_tokens"] == 1000} == {None}


def test_what_is_judged_or_replied_already_is_not_deferred_again() -> None:
    world = BatchWorld()
    world.judge(defer=True)
    replied(world, JUDGES[0])
    world.judge(defer=True)

    assert [Desk(world.bucket, "evaluations/r/", fewest=1).merge(name, "e", 0)["asked"] for name in JUDGES] == [0, 6]
    world.judge()
    world.judge(defer=True)
    assert [Desk(world.bucket, "evaluations/r/", fewest=1).merge(name, "e", 0)["asked"] for name in JUDGES] == [0, 0]
