"""`arbiter feedback` notes a verdict, and turns verdicts into questions and training candidates."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.core.invoked import answer, run
from tests.unit.cli.fakes import StubbedDeployment

ASKED = [("a", "How early?", "84 days."), ("b", "How late?", "Never."), ("c", "How heavy?", "3 kg.")]
RATED = [("a", "good", None), ("b", "bad", "At nine."), ("c", "bad", None)]


def log(deployment: StubbedDeployment, records: list[dict[str, Any]]) -> None:
    events = [{"message": json.dumps(record)} for record in records]
    deployment.stub("logs").add_response("filter_log_events", {"events": [{"message": "START"}, *events]})


def kept() -> list[dict[str, Any]]:
    answers = [{"message": "answered", "request_id": i, "question": q, "answer": a} for i, q, a in ASKED]
    ratings = [{"message": "feedback", "request_id": i, "rating": r, **({"text": t} if t else {})} for i, r, t in RATED]
    return [*answers, *ratings]


@pytest.mark.parametrize(
    ("text_kept", "sentence"),
    [(None, "Noted: a is good."), (True, "Its text is kept."), (False, "router.log_text is false")],
)
def test_a_verdict_is_noted(deployment: StubbedDeployment, text_kept: bool | None, sentence: str) -> None:
    answer(deployment, {"feedback": {"request_id": "a", "rating": "good", "text_kept": text_kept}})
    result = run("feedback", "a", "good", *(["--text", "Fine."] if text_kept is not None else []))

    assert result.exit_code == 0
    assert sentence in result.stdout


def test_what_was_rated_becomes_questions_and_candidates(deployment: StubbedDeployment, tmp_path: Path) -> None:
    log(deployment, kept())
    questions, pairs = tmp_path / "q.jsonl", tmp_path / "p.jsonl"
    result = run("feedback", "--questions", str(questions), "--candidates", str(pairs))

    assert "3 rated answers: 3 questions and 2 candidates written." in result.stdout
    assert [json.loads(line) for line in questions.read_text().splitlines()] == [
        {"question": "How early?", "tags": ["feedback", "good"]},
        {"question": "How late?", "reference": "At nine.", "tags": ["feedback", "bad"]},
        {"question": "How heavy?", "tags": ["feedback", "bad"]},
    ]
    assert [json.loads(line) for line in pairs.read_text().splitlines()] == [
        {"question": "How early?", "answer": "84 days."},
        {"question": "How late?", "answer": "At nine."},
    ]


def test_what_was_answered_twice_becomes_questions_that_name_both_modes(
    deployment: StubbedDeployment, tmp_path: Path
) -> None:
    log(deployment, [{"message": "answered", "request_id": "a", "question": "How early?", "Mode": "base"}])
    log(
        deployment,
        [
            {"message": "shadowed", "request_id": "a", "question": "How early?", "mode": "rag"},
            {"message": "shadowed", "request_id": "unknown", "question": "How late?", "mode": "rag"},
        ],
    )
    result = run("feedback", "--shadowed", str(tmp_path / "twice.jsonl"))

    assert "1 questions answered twice written." in result.stdout
    case = json.loads((tmp_path / "twice.jsonl").read_text())
    assert case == {"question": "How early?", "tags": ["shadow", "base", "rag"]}


def test_without_kept_texts_the_setting_is_named(deployment: StubbedDeployment, tmp_path: Path) -> None:
    log(deployment, [{"message": "feedback", "request_id": "a", "rating": "good"}])
    result = run("feedback", "--questions", str(tmp_path / "q.jsonl"))

    assert result.exit_code == 1
    assert "router.log_text is true" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["a"], ["a", "good", "--questions", "q.jsonl"]])
def test_half_an_order_is_refused(deployment: StubbedDeployment, arguments: list[str]) -> None:
    assert "Name a request and good or bad, or files to write." in run("feedback", *arguments).stderr
