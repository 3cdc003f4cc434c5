"""The data behind the console's page, as a deployment has them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from arbiter.answering.request import Features, parse_request
from arbiter.tuned_models.training.record import Metrics, Point
from cli.asking.question import Reply
from cli.console import backend as backends
from cli.console.backend import MOST_POINTS, DeployedBackend
from cli.core.errors import CliError
from cli.training.records import RunsResult
from tests.unit.arbiter.tuned_models.stores import running
from tests.unit.cli.core.invoked import INVALID, RESPONSE, answer
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment

NOW = datetime(2026, 11, 28, 14, tzinfo=UTC)


def test_documents_that_are_not_indexed_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = StubbedDeployment()
    source: dict[str, Any] = {
        "knowledgeBaseId": OUTPUTS["KnowledgeBaseId"],
        "dataSourceId": OUTPUTS["DataSourceId"],
    }
    states = {"a.md": "INDEXED", "b.md": "FAILED", "c.md": "INDEXED"}
    details = [
        {**source, "status": state, "identifier": {"dataSourceType": "S3", "s3": {"uri": f"s3://documents/{name}"}}}
        for name, state in states.items()
    ]
    job = {**source, "ingestionJobId": "0000000001", "status": "COMPLETE", "startedAt": NOW, "updatedAt": NOW}
    stub = deployment.stub("bedrock-agent")
    stub.add_response("list_knowledge_base_documents", {"documentDetails": details})
    stub.add_response("list_ingestion_jobs", {"ingestionJobSummaries": [job]})
    found = DeployedBackend(deployment).documents()
    assert [one["uri"][-4:] for one in found["documents"]] == ["b.md", "a.md", "c.md"]
    assert (found["count"], found["indexed"], found["job"]["status"]) == (3, 2, "COMPLETE")


def test_a_training_has_its_losses_thinned_with_the_last_one_or_the_reason_for_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    losses = tuple(Point(step=step, epoch=1, loss=1 / step) for step in range(1, 1001))
    records = (running("a", metrics=Metrics(training=losses)), running("b"))
    listed = RunsResult(environment="dev", runs=records, standing={"a": "in service", "b": "running"})
    monkeypatch.setattr(backends, "list_trainings", lambda deployment: listed)
    drawn, bare = DeployedBackend(StubbedDeployment()).trainings()["runs"]
    curve = drawn["losses"]["training"]
    assert len(curve) <= MOST_POINTS + 1
    assert (curve[0], curve[-1]) == ((1, 1.0), (1000, 0.001))
    assert (drawn["no_losses"], bare["no_losses"]) == (None, "it is running, and Bedrock writes them when it ends.")


def test_an_error_of_the_router_is_an_answer_and_of_a_verdict_a_failure() -> None:
    deployment = StubbedDeployment()
    backend = DeployedBackend(deployment)
    for payload in (RESPONSE, INVALID, INVALID):
        answer(deployment, payload)
    assert backend.ask({"question": "a", "mode": "rag"}) == {"mode": "rag", "response": RESPONSE, "error": None}
    assert backend.ask({"question": "a"})["error"]["code"] == "invalid_request"
    with pytest.raises(CliError, match="The request is not valid"):
        backend.rate({"request_id": "r", "rating": "fine"})


def test_a_conversation_goes_on_whatever_was_answered_and_for_however_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A blank answer, one that is too long, or the 101st would otherwise be refused in every question that follows."""
    asked: list[Any] = []
    monkeypatch.setattr(backends.asking, "ask", lambda deployment, request: asked.append(request) or Reply("rag"))
    answers = ["", "a\0\ud800", "x" * 30_000, *["yes"] * 130]
    turns = [{"role": role, "text": text} for one in answers for role, text in (("user", "And?"), ("assistant", one))]
    backend = DeployedBackend(StubbedDeployment())
    for history in (turns[:6], turns, "none", [5]):
        backend.ask({"question": "a", "history": history})
    few, many, odd, other = (request["history"] for request in asked)

    for history in (few, many):
        parse_request({"question": "a", "history": history}, Features())
    assert [turn["text"][:3] for turn in few] == ["And", "-", "And", "a?", "And", "xxx"]
    assert (len(many), odd, other) == (200, "none", [5])


def test_a_decision_record_is_made_of_the_answers_that_were_named_and_of_no_other_file(tmp_path: Path) -> None:
    file = tmp_path / "our-desk.yaml"
    file.write_text("requirements: [facts]\ncorpus: large\n")
    backend = DeployedBackend(StubbedDeployment(), [file])
    assert "Our desk" in backend.page("advice", "0")
    for kind, name in (("advice", "/etc/passwd"), ("advice", "99"), ("file", "0")):
        with pytest.raises(CliError, match="There is no such page"):
            backend.page(kind, name)
