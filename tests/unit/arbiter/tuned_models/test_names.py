"""Names are what Bedrock accepts; the same data and settings have the same, and nothing else has."""

import re

import pytest

from arbiter.tuned_models.training.names import JobNames, content_digest, slots, throughput_name

SETTINGS = {
    "environment": "dev",
    "training": "t",
    "validation": None,
    "base_model": "b",
    "customization_type": "FINE_TUNING",
    "teacher_model": None,
    "hyperparameters": {"epochCount": "2", "learningRate": "0.00001"},
}
OTHERS = {
    "environment": "prod",
    "training": "u",
    "validation": "v",
    "base_model": "c",
    "customization_type": "DISTILLATION",
    "teacher_model": "p",
    "hyperparameters": {"epochCount": "3", "learningRate": "0.00001"},
}


def digest(**changes: object) -> str:
    return content_digest(**{**SETTINGS, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("run", ["a", "20261121-053000-3fa2", "a" * 40])
@pytest.mark.parametrize("forced", [False, True])
def test_bedrock_accepts_every_name(run: str, forced: bool) -> None:
    names = JobNames.of(run, digest(), attempt="arn:execution:1 2026-11-21", forced=forced)
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9+\-.])*", names.job_name)
    assert re.fullmatch(r"[a-zA-Z0-9]([-a-zA-Z0-9]{0,254}[a-zA-Z0-9])?", names.client_token)
    for name in (names.custom_model_name, throughput_name("a" * 24, run), *slots("a" * 24)):
        assert re.fullmatch(r"([0-9a-zA-Z][_-]?){1,63}", name)
        assert len(name) <= 63
    assert len(names.job_name) <= 63


@pytest.mark.parametrize("setting", OTHERS)
def test_whatever_decides_a_model_changes_its_name(setting: str) -> None:
    assert digest(**{setting: OTHERS[setting]}) != digest()


def test_the_order_of_hyperparameters_does_not_change_the_name() -> None:
    assert digest(hyperparameters={"learningRate": "0.00001", "epochCount": "2"}) == digest()


def named(run: str = "a", attempt: str = "1", *, forced: bool = False, **changes: object) -> JobNames:
    return JobNames.of(run, digest(**changes), attempt=attempt, forced=forced)


def test_a_model_is_named_after_what_it_learned_and_when_forced_after_its_run_too() -> None:
    assert named().custom_model_name == named("b", "2").custom_model_name
    assert named().custom_model_name != named(training="u").custom_model_name
    forced = {named(run, forced=True).custom_model_name for run in ("a", "b")} | {named().custom_model_name}
    assert len(forced) == 3


def test_no_two_attempts_share_a_job_and_a_repetition_of_one_makes_no_second() -> None:
    others = [named(), named("b"), named(attempt="2"), named(training="u"), named("b", "2")]
    assert len({one.job_name for one in others}) == len({one.client_token for one in others}) == len(others)
    assert named("b", "2") == named("b", "2")


def test_throughput_of_long_runs_is_told_apart() -> None:
    assert throughput_name("dev", "a" * 40) != throughput_name("dev", "a" * 39)
    assert throughput_name("dev", "a") != throughput_name("prod", "a")
