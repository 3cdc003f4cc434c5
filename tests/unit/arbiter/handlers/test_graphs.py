"""Each function builds its object graph from exactly the environment that its stack gives it."""

import importlib
from typing import Any

import pytest

from arbiter.settings import FunctionSettings, SettingsError
from arbiter.settings.answering import ProfileSettings, SyncSettings
from arbiter.settings.evaluating import (
    AnswerCaseSettings,
    CalibrateSettings,
    JudgeCaseSettings,
    PlanEvaluationSettings,
    SummariseSettings,
)
from arbiter.settings.tuning import (
    ConcludeTrainingSettings,
    ExpireHostingSettings,
    GateSettings,
    PlaceModelSettings,
    PrepareTrainingSettings,
    PublishSettings,
    RetireModelSettings,
)

GRAPHS: dict[str, tuple[str, FunctionSettings]] = {
    "sync": (
        "_worker",
        SyncSettings(environment="dev", knowledge_base_id="K", data_source_id="D", queue_url="https://q"),
    ),
    "calibrate": ("_calibrator", CalibrateSettings(results_bucket="r", knowledge_base_id="K")),
    "make_profile": (
        "_profiling",
        ProfileSettings(knowledge_base_id="K", documents_bucket="d", results_bucket="r"),
    ),
    "prepare_training": (
        "_preparation",
        PrepareTrainingSettings(
            environment="dev",
            training_bucket="t",
            results_bucket="r",
            base_model="amazon.nova-micro-v1:0:128k",
            hyperparameters={"epochCount": "2"},
            max_training_tokens=1000,
            max_training_cost_usd=5.5,
        ),
    ),
    "place_model": (
        "_placer",
        PlaceModelSettings(
            environment="dev",
            results_bucket="r",
            candidate_parameter="c",
            in_service_parameter="s",
            gate_mode="combined",
            usd_per_hour=60.5,
        ),
    ),
    "conclude_training": (
        "_concluder",
        ConcludeTrainingSettings(
            training_bucket="t",
            results_bucket="r",
            candidate_parameter="c",
            in_service_parameter="s",
            base_model="b",
            customization_type="FINE_TUNING",
        ),
    ),
    "publish": (
        "_publisher",
        PublishSettings(candidate_parameter="c", in_service_parameter="s", results_bucket="r"),
    ),
    "retire_model": (
        "_retirer",
        RetireModelSettings(environment="dev", candidate_parameter="c", in_service_parameter="s", results_bucket="r"),
    ),
    "expire_hosting": ("_expirer", ExpireHostingSettings(environment="dev", in_service_parameter="s")),
    "plan_evaluation": (
        "_planner",
        PlanEvaluationSettings(
            environment="dev",
            results_bucket="r",
            training_bucket="t",
            candidate_parameter="c",
            in_service_parameter="s",
            base_model="b",
            knowledge_base_id="K",
            models={"answering": [], "judges": []},
            prices_as_of="2026-11-21",
            limits={},
        ),
    ),
    "answer_case": (
        "_answering",
        AnswerCaseSettings(
            environment="dev",
            base_model="b",
            knowledge_base_id="K",
            tuned_model_parameter="s",
            results_bucket="r",
            answer_seconds=28.0,
        ),
    ),
    "judge_case": ("_judging", JudgeCaseSettings(results_bucket="r")),
    "summarise": ("_summariser", SummariseSettings(environment="dev", results_bucket="r")),
    "gate": (
        "_gate",
        GateSettings(
            results_bucket="r",
            margin=0.0,
            minimum_cases=30,
            max_latency_ratio=1.5,
            max_cost_ratio=1.5,
            max_failure_rate=0.02,
        ),
    ),
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return monkeypatch


def build(name: str) -> Any:
    module = importlib.import_module(f"arbiter.handlers.{name}")
    cached = getattr(module, GRAPHS[name][0])
    cached.cache_clear()
    return cached


@pytest.mark.parametrize("name", GRAPHS)
def test_the_graph_is_built_once_from_the_settings(name: str, environment: pytest.MonkeyPatch) -> None:
    for variable, value in GRAPHS[name][1].to_environment().items():
        environment.setenv(variable, value)
    cached = build(name)
    assert cached() is cached()
    cached.cache_clear()


@pytest.mark.parametrize("name", GRAPHS)
def test_a_missing_setting_is_named(name: str, environment: pytest.MonkeyPatch) -> None:
    variables = list(GRAPHS[name][1].to_environment())
    for variable in variables:
        environment.delenv(variable, raising=False)
    with pytest.raises(SettingsError, match=variables[0]):
        build(name)()
