"""Every case gets one record an arm: answers by the router's code, failures by their code, nothing twice."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from arbiter.answering.answerer import Answerer
from arbiter.answering.request import Features
from arbiter.answering.retry import Backoff
from arbiter.answering.serving.invocation import Invocation
from arbiter.answering.writer import Model
from arbiter.batch_inference.models import RepliedModel
from arbiter.errors import AccessDenied, DailyQuota, ModelNotReady, Throttled
from arbiter.evaluation.answers.case import Conditions, PinnedModel
from arbiter.evaluation.answers.case_answers import Answering
from arbiter.evaluation.run.arms import Arm
from arbiter.evaluation.run.throttling import ATTEMPTS, HonestModel, HonestRetriever, Pace
from arbiter.modes import Mode
from arbiter.tuned_models.service.pointer import TunedModel
from tests.unit.arbiter.answering.router_fakes import PRICES, TUNED, FakeClock, FakeModel, FakeRetriever, settings
from tests.unit.arbiter.evaluation.engine_fakes import BASE, RAG, Context, planned

CASES = [{"id": f"c{number}", "question": f"How far is number {number}?"} for number in range(3)]
FINE_TUNED = Arm("tuned", Mode.FINE_TUNED)


class World:
    """The answering function without AWS."""

    def __init__(self, cases: list[dict[str, Any]] = CASES, prices: Any = PRICES, **changes: Any) -> None:
        self.prices = prices
        self.bucket, self.events = planned(cases, **changes)
        self.model, self.retriever, self.clock = FakeModel(), FakeRetriever(), FakeClock()
        self.answering = Answering(
            results=self.bucket,
            build=self.build,
            replied=RepliedModel(self.model),
            conditions=Conditions(Features(), 28.0, self.clock),
            pace=Pace(self.clock.sleep, lambda: 1.0),
        )

    def build(self, arm: Arm, tuned: TunedModel | None, asked: Model) -> Answerer:
        return Answerer(
            settings(prices=self.prices, **({"base_model": arm.model} if arm.model else {})),
            model=HonestModel(asked),
            retriever=HonestRetriever(self.retriever),
            tuned_models=PinnedModel(tuned),
            clock=self.clock,
            backoff=Backoff(sleep=self.clock.sleep, fraction=lambda: 1.0),
        )

    def answer(self, seconds: float = 900.0, **event: Any) -> bool:
        (first,) = self.events
        return self.answering.answer({**first, **event}, Invocation({}, Context(seconds)))

    def records(self) -> dict[str, dict[str, Any]]:
        prefix = "evaluations/r/answers/"
        found = [key for key in self.bucket.contents if key.startswith(prefix)]
        return {key.removeprefix(prefix).removesuffix(".json"): self.bucket.record(key) for key in found}


def test_every_case_is_answered_in_every_arm() -> None:
    world = World()
    assert world.answer()
    records = world.records()
    assert records.keys() == {f"{case['id']}/{arm}" for case in CASES for arm in ("base", "rag")}
    rag = records["c1/rag"]
    assert (rag["run"], rag["case"], rag["arm"], rag["mode"]) == ("r", CASES[1], "rag", "rag")
    assert (rag["attempts"], rag["throttles"], rag["leaked"]) == (1, 0, False)
    assert rag["response"]["citations"][0]["text"].startswith("Kits")
    assert records["c1/base"]["response"]["citations"] == []


def test_a_follow_up_is_asked_after_its_conversation_and_rewritten_where_the_arm_does_so() -> None:
    turns = [{"role": "user", "text": "Is there a sauna?"}, {"role": "assistant", "text": "Yes."}]
    arms = (Arm("rag", Mode.RAG), Arm("rag.rewrite", Mode.RAG, retrieval={"rewrite": True}))
    world = World([{**CASES[0], "history": turns}], arms=arms)
    world.answer()

    rewritten = {name: "rewritten" in one["response"] for name, one in world.records().items()}
    assert len(world.model.calls) == 3
    assert all("Is there a sauna?" in str(call.prompt) for call in world.model.calls)
    assert rewritten == {"c0/rag": False, "c0/rag.rewrite": True}


def test_an_arm_asks_another_knowledge_base_for_what_that_one_can() -> None:
    arms = [Arm("rag", Mode.RAG, retrieval={"search": "hybrid"})]
    arms += [arms[0]._replace(name="rag.store", knowledge_base="store")]
    world = World(CASES[:1], arms=tuple(arms))
    theirs = {"store": {"id": "ABCDEFGHIJ", "managed": False, "prices": {}}}
    world.answering = replace(world.answering, conditions=world.answering.conditions._replace(knowledge_bases=theirs))
    world.answer()

    assert world.records()["c0/rag"]["error"]["code"] == "invalid_request"
    assert world.records()["c0/rag.store"]["response"]["citations"]


def test_an_arm_is_its_model_its_prompting_and_its_retrieval() -> None:
    thinking = Arm("thinking", Mode.RAG, "amazon.nova-lite-v1:0", "chain_of_thought", {"results": 1})
    world = World(arms=(thinking,))
    world.answer()
    assert {call.model for call in world.model.calls} == {"amazon.nova-lite-v1:0"}
    assert any("<thinking>" in text for text in world.model.calls[0].prompt.system)
    assert world.retriever.queries[0].results == 1


def test_the_limits_of_an_arm_bind_its_answers() -> None:
    hurried = Arm("hurried", Mode.BASE, asked={"limits": {"max_latency_ms": 900}})
    cheap = Arm("cheap", Mode.RAG, asked={"limits": {"max_cost_usd": 1e-9}})
    world = World(CASES[:1], arms=(hurried, cheap))
    world.answer()
    assert [timeout <= 0.9 for timeout in world.model.timeouts] == [True]
    assert world.records()["c0/cheap"]["error"]["code"] == "cost_limit_exceeded"


def test_the_tuned_model_is_the_one_that_was_planned() -> None:
    world = World(arms=(FINE_TUNED,), tuned={"in_service": TUNED._asdict()})
    world.answer()
    assert {call.model for call in world.model.calls} == {TUNED.model}


def test_a_missing_tuned_model_is_a_failure_and_no_fallback() -> None:
    world = World(arms=(FINE_TUNED,), tuned={"in_service": None})
    assert world.answer()
    assert {one["error"]["code"] for one in world.records().values()} == {"tuned_model_unavailable"}
    assert world.model.calls == []


def test_a_second_run_asks_nothing_again() -> None:
    world = World()
    world.answer()
    calls, before = len(world.model.calls), dict(world.bucket.contents)
    assert world.answer()
    assert (len(world.model.calls), world.bucket.contents) == (calls, before)


def test_a_second_run_asks_what_is_missing_and_what_failed_for_a_passing_reason() -> None:
    world = World(cases=CASES[:1])
    world.model.failures = [AccessDenied("no model access"), AccessDenied("no model access")]
    world.answer()
    assert {one["error"]["code"] for one in world.records().values()} == {"access_denied"}
    assert world.answer(retry_failed=False)
    assert {one["error"]["code"] for one in world.records().values()} == {"access_denied"}
    assert world.answer()
    assert all("response" in one for one in world.records().values())


def test_throttling_is_waited_out_between_answers_and_counted() -> None:
    world = World(cases=CASES[:1], arms=(BASE,))
    world.model.failures = [Throttled("slow"), Throttled("slow")]
    world.answer()
    record = world.records()["c0/base"]
    assert (record["attempts"], record["throttles"]) == (3, 2)
    assert world.clock.slept == [1.0, 2.0]
    assert record["response"]["latency_ms"]["total"] == 0.0


def test_a_third_of_all_calls_throttled_loses_nothing() -> None:
    cases = [{"id": f"c{number}", "question": f"How far is number {number}?"} for number in range(4)]
    world = World(cases=cases)
    throttled = Sometimes(world.model.generate)
    world.model.generate = throttled  # type: ignore[method-assign]
    assert world.answer()
    records = world.records()
    assert len(records) == 8
    assert all("response" in one for one in records.values())
    assert sum(one["throttles"] for one in records.values()) == throttled.throttles > 0


class Sometimes:
    """Throttles every third call."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call, self.calls, self.throttles = call, 0, 0

    def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        if self.calls % 3 == 0:
            self.throttles += 1
            raise Throttled("slow")
        return self._call(*arguments)


def test_throttling_that_lasts_is_the_state_machines_and_at_last_a_record() -> None:
    world = World(cases=CASES[:1], arms=(BASE,))
    world.model.failures = [Throttled("slow")] * 2 * ATTEMPTS
    with pytest.raises(Throttled):
        world.answer()
    (record,) = world.records().values()
    assert (record["error"]["code"], record["interim"], record["throttles"]) == ("throttled", True, ATTEMPTS)
    assert world.answer(last=True, retry_failed=False)
    record = world.records()["c0/base"]
    # Throttled calls are counted over all invocations.
    assert (record["error"]["code"], record["error"]["retryable"]) == ("throttled", True)
    assert (record["attempts"], record["throttles"], "interim" in record) == (2 * ATTEMPTS, 2 * ATTEMPTS, False)
    world.answer(retry_failed=False)
    assert world.records()["c0/base"] == record
    world.answer()
    record = world.records()["c0/base"]
    assert ("response" in record, record["attempts"], record["throttles"]) == (True, 2 * ATTEMPTS + 1, 2 * ATTEMPTS)


@pytest.mark.parametrize("last", [False, True])
def test_a_quota_of_the_day_ends_the_batch_at_once_and_is_no_answers_failure(last: bool) -> None:
    world = World(cases=CASES[:1], arms=(BASE,))
    world.model.failures = [DailyQuota("nothing is left")]
    with pytest.raises(DailyQuota):
        world.answer(last=last)
    assert world.model.failures == []
    world.answer(retry_failed=False)
    assert "response" in world.records()["c0/base"]


def test_a_model_that_is_being_loaded_is_waited_for_and_is_no_throttling() -> None:
    world = World(cases=CASES[:1], arms=(BASE,))
    world.model.failures = [ModelNotReady("loading")] * 3
    world.answer()
    assert world.records()["c0/base"]["throttles"] == 0
    assert "response" in world.records()["c0/base"]


def test_what_the_time_does_not_allow_is_left_for_the_next_call() -> None:
    world = World()
    world.retriever.retrieve = slow(world.clock, world.retriever.retrieve)  # type: ignore[method-assign]
    assert not world.answer(seconds=60.0)
    some = len(world.records())
    assert 0 < some < 6
    assert world.answer()
    assert len(world.records()) == len(world.model.calls) == 6


def slow(clock: FakeClock, call: Callable[..., Any]) -> Callable[..., Any]:
    def retrieve(*arguments: Any) -> Any:
        clock.now += 20
        return call(*arguments)

    return retrieve


def test_a_case_of_100_kilobytes_is_a_refusal_and_ends_nothing() -> None:
    world = World(cases=[{"id": "big", "question": "x" * 100_000}, CASES[0]])
    assert world.answer()
    records = world.records()
    assert records["big/rag"]["error"]["code"] == "invalid_request"
    assert "100,000 characters" in records["big/rag"]["error"]["message"]
    assert "response" in records["c0/rag"]


def test_a_defect_is_recorded_and_ends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    world = World(cases=CASES[:2], arms=(RAG,))
    world.retriever.failures = [ZeroDivisionError("defect")]  # type: ignore[list-item]
    assert world.answer()
    assert world.records()["c0/rag"]["error"]["code"] == "internal"
    assert "response" in world.records()["c1/rag"]
    logged = capsys.readouterr().out
    assert "ZeroDivisionError" in logged
    assert CASES[0]["question"] not in logged


def test_a_question_that_stands_in_a_passage_is_marked() -> None:
    world = World(cases=[{"id": "c", "question": "Kits are booked 84 days ahead"}], arms=(RAG,))
    world.answer()
    assert world.records()["c/rag"]["leaked"]


def test_an_interrupted_write_is_made_good() -> None:
    world = World(cases=CASES[:2], arms=(BASE,))
    write, left = world.bucket.write, [1]

    def dying(key: str, body: Any, **options: Any) -> Any:
        if not left:
            raise SystemExit
        left.pop()
        return write(key, body, **options)

    world.bucket.write = dying  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        world.answer()
    world.bucket.write = write  # type: ignore[method-assign]
    assert len(world.records()) == 1
    assert world.answer()
    assert len(world.records()) == 2
    assert len(world.model.calls) == 3
