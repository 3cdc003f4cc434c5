"""The model in service is read once per short while, afresh when it has to be."""

from typing import Any

import pytest

from arbiter.aws.pointer import PATIENCE, RETRY_SECONDS, TunedModelParameter
from arbiter.errors import AccessDenied, DeadlineExceeded, Throttled, TunedModelUnavailable
from arbiter.tuned_models.service.pointer import TunedModel
from tests.unit.arbiter.answering.router_fakes import RETRAINED, TUNED, FakeClock
from tests.unit.arbiter.aws.stubs import stubbed

NAME = "/arbiter/in-service"


class Reading:
    """A parameter with the values or error codes that SSM will answer, in turn."""

    def __init__(self, *answers: str) -> None:
        self.clock, self.answers = FakeClock(), answers

    def __enter__(self) -> "Reading":
        self._stub = stubbed("ssm")
        client, stubber = self._stub.__enter__()
        for answer in self.answers:
            if answer.isidentifier() and answer != "none":
                stubber.add_client_error("get_parameter", answer)
            else:
                stubber.add_response("get_parameter", {"Parameter": {"Name": NAME, "Value": answer}}, {"Name": NAME})
        self.parameter = TunedModelParameter(client, NAME, 30.0, self.clock)
        return self

    def __exit__(self, *failure: object) -> None:
        self._stub.__exit__(*failure)  # type: ignore[arg-type]

    def current(self, *, fresh: bool = False) -> TunedModel | None:
        return self.parameter.current(5.0, fresh=fresh)


def test_within_its_time_the_pointer_is_read_once() -> None:
    with Reading(TUNED.dump()) as reading:
        assert [reading.current() for _ in range(3)] == [TUNED] * 3


def test_a_promotion_is_seen_once_the_time_is_over() -> None:
    with Reading("none", TUNED.dump()) as reading:
        assert reading.current() is None
        reading.clock.now += 29
        assert reading.current() is None
        reading.clock.now += 1
        assert reading.current() == TUNED


def test_who_asks_afresh_does_not_wait() -> None:
    with Reading(TUNED.dump(), RETRAINED.dump()) as reading:
        assert reading.current() == TUNED
        assert reading.current(fresh=True) == RETRAINED
        assert reading.current() == RETRAINED


def test_a_clock_that_was_set_back_does_not_freeze_the_pointer() -> None:
    with Reading(TUNED.dump(), RETRAINED.dump()) as reading:
        reading.current()
        reading.clock.now -= 3600
        assert reading.current() == RETRAINED


def test_while_ssm_is_busy_what_is_known_goes_on() -> None:
    with Reading(TUNED.dump(), "ThrottlingException", "InternalServerError") as reading:
        for _ in range(3):
            assert reading.current() == TUNED
            reading.clock.now += 60


@pytest.mark.parametrize("failure", [DeadlineExceeded("late"), TunedModelUnavailable("garbled", retryable=True)])
def test_a_known_model_goes_on_while_ssm_hangs_and_not_every_request_waits(failure: Exception) -> None:
    with Reading(TUNED.dump()) as reading:
        assert reading.current() == TUNED
        timeouts: list[float] = []

        def fail(*given: Any, **_: object) -> Any:
            timeouts.append(given[2])
            raise failure

        reading.parameter._client.call = fail  # type: ignore[method-assign]
        for _ in range(8):
            reading.clock.now += RETRY_SECONDS / 4 if timeouts else 60
            assert reading.current() == TUNED
        assert timeouts == [PATIENCE, PATIENCE]


def test_without_anything_known_a_failure_is_an_error() -> None:
    with Reading("ThrottlingException") as reading, pytest.raises(Throttled):
        reading.current()


def test_a_parameter_that_does_not_exist_is_a_missing_model() -> None:
    with Reading("ParameterNotFound") as reading, pytest.raises(TunedModelUnavailable, match=NAME):
        reading.current()


def test_a_pointer_that_points_nowhere_is_a_missing_model() -> None:
    with Reading('{"model": "arn:x"}') as reading, pytest.raises(TunedModelUnavailable, match="lacks custom_model"):
        reading.current()


def test_a_lacking_permission_is_never_covered_by_what_is_known() -> None:
    with Reading(TUNED.dump(), "AccessDeniedException") as reading:
        reading.current()
        reading.clock.now += 60
        with pytest.raises(AccessDenied):
            reading.current()
