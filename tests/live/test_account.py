"""The assumptions of docs/assumptions.md, put to a real account: `ARBITER_LIVE_ENV=dev pytest tests/live`.

It needs a deployment of that environment, sends the examples into it and costs some cents. With
`ARBITER_LIVE_TRAIN=1` it also trains, deploys and promotes a model, which costs more and leaves a custom model behind;
with `ARBITER_LIVE_RETIRE=1` that one is deleted at the end. Nothing that bills by the hour is started.
"""

import json
from pathlib import Path

import pytest

from arbiter.tuned_models.training.names import slots
from cli.asking.question import ask
from cli.core.deployment import Deployment
from cli.evaluation.run import evaluate
from cli.generation.run import generate
from cli.models.listing import list_models
from cli.models.retirement import retire
from cli.models.service import pointed_to, roll_back
from cli.sync.synchronise import SyncResult, sync
from cli.training.result import TrainResult
from cli.training.run import train
from tests.live.conftest import required
from tests.local.asking import until

pytestmark = pytest.mark.live
SEEN_WITHIN = 960
"""Longer than a warm router keeps the pointer in any settings."""


@pytest.fixture(scope="module")
def synced(deployment: Deployment, root: Path) -> SyncResult:
    return sync(deployment, root / "examples" / "documents")


@pytest.fixture(scope="module")
def trained(deployment: Deployment, root: Path) -> TrainResult:
    """A model tuned on the examples and put into service by a person's order."""
    required("ARBITER_LIVE_TRAIN", "it pays for a training")
    return train(deployment, root / "examples" / "training" / "pairs.jsonl", promote=True)


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


def test_the_base_model_plans_searches_in_the_form_it_is_asked_for(deployment: Deployment, synced: SyncResult) -> None:
    question = "Compare the weight of the Skarn 3 with the hill days after which a Lynx 60 rope is retired."
    for strategy, step in (("multi_step", "split"), ("adaptive", "judge")):
        reply = ask(deployment, {"question": question, "mode": "rag", "retrieval": {"strategy": strategy}})
        assert reply.response, reply.error
        planned = [one for one in reply.response["trace"] if one["step"] == step]
        assert planned
        assert not [one for one in planned if one.get("failed")]
        assert strategy != "multi_step" or len(planned[0]["questions"]) > 1


def test_every_case_is_answered_and_judged(
    deployment: Deployment, synced: SyncResult, root: Path, tmp_path: Path
) -> None:
    cases = (root / "examples" / "evaluation" / "questions.jsonl").read_text().splitlines()[:3]
    (tmp_path / "cases.jsonl").write_text("\n".join(cases) + "\n")
    result = evaluate(deployment, tmp_path / "cases.jsonl", modes=("base", "rag"))
    assert result.complete, result.problem
    assert {arm["name"]: arm["answered"] for arm in result.summary["arms"]} == {"base": 3, "rag": 3}
    failures = result.summary["judges_agreement"]["failures"]
    assert [codes for codes in failures.values() if codes] == []


def test_pairs_are_generated_from_the_documents(deployment: Deployment, synced: SyncResult, tmp_path: Path) -> None:
    out = tmp_path / "pairs.jsonl"
    generate(deployment, purpose="training", pairs=3, out=out, confirm=lambda estimate: True)
    assert all(json.loads(line)["answer"] for line in out.read_text().splitlines())


def test_a_model_is_trained_placed_in_a_slot_and_promoted(deployment: Deployment, trained: TrainResult) -> None:
    assert trained.in_service
    assert trained.record.status == "nominated"
    hosting = trained.record.hosting
    assert hosting
    assert (hosting.kind, hosting.arn) == ("on_demand", trained.model)
    assert hosting.name in slots(deployment.environment)

    def answering() -> str | None:
        reply = ask(deployment, {"question": "How early can I reserve gear?", "mode": "fine_tuned"})
        return reply.response["model"] if reply.response else None

    until(lambda: answering() == trained.model, "the router asks the new model", seconds=SEEN_WITHIN, pause=10)


def test_the_same_data_and_settings_are_not_trained_twice(
    deployment: Deployment, trained: TrainResult, root: Path
) -> None:
    again = train(deployment, root / "examples" / "training" / "pairs.jsonl")
    assert again.reused
    assert again.custom_model == trained.custom_model


def test_a_model_is_retired_with_what_hosts_it(deployment: Deployment, trained: TrainResult) -> None:
    required("ARBITER_LIVE_RETIRE", "it deletes the model that the training made")
    in_service = pointed_to(deployment).get("in_service")
    if in_service and in_service.custom_model == trained.custom_model:
        roll_back(deployment)
    gone = retire(deployment, trained.run, force=True)
    assert [one["gone"] for one in gone.proof] == [True] * len(gone.proof)
    assert trained.custom_model not in {model.custom_model for model in list_models(deployment).models}
