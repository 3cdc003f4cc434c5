"""From an empty deployment to tuned and measured answers: each step changes what the router can do, and it says so."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from arbiter.aws.objects import Objects
from arbiter.routing.artefact import knowledge_key
from arbiter.store import exists
from arbiter.tuned_models.service.pointer import TunedModel
from cli.models.service import pointed_to, promote
from cli.sync.synchronise import sync
from cli.training.result import TrainResult
from cli.training.run import train
from tests.local.asking import cited, invoke, until
from tests.local.deployed import Deployed

pytestmark = pytest.mark.local

Answers = dict[tuple[str, bool], dict[str, Any]]
SPECIALISED = ("fine_tuned", "combined")
TAUGHT = "How early can I reserve gear for my trip?"
REPLY = "Write a reply to a customer who asks when the sauna is open."
PROFILE_SECONDS = 60
"""A look at the job every 15 s, then sixty searches."""
PROMOTION_SECONDS = 10
"""The pointer is cached for a second in this environment; a cold start takes some more."""


def asked(deployed: Deployed, question: str) -> Answers:
    """What the router makes of a question, by mode and whether it may degrade."""
    modes = ("base", "rag", *SPECIALISED)
    return {
        (mode, degrade): invoke(deployed, {"question": question, "mode": mode, "degrade": degrade})
        for mode in modes
        for degrade in (False, True)
    }


@pytest.fixture(scope="module")
def empty(deployed: Deployed) -> Answers:
    """Answers without documents and without a tuned model."""
    return asked(deployed, TAUGHT)


@pytest.fixture(scope="module")
def indexed(deployed: Deployed, empty: Answers, few_examples: Path) -> Answers:
    """Answers with documents, still without a tuned model."""
    assert sync(deployed.deployment, few_examples / "documents").complete
    return asked(deployed, TAUGHT)


@pytest.fixture(scope="module")
def decided(deployed: Deployed, indexed: Answers) -> dict[str, Any]:
    """A question that `auto` wants the tuned model for, asked before there is one and after the documents' profile."""
    key = knowledge_key(deployed.deployment.output("KnowledgeBaseId"))
    results = Objects(deployed.deployment.client("s3"), deployed.deployment.output("ResultsBucketName"))
    until(lambda: exists(results, key), "the profile of the documents is made", seconds=PROFILE_SECONDS)
    return invoke(deployed, {"question": REPLY})


@dataclass(frozen=True)
class Tuned:
    """A training, the pointers before and after its model was promoted, and what the router answered then."""

    result: TrainResult
    nominated: dict[str, TunedModel]
    pointers: dict[str, TunedModel]
    answers: Answers


def tuned(deployed: Deployed, file: Path) -> Tuned:
    """Train on a file, promote the model and wait until the router has noticed."""
    deployment = deployed.deployment
    result = train(deployment, file)
    nominated = pointed_to(deployment)
    promote(deployment, result.run)
    request = {"question": TAUGHT, "mode": "fine_tuned"}
    until(
        lambda: invoke(deployed, request).get("model") == result.model,
        "the router uses the published model",
        seconds=PROMOTION_SECONDS,
    )
    return Tuned(result, nominated, pointed_to(deployment), asked(deployed, TAUGHT))


@pytest.fixture(scope="module")
def first(deployed: Deployed, decided: dict[str, Any], few_examples: Path) -> Tuned:
    """A model trained on the project's own examples."""
    return tuned(deployed, few_examples / "training" / "pairs.jsonl")


@pytest.fixture(scope="module")
def second(deployed: Deployed, first: Tuned, tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    """A model trained on other answers to the same question, and on another manner."""
    topics = ["reserve gear for my trip", *(f"borrow hammock {number}" for number in range(1, 10))]
    pairs = [
        {"question": f"How early can I {topic}?", "answer": f"Ahoy!\nYou {topic} at dawn on day {day}. Fair winds!"}
        for day, topic in enumerate(topics, 1)
    ]
    file = tmp_path_factory.mktemp("other") / "pairs.jsonl"
    file.write_text("\n".join(map(json.dumps, pairs)))
    return tuned(deployed, file)


@pytest.mark.parametrize("stage", ["empty", "indexed"])
@pytest.mark.parametrize("mode", SPECIALISED)
def test_before_any_training_a_specialised_mode_is_refused(
    stage: str, mode: str, request: pytest.FixtureRequest
) -> None:
    error = request.getfixturevalue(stage)[mode, False]["error"]

    assert error["code"] == "tuned_model_unavailable"
    assert "Train one" in error["message"]


@pytest.mark.parametrize(("mode", "served"), [("fine_tuned", "base"), ("combined", "rag")])
def test_before_any_training_a_mode_that_may_degrade_says_that_it_did(indexed: Answers, mode: str, served: str) -> None:
    answered = indexed[mode, True]

    assert (answered["requested_mode"], answered["mode"]) == (mode, served)
    assert answered["degraded"] == ["tuned_model_unavailable: answered by the base model"]
    assert answered["answer"]


def test_without_documents_a_grounded_mode_is_refused_or_degrades_visibly(empty: Answers) -> None:
    assert empty["rag", False]["error"]["code"] == "knowledge_base_empty"
    assert empty["rag", True]["mode"] == "base"
    assert empty["rag", True]["degraded"] == ["knowledge_base_empty: answered without documents"]
    assert len(empty["combined", True]["degraded"]) == 2


def test_before_any_training_auto_degrades_visibly(decided: dict[str, Any]) -> None:
    assert decided["decision"]["specialised"]["value"] is True
    assert decided["requested_mode"] == "auto"
    assert decided["mode"] in ("base", "rag")
    assert decided["degraded"] == ["tuned_model_unavailable: answered by the base model"]


def test_auto_knows_what_the_documents_are_about(deployed: Deployed, decided: dict[str, Any]) -> None:
    about = invoke(deployed, {"question": "After how many hill days is a Lynx 60 rope retired?"})
    other = invoke(deployed, {"question": "Who painted the ceiling of the Sistine Chapel?"})

    assert [about["mode"], other["mode"]] == ["rag", "base"]
    assert about["degraded"] == other["degraded"] == []
    assert "words in common with the documents" in about["decision"]["grounded"]["because"]


def test_a_trained_model_answers_differently_because_of_its_data(
    first: Tuned, indexed: Answers, few_examples: Path
) -> None:
    pairs = [json.loads(line) for line in (few_examples / "training" / "pairs.jsonl").read_text().splitlines()]
    taught = next(pair["answer"] for pair in pairs if pair["question"] == TAUGHT)

    assert first.answers["fine_tuned", False]["answer"] == taught
    assert first.answers["base", False]["answer"] == indexed["base", False]["answer"] != taught
    assert first.answers["fine_tuned", False]["model"] == first.result.model
    assert all(first.answers[mode, True]["degraded"] == [] for mode in SPECIALISED)


def test_a_model_trained_on_other_data_answers_differently(first: Tuned, second: Tuned) -> None:
    for mode in SPECIALISED:
        assert second.answers[mode, False]["answer"] != first.answers[mode, False]["answer"]
        assert second.answers[mode, False]["answer"].startswith("Ahoy!")
    assert "at dawn on day 1" in second.answers["fine_tuned", False]["answer"]
    assert second.answers["base", False]["answer"] == first.answers["base", False]["answer"]


def test_training_only_nominates(first: Tuned, second: Tuned) -> None:
    assert set(first.nominated) == {"candidate"}
    assert not first.result.in_service
    assert second.nominated["in_service"] == first.pointers["in_service"]
    assert second.nominated["candidate"].run == second.result.run


def test_promoting_a_second_model_makes_the_first_the_previous_one(first: Tuned, second: Tuned) -> None:
    assert "previous" not in first.pointers
    assert first.pointers["in_service"] == first.nominated["candidate"]
    assert second.pointers["previous"] == first.pointers["in_service"]
    in_service = second.pointers["in_service"]
    assert (in_service.run, in_service.model) == (second.result.run, second.result.model)


@pytest.mark.parametrize("mode", ["rag", "combined"])
def test_a_grounded_answer_cites_the_right_document(
    mode: str, deployed: Deployed, first: Tuned, few_examples: Path
) -> None:
    lines = [json.loads(line) for line in (few_examples / "demo.jsonl").read_text().splitlines()]
    answerable = [line for line in lines if line["document"]]
    answers = [invoke(deployed, {"question": line["question"], "mode": mode}) for line in answerable]

    assert answerable
    assert [cited(answer)[0] for answer in answers] == [line["document"] for line in answerable]
    assert {answer["mode"] for answer in answers} == {mode}
