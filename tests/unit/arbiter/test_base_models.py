"""One table says what a training job of each base model accepts."""

from typing import Any

import pytest

from arbiter.base_models import (
    BASE_MODELS,
    facts_of,
    find,
    problems_of_hyperparameters,
    problems_of_teacher,
)
from arbiter.training_data.check import Rules

MICRO, LITE_2 = "amazon.nova-micro-v1:0:128k", "amazon.nova-2-lite-v1:0:256k"


def test_the_newest_lite_needs_more_samples_and_takes_no_validation_data() -> None:
    assert {model.customization_id: (model.minimum_samples, model.validates) for model in BASE_MODELS} == {
        MICRO: (8, True),
        "amazon.nova-lite-v1:0:300k": (8, True),
        "amazon.nova-pro-v1:0:300k": (8, True),
        LITE_2: (200, False),
    }


def test_the_rules_of_a_check_follow_the_base_model() -> None:
    assert Rules.of(MICRO, validation_percentage=10) == Rules(minimum=8, validation_percentage=10)
    assert Rules.of(LITE_2, validation_percentage=10) == Rules(minimum=200, validation_percentage=0)
    assert Rules.of(MICRO, minimum=50) == Rules(minimum=50)
    assert Rules.of("meta.llama3-3-70b-instruct-v1:0:128k") == Rules(minimum=8)


@pytest.mark.parametrize("base_model", [MICRO, LITE_2, "some.other-v1:0:8k"])
def test_what_bedrock_documents_is_accepted(base_model: str) -> None:
    for chosen in (
        {"epochCount": "1", "learningRate": "0.000001", "learningRateWarmupSteps": "0"},
        {"epochCount": "5", "learningRate": "0.0001", "learningRateWarmupSteps": "20"},
        {"epochCount": 3, "learningRate": 1e-5},
        {},
    ):
        assert problems_of_hyperparameters(base_model, chosen) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochCount", "0"),
        ("epochCount", "6"),
        ("epochCount", "2.5"),
        ("epochCount", "two"),
        ("epochCount", None),
        ("epochCount", True),
        ("epochCount", [2]),
        ("learningRate", "0.001"),
        ("learningRate", "0"),
        ("learningRate", "nan"),
        ("learningRate", "inf"),
        ("learningRateWarmupSteps", "21"),
        ("learningRateWarmupSteps", "-1"),
        ("learningRateWarmupSteps", 10**400),
    ],
)
def test_what_is_out_of_range_is_refused_with_the_range(name: str, value: Any) -> None:
    (problem,) = problems_of_hyperparameters(MICRO, {name: value})
    assert problem.startswith(f"{name}: ")
    assert "not allowed; write a" in problem


def test_all_problems_are_named_at_once() -> None:
    problems = problems_of_hyperparameters(MICRO, {"epochCount": "9", "batchSize": "1", "temperature": "1"})
    assert problems == [
        "epochCount: '9' is not allowed; write a whole number from 1 to 5",
        "batchSize is fixed and not sent; leave it out",
        f"temperature is not a hyperparameter of {MICRO}; allowed: epochCount, learningRate, learningRateWarmupSteps",
    ]


@pytest.mark.parametrize("teacher", ["amazon.nova-pro-v1:0", "us.amazon.nova-pro-v1:0"])
def test_a_documented_teacher_is_accepted(teacher: str) -> None:
    assert problems_of_teacher(MICRO, teacher) == []
    assert problems_of_teacher("some.other-v1:0:8k", teacher) == []


@pytest.mark.parametrize(
    ("base_model", "teacher", "problem"),
    [
        (MICRO, None, "a distillation needs a teacher model; allowed: amazon.nova-pro-v1:0"),
        ("some.other-v1:0:8k", None, "a distillation needs a teacher model; allowed: amazon.nova-pro-v1:0"),
        ("amazon.nova-pro-v1:0:300k", None, "has no teacher on Bedrock; students are"),
        (MICRO, "amazon.nova-lite-v1:0", "does not teach amazon.nova-micro-v1:0:128k; allowed: amazon.nova-pro-v1:0"),
        ("amazon.nova-pro-v1:0:300k", "amazon.nova-pro-v1:0", "has no teacher on Bedrock; students are"),
    ],
)
def test_an_impossible_distillation_is_refused(base_model: str, teacher: str | None, problem: str) -> None:
    assert problem in problems_of_teacher(base_model, teacher)[0]


def test_an_unknown_model_is_taken_with_the_limits_common_to_all() -> None:
    assert find("some.other-v1:0:8k") is None
    assert (facts_of("some.other-v1:0:8k").minimum_samples, facts_of("some.other-v1:0:8k").maximum_samples) == (
        8,
        20_000,
    )
