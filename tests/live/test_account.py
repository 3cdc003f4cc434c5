"""The assumptions of docs/assumptions.md, put to a real account: `ARBITER_LIVE_ENV=dev pytest tests/live`.

It needs a deployment of that environment, sends the examples into it and costs some cents; with
`ARBITER_LIVE_TRAIN=1` it also trains and hosts a model, which costs more and leaves a custom model behind.
"""

import json
import os
from pathlib import Path

import pytest

from cli.ask import ask
from cli.deployment import Deployment
from cli.evaluate import evaluate
from cli.sync import SyncResult, sync
from cli.train import train

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        "ARBITER_LIVE_ENV" not in os.environ,
        reason="set ARBITER_LIVE_ENV to a deployed environment; it costs money there",
    ),
]


@pytest.fixture(scope="module")
def deployment(root: Path) -> Deployment:
    """The deployment in the account of the AWS credentials."""
    return Deployment.find(os.environ["ARBITER_LIVE_ENV"], root)


@pytest.fixture(scope="module")
def synced(deployment: Deployment, root: Path) -> SyncResult:
    return sync(deployment, root / "examples" / "documents")


def test_an_upload_is_ingested_by_itself_and_whole(synced: SyncResult) -> None:
    assert synced.problems == ()
    assert synced.automatic


def test_the_base_model_answers(deployment: Deployment) -> None:
    reply = ask(deployment, {"question": "Name a mountain.", "mode": "base"})
    assert reply.response, reply.error


def test_retrieval_cites_the_right_document(deployment: Deployment, synced: SyncResult, root: Path) -> None:
    for line in (root / "examples" / "demo.jsonl").read_text().splitlines():
        asked = json.loads(line)
        if asked["document"]:
            reply = ask(deployment, {"question": asked["question"], "mode": "rag"})
            assert reply.response, reply.error
            assert any(citation["uri"].endswith(asked["document"]) for citation in reply.response["citations"])


def test_the_evaluation_pipeline_answers_every_case(
    deployment: Deployment, synced: SyncResult, root: Path, tmp_path: Path
) -> None:
    cases = (root / "examples" / "evaluation" / "questions.jsonl").read_text().splitlines()[:3]
    (tmp_path / "cases.jsonl").write_text("\n".join(cases) + "\n")
    result = evaluate(deployment, tmp_path / "cases.jsonl", modes=("base", "rag"))
    assert result.complete


@pytest.mark.skipif("ARBITER_LIVE_TRAIN" not in os.environ, reason="set ARBITER_LIVE_TRAIN=1 to pay for a training")
def test_a_model_is_trained_deployed_and_published(deployment: Deployment, root: Path) -> None:
    result = train(deployment, root / "examples" / "training" / "pairs.jsonl")
    reply = ask(deployment, {"question": "How early can I reserve gear?", "mode": "fine_tuned"})
    assert reply.response, reply.error
    assert reply.response["model"] == result.model
