"""A model or service that hangs, refuses a long conversation or writes broken JSON still leaves an answer."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from arbiter.answering.asked.format import Format
from arbiter.answering.asked.malformed import MalformedAnswer
from arbiter.answering.prompting.files import Prompts
from arbiter.answering.prompting.prompter import Prompter
from arbiter.answering.request import Limits
from arbiter.answering.writer import Generation
from arbiter.costs.tokens import Usage
from arbiter.errors import BadModelOutput, CostLimitExceeded, DeadlineExceeded, TooLarge
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import ASKS_FOR_ALL, PASSAGES, TUNED, FakeModel, World


def test_passages_too_long_for_the_model_are_halved_once_and_the_answer_says_so() -> None:
    world = World(model=FakeModel(failures=[TooLarge("too long")]))
    answer = world.answer(mode=Mode.RAG)

    assert (answer.mode, answer.passages) == (Mode.RAG, [PASSAGES[0]])
    assert answer.degraded == ["too_large: answered from 1 of 2 passages"]
    assert PASSAGES[1].text not in world.model.calls[-1].prompt.turns[-1].text


def test_what_stays_too_long_is_an_error() -> None:
    world = World(model=FakeModel(failures=[TooLarge("too long"), TooLarge("still too long")]))

    with pytest.raises(TooLarge, match="still"):
        world.answer(mode=Mode.RAG)
    with pytest.raises(TooLarge):
        World(model=FakeModel(failures=[TooLarge("too long")])).answer(mode=Mode.BASE)


def malformed() -> MalformedAnswer:
    return MalformedAnswer("holds NaN", '{"days": NaN}', Usage(7, 3, 1))


def test_malformed_json_is_repaired_once_and_both_calls_are_paid_for() -> None:
    world = World(model=FakeModel(failures=[malformed()]))
    answer = world.answer(mode=Mode.BASE, format=Format("json"))

    assert (answer.text, answer.usage) == ("an answer", Usage(107, 13, 1))
    *_, written, repair = world.model.calls[1].prompt.turns
    assert (written.text, "it holds NaN" in repair.text) == ('{"days": NaN}', True)


def test_json_that_stays_malformed_is_an_error_that_shows_it() -> None:
    world = World(model=FakeModel(failures=[malformed(), malformed()]))

    with pytest.raises(BadModelOutput) as refused:
        world.answer(mode=Mode.BASE, format=Format("json"))
    assert refused.value.to_object("r")["error"]["message"].count('{"days": NaN}') == 2, "both attempts are shown"
    assert "days" not in str(refused.value), "the log holds no answers"
    assert len(world.model.calls) == 2


def test_json_that_breaks_its_schema_is_repaired_within_the_same_two_calls() -> None:
    wanted = Format("json", {"type": "object", "required": ["days"], "properties": {"days": {"type": "integer"}}})
    world = World(model=FakeModel(texts=['{"days": "84"}', '{"days": 84}']))
    answer = world.answer(mode=Mode.BASE, format=wanted)

    assert (answer.text, answer.usage) == ('{"days": 84}', Usage(200, 20))
    assert answer.cost_usd == pytest.approx(2 * (100 * 0.001 + 10 * 0.002) / 1000), "both calls are paid for, once"
    assert "answer.days is '84', where integer is due" in world.model.calls[1].prompt.turns[-1].text

    with pytest.raises(BadModelOutput) as refused:
        World(model=FakeModel(texts=["{}", '{"days": null}'])).answer(mode=Mode.BASE, format=wanted)
    message = refused.value.to_object("r")["error"]["message"]
    assert "answer.days is missing" in message
    assert "answer.days is null, where integer is due" in message


def test_json_that_was_filtered_is_not_asked_for_again() -> None:
    wanted = Format("json", {"type": "object", "required": ["days"]})
    world = World(model=FakeModel(text="", stop_reason="content_filtered"))
    answer = world.answer(mode=Mode.BASE, format=wanted)

    assert (answer.text, answer.stop_reason, len(world.model.calls)) == ("", "content_filtered", 1)


def test_json_that_was_cut_is_not_asked_for_again() -> None:
    wanted = Format("json", {"type": "object", "required": ["days"]})
    world = World(model=FakeModel(text="{}", stop_reason="max_tokens"))
    with pytest.raises(BadModelOutput, match=r"limits\.max_output_tokens"):
        world.answer(mode=Mode.BASE, format=wanted)
    assert len(world.model.calls) == 1


@pytest.mark.parametrize(("limit", "calls"), [(0.005, 2), (0.0021, 1)])
def test_a_repair_stays_within_the_cost_limit(limit: float, calls: int) -> None:
    world = World(model=FakeModel(failures=[MalformedAnswer("holds NaN", "{}", Usage(100, 300))]))
    asked = {"mode": Mode.BASE, "format": Format("json"), "limits": Limits(max_cost_usd=limit)}
    if calls == 1:
        with pytest.raises(MalformedAnswer):
            world.answer(**asked)
    else:
        assert world.answer(**asked).cost_usd <= limit
    assert len(world.model.calls) == calls


def test_a_schema_is_read_by_the_model_and_so_counted_by_the_limit() -> None:
    schema = {"type": "object", "description": "Days. " * 500}
    asked = {"mode": Mode.BASE, "limits": Limits(max_cost_usd=0.002)}
    assert World().answer(**asked).cost_usd <= 0.002
    world = World(model=FakeModel(text="{}"))
    with pytest.raises(CostLimitExceeded):
        world.answer(**asked, format=Format("json", schema))
    assert not world.model.calls


@pytest.mark.parametrize("asked", [{"question": ASKS_FOR_ALL}, {"mode": Mode.COMBINED, "degrade": True}])
@pytest.mark.parametrize("hanging", [("tuned_models",), ("retriever",), ("model",), ("tuned_models", "retriever"),
                                     ("retriever", "model")])  # fmt: skip
def test_what_hangs_leaves_time_for_the_fallback(asked: dict[str, Any], hanging: Sequence[str]) -> None:
    world = World()

    def hang(call: Callable[..., Any]) -> Callable[..., Any]:
        def hanging_call(asked: Any, timeout: float = 0.0, **options: Any) -> Any:
            if isinstance(asked, Generation) and asked.model != TUNED.model:
                return call(asked, timeout)
            world.clock.now += timeout or asked
            raise DeadlineExceeded("it hangs")

        return hanging_call

    for port, method in {"tuned_models": "current", "retriever": "retrieve", "model": "generate"}.items():
        if port in hanging:
            setattr(getattr(world, port), method, hang(getattr(getattr(world, port), method)))
    started = world.clock.now
    answer = world.answer(seconds=4.0, **asked)

    assert (answer.text, len(answer.degraded)) == ("an answer", len(hanging))
    assert world.clock.now - started < 3.5
    assert world.model.timeouts[-1] > 0.5


@pytest.mark.parametrize("prompting", ["few_shot", "house"])
def test_prompts_that_hang_leave_time_for_an_answer_without_them(prompting: Any) -> None:
    class Hanging:
        def current(self, timeout: float) -> Prompts:
            world.clock.now += timeout
            raise DeadlineExceeded("it hangs")

    world = World(prompts=Prompter(Hanging(), 600))
    answer = world.answer(seconds=4.0, mode=Mode.BASE, prompting=prompting, degrade=True)

    assert (answer.text, len(answer.degraded)) == ("an answer", 1)
    assert world.model.timeouts[-1] > 2.5
