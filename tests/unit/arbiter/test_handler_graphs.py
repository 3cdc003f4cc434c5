"""Each function builds its object graph from exactly the environment that its stack gives it."""

import importlib
from typing import Any

import pytest

from arbiter.settings import (
    FunctionSettings,
    PrepareTrainingSettings,
    PublishSettings,
    SettingsError,
    SummariseSettings,
    SyncSettings,
)

GRAPHS: dict[str, tuple[str, FunctionSettings]] = {
    "sync": (
        "_worker",
        SyncSettings(environment="dev", knowledge_base_id="K", data_source_id="D", queue_url="https://q"),
    ),
    "prepare_training": (
        "_preparation",
        PrepareTrainingSettings(training_bucket="t", base_model="amazon.nova-micro-v1:0:128k"),
    ),
    "publish": (
        "_publisher",
        PublishSettings(candidate_parameter="c", in_service_parameter="s", previous_parameter="p"),
    ),
    "summarise": ("_summariser", SummariseSettings(results_bucket="r")),
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
