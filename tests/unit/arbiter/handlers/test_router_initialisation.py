"""The router is ready before its first call where Lambda runs it, and only there."""

import importlib
import json
from collections.abc import Iterator
from typing import Any

import botocore
import pytest

import arbiter.handlers
from arbiter.handlers import router
from arbiter.settings.answering import RouterSettings

SETTINGS = RouterSettings(environment="dev", base_model="b", knowledge_base_id="K", tuned_model_parameter="s")


@pytest.fixture
def initialise(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Import the module anew, as a process that has just begun does."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    yield lambda: importlib.reload(router)._router.cache_info().currsize
    monkeypatch.undo()
    importlib.reload(router)


def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in SETTINGS.to_environment().items():
        monkeypatch.setenv(variable, value)


def test_lambda_finds_the_graph_built(initialise: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(monkeypatch)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "router")
    assert initialise() == 1


def test_elsewhere_importing_builds_nothing(initialise: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(monkeypatch)
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    assert initialise() == 0


def test_settings_that_are_missing_are_told_by_the_call(
    initialise: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in SETTINGS.to_environment():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "router")
    assert initialise() == 0
    answer = router.handler({"question": "How?"}, None)
    assert answer["error"]["code"] == "internal"
    assert "ARBITER_" in capsys.readouterr().out


@pytest.mark.parametrize(("function", "lines"), [("router", 1), (None, 0)])
def test_a_cold_start_logs_the_botocore_of_the_runtime(
    function: str | None, lines: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    if function:
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", function)
    importlib.reload(arbiter.handlers)
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["botocore"] for line in logged] == [botocore.__version__] * lines
