"""Pauses grow while a model throttles and vanish when it answers; nothing starts that could not end in time."""

from collections.abc import Callable

import pytest

from arbiter.answering.prompts import Prompt
from arbiter.answering.writer import Generation
from arbiter.errors import DeadlineExceeded, InvalidRequest, ModelError, Throttled
from arbiter.evaluation.run.throttling import ATTEMPTS, LONGEST_PAUSE, HonestModel, OutOfTime, Pace, Tally
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import FakeModel


class Calls:
    """Raises what its script holds, then answers."""

    def __init__(self, *script: Exception) -> None:
        self.script = list(script)

    def __call__(self) -> str:
        if self.script:
            raise self.script.pop(0)
        return "answer"


def run(pace: Pace, call: Callable[[], str], tally: Tally | None = None, left: float = 1e6) -> str:
    return pace.run(call, tally or Tally(), seconds=10.0, left=lambda: left)


def test_the_pause_doubles_with_each_throttle_and_halves_with_each_answer() -> None:
    slept: list[float] = []
    pace = Pace(slept.append, lambda: 1.0)
    run(pace, Calls(*[Throttled("slow")] * 3))
    assert slept == [1.0, 2.0, 4.0]
    for _ in range(8):
        run(pace, Calls())
    assert slept[3:] == [2.0, 1.0, 0.5, 0.25, 0.125, 0.0625]


def test_the_pause_has_a_longest_and_attempts_an_end() -> None:
    slept: list[float] = []
    pace, tally = Pace(slept.append, lambda: 1.0), Tally()
    with pytest.raises(Throttled):
        run(pace, Calls(*[Throttled("slow")] * ATTEMPTS), tally)
    assert (tally.attempts, tally.throttles, len(slept)) == (ATTEMPTS, ATTEMPTS, ATTEMPTS - 1)
    with pytest.raises(Throttled):
        run(pace, Calls(*[Throttled("slow")] * ATTEMPTS))
    assert max(slept) == LONGEST_PAUSE


def test_jitter_takes_at_most_half_of_a_pause() -> None:
    slept: list[float] = []
    run(Pace(slept.append, lambda: 0.0), Calls(Throttled("slow")))
    assert slept == [0.5]


@pytest.mark.parametrize("error", [InvalidRequest([]), DeadlineExceeded("late"), ModelError("broken")])
def test_a_failure_that_does_not_pass_is_not_asked_again(error: Exception) -> None:
    tally = Tally()
    with pytest.raises(type(error)):
        run(Pace(lambda _: None, lambda: 1.0), Calls(error), tally)
    assert (tally.attempts, tally.throttles) == (1, 0)


def test_a_passing_failure_is_asked_again_and_is_no_throttling() -> None:
    tally = Tally()
    run(Pace(lambda _: None, lambda: 1.0), Calls(ModelError("hiccup", retryable=True)), tally)
    assert (tally.attempts, tally.throttles) == (2, 0)


def test_a_call_that_could_not_end_in_time_is_not_begun() -> None:
    with pytest.raises(OutOfTime):
        run(Pace(lambda _: None, lambda: 1.0), Calls(), left=9.9)


def test_throttling_ends_an_answer_at_once_so_that_no_pause_counts_as_latency() -> None:
    model = HonestModel(FakeModel(failures=[Throttled("slow")]))
    generation = Generation("m", Prompt((), ()), 10, None, Mode.BASE)
    with pytest.raises(Throttled) as caught:
        model.generate(generation, 1.0)
    assert not caught.value.retryable
