"""A run's arms are every combination of what is named, each under a name that says what sets it apart."""

from typing import Any

import pytest

from arbiter.answering.request import Features
from arbiter.evaluation.run.given_arms import read_arms
from arbiter.evaluation.run.grid import default_arms
from arbiter.modes import Mode

MICRO, LITE = MODELS = ["amazon.nova-micro-v1:0", "amazon.nova-lite-v1:0"]
TUNED = {"small-1": MICRO, "large-1": LITE}


def names(*arguments: Any, **options: Any) -> list[str]:
    """The names of the arms, which the planner accepts."""
    read = read_arms(
        default_arms(*arguments, **options), models=MODELS, features=Features(hybrid_search=True, rerank=True)
    )
    assert read.problems == ()
    return [arm.name for arm in read.arms]


def test_the_default_is_every_mode_under_its_own_name() -> None:
    read = read_arms(default_arms(), models=MODELS, features=Features())
    assert [(arm.name, arm.mode) for arm in read.arms] == [(mode.value, mode) for mode in Mode]


def test_two_models_make_two_arms_of_each_mode_that_the_tuned_model_does_not_answer() -> None:
    assert names(models=MODELS) == [
        "base.nova-micro", "base.nova-lite", "rag.nova-micro", "rag.nova-lite", "fine_tuned", "combined"
    ]  # fmt: skip


def test_two_tuned_models_stand_beside_their_bases_in_eight_arms() -> None:
    made = {arm["name"]: arm for arm in default_arms(tuned=TUNED)}
    assert list(made) == [
        "base.nova-micro", "base.nova-lite", "rag.nova-micro", "rag.nova-lite",
        "fine_tuned.small-1", "fine_tuned.large-1", "combined.small-1", "combined.large-1",
    ]  # fmt: skip
    assert made["base.nova-lite"]["model"] == LITE
    assert made["combined.large-1"] == {"name": "combined.large-1", "mode": "combined", "tuned": "large-1"}


def test_one_tuned_model_leaves_its_base_the_name_of_the_mode() -> None:
    assert names(("base", "fine_tuned"), tuned={"small-1": MICRO}) == ["base", "fine_tuned.small-1"]


def test_two_runs_of_one_base_share_it() -> None:
    assert names(("base", "fine_tuned"), tuned={"a": MICRO, "b": MICRO}) == ["base", "fine_tuned.a", "fine_tuned.b"]


def test_prompting_and_retrieval_are_arms_where_they_apply() -> None:
    assert names(("base", "rag"), prompting=("zero_shot", "few_shot"), retrieval=({}, {"results": 10})) == [
        "base", "base.few_shot", "rag", "rag.results-10", "rag.few_shot", "rag.few_shot.results-10"
    ]  # fmt: skip


def test_another_knowledge_base_is_an_arm_of_the_modes_that_retrieve() -> None:
    made = default_arms(("base", "rag"), retrieval=({}, {"results": 9}), knowledge_bases=("default", "aws"))
    assert [(arm["name"], arm.get("knowledge_base")) for arm in made] == [
        ("base", None), ("rag", None), ("rag.results-9", None), ("rag.aws", "aws"), ("rag.aws.results-9", "aws"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"results": 3, "rerank": True}, "rag.results-3-rerank"),
        ({"search": "semantic", "strategy": "multi_step"}, "rag.semantic-multi_step"),
        ({"rerank": False}, "rag.no-rerank"),
    ],
)
def test_options_of_a_retrieval_are_told_by_the_name(options: dict[str, Any], name: str) -> None:
    (arm,) = default_arms(("rag",), retrieval=(options,))
    assert (arm["name"], arm["retrieval"]) == (name, options)


def test_long_names_of_runs_are_shortened_as_long_as_they_stay_apart() -> None:
    long = "a-name-of-a-training-run-that-is-long"
    assert names(("combined",), tuned={long: MICRO}) == ["combined.a-name-of-a-training-run"]
    both = {long: MICRO, f"{long}-2": MICRO}
    assert names(("combined",), tuned=both) == [f"combined.{run}" for run in both]
