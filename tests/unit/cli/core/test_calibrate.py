"""`arbiter calibrate` says what it publishes, or how many questions that would take."""

import json
from typing import Any

import pytest

from tests.unit.cli.core.invoked import answer, run
from tests.unit.cli.fakes import StubbedDeployment

TOLD: dict[str, Any] = {
    "run": "r",
    "prefer": "quality",
    "published": True,
    "questions": 140,
    "documents": 30,
    "thresholds": {"grounded": 0.41, "specialised": 0.62},
    "p": 0.012,
    "wins": True,
    "against": [{"mode": "rag", "difference": 0.51, "p": 0.012, "questions": 90}],
    "questions_needed": 90,
}


def test_published_thresholds_are_told_with_what_they_beat(deployment: StubbedDeployment) -> None:
    answer(deployment, TOLD)
    result = run("calibrate", "r")

    assert result.exit_code == 0
    assert "Published for quality: documents from 0.41, the tuned model from 0.62" in result.stdout
    assert "+0.51" in result.stdout


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"wins": False, "published": False, "p": 0.21, "questions_needed": 900}, "It would take about 900 questions."),
        ({"wins": False, "published": False, "questions_needed": None}, "it cannot be said how many would show a lead"),
        ({"thresholds": None, "published": False, "questions": 60}, "Nothing is fitted on fewer than 100 questions"),
    ],
)
def test_what_is_not_published_exits_with_1_and_says_why(
    deployment: StubbedDeployment, changes: dict[str, Any], sentence: str
) -> None:
    answer(deployment, {**TOLD, **changes})
    result = run("calibrate", "r")

    assert result.exit_code == 1
    assert sentence in result.stdout


def test_a_trial_says_what_would_be_published(deployment: StubbedDeployment) -> None:
    sent: dict[str, Any] = {}
    answer(deployment, {**TOLD, "published": False})
    deployment.client("lambda").meta.events.register(
        "provide-client-params.lambda.Invoke", lambda params, **_: sent.update(json.loads(params["Payload"]))
    )
    result = run("calibrate", "r", "--prefer", "cost", "--dry-run")

    assert (result.exit_code, sent) == (0, {"run": "r", "prefer": "cost", "publish": False})
    assert "Would be published" in result.stdout


@pytest.mark.parametrize(
    ("in_force", "sentence"),
    [({}, "The shipped thresholds are in force."), ({"cost": {"run": "a"}}, "In force: cost: those of run a.")],
)
def test_a_rollback_says_what_is_in_force(
    deployment: StubbedDeployment, in_force: dict[str, Any], sentence: str
) -> None:
    for command in ("calibrate", "route"):
        answer(deployment, {"in_force": in_force})
        assert sentence in run(command, "--rollback").stdout


def test_a_refusal_and_a_wrong_use_are_sentences(deployment: StubbedDeployment) -> None:
    for _ in range(2):
        answer(deployment, {"refused": "There is no run gone.", "code": "no_run"})
    refused, nothing = run("calibrate", "gone"), run("calibrate")
    told = run("calibrate", "gone", "--json")

    assert (refused.exit_code, nothing.exit_code) == (1, 1)
    assert "There is no run gone." in refused.stderr
    assert "has no good name" in run("calibrate", "NOPE").stderr
    assert json.loads(told.stdout)["error"]["code"] == "no_run", "as report has it"
    assert "Name an evaluation run, or give --rollback alone." in nothing.stderr
