"""`arbiter feedback` notes a verdict, and turns verdicts into questions and training candidates."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.response import StreamingBody

from arbiter.feedback import Feedback, body_of, key_of
from cli.asking import conversation
from cli.feedback import command
from tests.unit.cli.core.invoked import answer, run
from tests.unit.cli.fakes import StubbedDeployment

ASKED = [("a", "How early?", "84 days."), ("b", "How late?", "Never."), ("c", "How heavy?", "3 kg.")]
RATED = [("a", "good", None), ("b", "bad", "At nine."), ("c", "bad", None)]


def log(deployment: StubbedDeployment, records: list[dict[str, Any]]) -> None:
    deployment.stub("s3").add_response("list_objects_v2", {"IsTruncated": False})
    shown(deployment, records)
    shown(deployment, [])
    shown(deployment, [])


def shown(deployment: StubbedDeployment, records: list[dict[str, Any]]) -> None:
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


def test_what_a_setting_kept_beside_the_log_is_exported_with_the_last_rating(
    deployment: StubbedDeployment, tmp_path: Path
) -> None:
    kept = Feedback("a", "bad", "At nine.", "How late?", "Never.")
    stored = {"Key": key_of("a"), "Size": 1, "ETag": "e", "LastModified": datetime.now(UTC)}
    old = {**stored, "Key": "feedback/old.json", "LastModified": datetime(2020, 1, 1, tzinfo=UTC)}
    deployment.stub("s3").add_response("list_objects_v2", {"IsTruncated": False, "Contents": [old, stored]})
    body = StreamingBody(io.BytesIO(body_of(kept)), len(body_of(kept)))
    deployment.stub("s3").add_response("get_object", {"Body": body}, {"Bucket": "results", "Key": key_of("a")})
    shown(deployment, [])
    shown(deployment, [])
    shown(deployment, [{"message": "feedback", "request_id": "a", "rating": "good"}])
    run("feedback", "--candidates", str(tmp_path / "p.jsonl"))

    assert json.loads((tmp_path / "p.jsonl").read_text()) == {"question": "How late?", "answer": "Never."}


def test_an_answer_of_the_last_conversation_is_rated_with_its_question(
    deployment: StubbedDeployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(conversation, "repository", lambda: tmp_path)

    def rate(_: object, given: dict[str, Any]) -> dict[str, Any]:
        sent.append(given)
        return {"feedback": {**given, "text_kept": None}}

    monkeypatch.setattr(command, "rate", rate)
    talk = conversation.Conversation("dev")
    talk.keep([], "How early?", "84 days.", "a")
    talk.keep(talk.turns(), "How late?", "Never.", "b")
    for request_id in ("a", "unknown"):
        run("feedback", request_id, "good")
    talk.keep([], "How heavy?", "3 kg.", "c")
    run("feedback", "a", "good")

    rated = {"request_id": "a", "rating": "good"}
    assert sent == [rated | {"question": "How early?", "answer": "84 days."}, rated | {"request_id": "unknown"}, rated]


def test_what_was_answered_twice_becomes_questions_that_name_both_modes(
    deployment: StubbedDeployment, tmp_path: Path
) -> None:
    shown(deployment, [])
    shown(deployment, [])
    shown(deployment, [{"message": "answered", "request_id": "a", "question": "How early?", "Mode": "base"}])
    shown(
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
