"""From an empty deployment to tuned and measured answers: each step changes what the router can do, and it says so."""

import json
from pathlib import Path
from typing import Any

import pytest

from arbiter.aws.objects import Objects
from arbiter.routing.artefact import knowledge_key
from arbiter.store import exists
from cli.sync.synchronise import sync
from tests.local.asking import cited, invoke, until
from tests.local.deployed import Deployed
from tests.local.stages import SPECIALISED, TAUGHT, Answers, Tuned, asked, tuned

pytestmark = pytest.mark.local

REPLY = "Write a reply to a customer who asks when the sauna is open."
PROFILE_SECONDS = 60
"""A look at the job every 15 s, then sixty searches."""


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


ROPE, PANEL = "policies/gear-inspection.md", "support/cairnbox-error-codes.md"
RETIRED = "After how many hill days is a Lynx 60 rope retired?"
BOTH = f"{RETIRED[:-1]}, and what does C-23 mean during a return?"


def test_the_parts_of_a_question_are_searched_for_beside_each_other(deployed: Deployed, first: Tuned) -> None:
    options = {"strategy": "multi_step", "results": 3, "sentences": True}
    answered = invoke(deployed, {"question": BOTH, "mode": "combined", "retrieval": options})

    assert set(cited(answered)) >= {ROPE, PANEL}
    split, *searches = answered["trace"]
    assert (split["step"], len(split["questions"])) == ("split", 2)
    assert [step["questions"] for step in searches] == [[BOTH], *([part] for part in split["questions"])]
    assert (answered["mode"], answered["degraded"]) == ("combined", [])
    assert answered["usage"]["input_tokens"] > split["usage"]["input_tokens"] > 0
    assert [citation["sentences"] for citation in answered["citations"] if citation["sentences"]]
    assert all(citation["section"] for citation in answered["citations"] if citation["text"].startswith("#"))


def test_a_search_goes_on_until_what_was_found_is_enough(deployed: Deployed, indexed: Answers) -> None:
    def steps(question: str) -> list[tuple[str, bool | None]]:
        options = {"strategy": "adaptive", "results": 2}
        answered = invoke(deployed, {"question": question, "mode": "rag", "retrieval": options})
        return [(step["step"], step.get("sufficient")) for step in answered["trace"]]

    assert steps("How many hill days is a Lynx 60 rope retired after?") == [("search", None), ("judge", True)]
    assert steps(BOTH)[:3] == [("search", None), ("judge", False), ("search", None)]


def test_a_follow_up_is_rewritten_to_stand_alone(deployed: Deployed, indexed: Answers) -> None:
    history = [{"role": "user", "text": RETIRED}, {"role": "assistant", "text": "After 110."}]
    request = {"question": "And where is it written down?", "mode": "rag", "history": history}
    answered = invoke(deployed, {**request, "retrieval": {"rewrite": True}})

    assert "Lynx 60" in answered["rewritten"]["question"]
    assert cited(answered)[0] == ROPE
