"""No request is worked on beyond its deadline, however its calls fail."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from arbiter.answering.retry import Attempts, Backoff, Deadline
from arbiter.errors import AccessDenied, ArbiterError, DeadlineExceeded, Throttled
from tests.unit.arbiter.answering.router_fakes import FakeClock

OUTCOMES = st.lists(
    st.tuples(st.floats(0, 40), st.sampled_from([None, Throttled("x"), AccessDenied("x"), DeadlineExceeded("x")])),
    min_size=1,
    max_size=6,
)


@given(
    seconds=st.floats(0, 60),
    outcomes=OUTCOMES,
    fraction=st.floats(0, 1),
    allowed=st.integers(1, 5),
    first=st.floats(0.01, 30),
)
def test_the_deadline_holds(
    seconds: float,
    outcomes: list[tuple[float, ArbiterError | None]],
    fraction: float,
    allowed: int,
    first: float,
) -> None:
    clock, calls = FakeClock(), list(outcomes)
    deadline = clock.now + seconds
    backoff = Backoff(first=first, sleep=clock.sleep, fraction=lambda: fraction)
    made = 0

    def call(timeout: float) -> None:
        nonlocal made
        made += 1
        assert clock.now + timeout <= deadline + 1e-6, "a call was given more time than there is"
        takes, failure = calls.pop(0) if calls else (0.0, None)
        if takes > timeout:  # What a client does whose read timeout is over.
            clock.now += timeout
            raise DeadlineExceeded("too slow")
        clock.now += takes
        if failure is not None:
            raise failure

    with suppress(ArbiterError):
        Attempts(Deadline(seconds, clock), backoff, clock, allowed).run(call)
    assert clock.now <= deadline + 1e-6
    assert made <= allowed
