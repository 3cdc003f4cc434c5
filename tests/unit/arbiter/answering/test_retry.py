"""One retry loop: few attempts, jittered pauses, and never beyond the deadline."""

import pytest

from arbiter.answering.retry import Attempts, Backoff, Deadline
from arbiter.errors import AccessDenied, ArbiterError, DeadlineExceeded, ModelError, Throttled
from tests.unit.arbiter.answering.router_fakes import FakeClock


class Call:
    """Takes its time and fails as often as it is told to."""

    def __init__(self, clock: FakeClock, *failures: ArbiterError, takes: float = 0.0) -> None:
        self.clock, self.failures, self.takes = clock, list(failures), takes
        self.timeouts: list[float] = []

    def __call__(self, timeout: float) -> str:
        self.timeouts.append(timeout)
        self.clock.now += self.takes
        if self.failures:
            raise self.failures.pop(0)
        return "done"


def attempts(clock: FakeClock, seconds: float = 30.0) -> Attempts:
    return Attempts(Deadline(seconds, clock), Backoff(sleep=clock.sleep, fraction=lambda: 0.5), clock)


def test_a_passing_failure_is_tried_again_after_a_jittered_pause() -> None:
    clock = FakeClock()

    assert attempts(clock).run(Call(clock, Throttled("slow down"))) == "done"
    assert clock.slept == [0.1]


def test_the_second_failure_is_the_last() -> None:
    clock = FakeClock()
    call = Call(clock, Throttled("one"), Throttled("two"))

    with pytest.raises(Throttled, match="two"):
        attempts(clock).run(call)
    assert len(call.timeouts) == 2


@pytest.mark.parametrize("failure", [AccessDenied("no"), ModelError("failed"), DeadlineExceeded("too slow")])
def test_what_will_not_pass_or_may_be_billed_is_not_tried_again(failure: ArbiterError) -> None:
    clock = FakeClock()
    call = Call(clock, failure)

    with pytest.raises(type(failure)):
        attempts(clock).run(call)
    assert len(call.timeouts) == 1


def test_no_attempt_starts_that_the_time_would_not_suffice_for() -> None:
    clock = FakeClock()
    call = Call(clock, Throttled("busy"), takes=6.0)

    with pytest.raises(Throttled):
        attempts(clock, seconds=10.0).run(call)
    assert len(call.timeouts) == 1


def test_every_call_gets_the_time_that_is_left() -> None:
    clock = FakeClock()
    call = Call(clock, Throttled("busy"), takes=2.0)
    attempts(clock, seconds=10.0).run(call)

    assert call.timeouts == pytest.approx([10.0, 7.9])


def test_nothing_is_called_after_the_deadline() -> None:
    clock = FakeClock()
    call = Call(clock)
    late = attempts(clock, seconds=1.0)
    clock.now += 1.0

    with pytest.raises(DeadlineExceeded):
        late.run(call)
    assert call.timeouts == []


def test_pauses_double_up_to_a_bound() -> None:
    backoff = Backoff(first=0.2, longest=1.0, fraction=lambda: 1.0)

    assert [backoff.pause(n) for n in (1, 2, 3, 4, 50)] == [0.2, 0.4, 0.8, 1.0, 1.0]
