"""A model that cannot be called is found out with one token, before anything is paid for."""

import threading

import pytest

from arbiter.answering.access import access_through
from arbiter.answering.writer import Completion, Generation
from arbiter.costs.tokens import Usage
from arbiter.errors import (
    AccessDenied,
    ArbiterError,
    BadModelOutput,
    DailyQuota,
    DeadlineExceeded,
    InvalidRequest,
    ModelError,
    ModelNotFound,
    ModelNotOpen,
    Problem,
    Throttled,
)


class Models:
    """Models that answer, but for those that fail."""

    def __init__(self, **failures: ArbiterError) -> None:
        self.failures = failures
        self.asked: list[Generation] = []
        self.together = threading.Barrier(3, timeout=10)

    def generate(self, generation: Generation, timeout: float) -> Completion:
        self.asked.append(generation)
        if failure := self.failures.get(generation.model):
            raise failure
        return Completion("Hello", "max_tokens", Usage(1, 1, 0))


@pytest.mark.parametrize(
    "failure",
    [
        AccessDenied("the form is missing"),
        ModelNotFound("there is no such model"),
        ModelNotOpen("its terms are not accepted"),
        DailyQuota("nothing is left before tomorrow, 00:00 UTC"),
        InvalidRequest([Problem("request", "on-demand throughput isn't supported", "a profile")]),
    ],
)
def test_a_lasting_refusal_is_told_in_its_own_words(failure: ArbiterError) -> None:
    models = Models(b=failure)
    assert access_through(models)(["a", "b", "c"]) == [str(failure)]


@pytest.mark.parametrize(
    "failure", [Throttled("busy"), BadModelOutput("no text"), DeadlineExceeded("late"), ModelError("it broke")]
)
def test_what_may_pass_by_itself_is_no_refusal(failure: ArbiterError) -> None:
    assert access_through(Models(a=failure))(["a"]) == []


def test_each_model_is_asked_once_for_one_token() -> None:
    models = Models()
    assert access_through(models)(["a", "b", "a"]) == []
    assert sorted(call.model for call in models.asked) == ["a", "b"]
    assert {call.max_output_tokens for call in models.asked} == {1}


def test_models_are_asked_at_the_same_time() -> None:
    class Waiting(Models):
        def generate(self, generation: Generation, timeout: float) -> Completion:
            self.together.wait()
            return super().generate(generation, timeout)

    assert access_through(Waiting())(["a", "b", "c"]) == []


def test_no_model_is_nothing_to_ask() -> None:
    assert access_through(Models())([]) == []
