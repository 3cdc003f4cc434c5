"""`arbiter ask` sends what it is told, in the router's words."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from arbiter.answering.asked.history import LONGEST_HISTORY, MOST_TURNS
from cli.app import app
from cli.asking import conversation
from cli.asking import question as asking
from cli.core.deployment import Deployment
from tests.unit.cli.core.invoked import RESPONSE
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


@pytest.mark.parametrize(
    ("text", "flaw"), [("service=s3", "is no JSON"), ("[1]", "is an array"), ("{}", "is an object")]
)
def test_a_filter_that_is_none_is_refused_with_an_example(sent: list[dict[str, Any]], text: str, flaw: str) -> None:
    ended = CliRunner().invoke(app, ["ask", "Why?", "--filter", text, "--json"])

    error = json.loads(ended.stdout)["error"]
    assert error["code"] == "bad_filter"
    assert f"--filter {flaw}" in error["message"]
    assert """'{"service": "s3", "year": {">=": 2024}}'""" in error["message"]
    assert sent == []


def test_options_of_which_one_would_be_ignored_are_refused_at_once(sent: list[dict[str, Any]], tmp_path: Path) -> None:
    (schema := tmp_path / "schema.json").write_text("{}")
    both = ["--mode", "rag", "--all-modes", "--schema", str(schema), "--format-json"]
    ended = CliRunner().invoke(app, ["ask", "Why?", *both, "--json"])

    told = "--mode and --all-modes; --schema and --format-json exclude each other: leave one out."
    assert json.loads(ended.stdout)["error"]["message"] == told
    assert sent == []


def test_prompting_and_the_form_of_the_answer_are_sent(sent: list[dict[str, Any]], tmp_path: Path) -> None:
    file = tmp_path / "price.json"
    file.write_text('{"type": "object"}')
    CliRunner().invoke(app, ["ask", "Why?", "--prompting", "house", "--schema", str(file), "--rewrite"])
    CliRunner().invoke(app, ["ask", "Why?", "--format-json"])

    assert sent[0]["prompting"] == "house"
    assert sent[0]["format"] == {"type": "json", "schema": {"type": "object"}}
    assert sent[0]["retrieval"] == {"rewrite": True}
    assert sent[1]["format"] == {"type": "json"}


@pytest.mark.parametrize("content", [None, "{", '"caf'])
def test_a_schema_that_cannot_be_read_is_refused(
    content: str | None, sent: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "schema.json"
    if content:
        file.write_text(content)
    ended = CliRunner().invoke(app, ["ask", "Why?", "--schema", str(file), "--json"])

    assert (json.loads(ended.stdout)["error"]["code"], sent) == ("bad_schema", [])


def test_a_question_continues_from_the_last_one_until_another_is_asked_alone(
    sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(conversation, "repository", lambda: tmp_path)
    refused = CliRunner().invoke(app, ["ask", "And?", "--continue", "--json"])
    assert (json.loads(refused.stdout)["error"]["code"], sent) == ("no_conversation", [])

    def answered(deployment: object, request: dict[str, Any]) -> asking.Reply:
        sent.append(request)
        return asking.Reply("rag", {**RESPONSE, "answer": f"Answer {len(sent)}."})

    monkeypatch.setattr(asking, "ask", answered)
    for arguments in (["One?"], ["Two?", "--continue"], ["Three?", "-c"], ["Four?"], ["Five?", "-c"]):
        CliRunner().invoke(app, ["ask", *arguments])

    texts = [[turn["text"] for turn in request.get("history", [])] for request in sent]
    assert texts == [
        [], ["One?", "Answer 1."], ["One?", "Answer 1.", "Two?", "Answer 2."], [], ["Four?", "Answer 4."],
    ]  # fmt: skip
    (kept,) = (tmp_path / ".arbiter" / "conversations").iterdir()
    assert kept.stat().st_mode & 0o077 == 0, "what was asked is its owner's alone"


def test_a_long_conversation_goes_on_without_its_oldest_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "repository", lambda: tmp_path)
    kept = conversation.Conversation("dev")
    for number in range(30):
        kept.keep(kept.turns() if number else [], f"Question {number}?", "A" * 3_000, f"request-{number}")

    turns = kept.turns()
    assert (turns[0]["role"], turns[-2]["text"]) == ("user", "Question 29?")
    assert sum(len(turn["text"]) for turn in turns) <= LONGEST_HISTORY
    assert len(turns) <= MOST_TURNS
