"""`arbiter ask` sends what it is told, in the router's words."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.asking import question as asking
from cli.core.deployment import Deployment
from tests.unit.cli.fakes import StubbedDeployment


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The requests, each of which is answered with an error."""
    requests: list[dict[str, Any]] = []

    def ask(deployment: object, request: dict[str, Any]) -> asking.Reply:
        requests.append(request)
        return asking.Reply("rag", None, {"code": "not_sent", "message": "It was only looked at."})

    monkeypatch.setattr(Deployment, "find", lambda *_: StubbedDeployment())
    monkeypatch.setattr(asking, "ask", ask)
    return requests


def test_every_option_of_the_search_is_sent(sent: list[dict[str, Any]]) -> None:
    options = ["--search", "hybrid", "--rerank", "--minimum-score", "0.3", "--filter", '{"year": {">=": 2024}}']
    CliRunner().invoke(app, ["ask", "Why?", "--mode", "rag", *options])

    narrowed = {"search": "hybrid", "rerank": True, "minimum_score": 0.3, "filter": {"year": {">=": 2024}}}
    assert sent == [{"question": "Why?", "mode": "rag", "retrieval": narrowed}]


def test_what_is_not_given_is_left_to_the_deployment(sent: list[dict[str, Any]]) -> None:
    CliRunner().invoke(app, ["ask", "Why?"])

    assert sent == [{"question": "Why?", "mode": "auto"}]


def test_a_filter_that_is_no_json_is_refused_with_an_example(sent: list[dict[str, Any]]) -> None:
    ended = CliRunner().invoke(app, ["ask", "Why?", "--filter", "service=s3", "--json"])

    assert json.loads(ended.stdout)["error"]["code"] == "bad_filter"
    assert sent == []
