"""Arms are any set of mode, model, prompting and retrieval; one that cannot answer is refused by its place."""

from typing import Any

import pytest

from arbiter.answering.request import Features
from arbiter.evaluation.run.arms import Arm, short_names
from arbiter.evaluation.run.given_arms import read_arms
from arbiter.modes import Mode

MODELS = ["amazon.nova-micro-v1:0", "amazon.nova-lite-v1:0"]


def problems(*arms: dict[str, Any], rerank: bool = False) -> list[str]:
    return [
        f"{p.path} {p.problem}" for p in read_arms(list(arms), models=MODELS, features=Features(rerank=rerank)).problems
    ]


def test_names_of_models_stay_apart() -> None:
    models = ["us.anthropic.claude-haiku-4-5-20251001-v1:0", "amazon.nova-lite-v1:0", "us.amazon.nova-lite-v1:0"]
    assert list(short_names(models).values()) == [
        "claude-haiku-4-5",
        "amazon.nova-lite-v1-0",
        "us.amazon.nova-lite-v1-0",
    ]


def test_an_arm_is_read_back_as_it_was_written() -> None:
    arm = Arm("a.b", Mode.RAG, MODELS[1], "few_shot", {"results": 3}, "candidate")
    assert Arm.parse(arm.dump()) == arm


def test_an_arm_asks_the_router_for_what_it_is() -> None:
    arm = Arm("x", Mode.RAG, None, "chain_of_thought", {"results": 8, "rerank": True})
    assert arm.request("Why?") == {
        "question": "Why?",
        "mode": "rag",
        "prompting": "chain_of_thought",
        "retrieval": {"results": 8, "rerank": True},
    }
    assert Arm("y", Mode.BASE).request("Why?") == {"question": "Why?", "mode": "base"}


@pytest.mark.parametrize(
    ("arm", "problem"),
    [
        ({"mode": "base"}, "arms[0].name is missing"),
        ({"name": "A", "mode": "base"}, "arms[0].name is 'A'"),
        ({"name": "../x", "mode": "base"}, "arms[0].name is '../x'"),
        ({"name": "x", "mode": "auto"}, "arms[0].mode is 'auto'"),
        ({"name": "x", "mode": "base", "model": "meta.other"}, "arms[0].model is 'meta.other'"),
        ({"name": "x", "mode": "combined", "model": MODELS[0]}, "arms[0].model is given, and in combined"),
        ({"name": "x", "mode": "base", "retrieval": {"results": 2}}, "arms[0].retrieval is given, and base"),
        ({"name": "x", "mode": "rag", "retrieval": {"results": 0}}, "arms[0].retrieval.results is 0"),
        ({"name": "x", "mode": "rag", "retrieval": {"rerank": True}}, "arms[0].retrieval.rerank is true, and"),
        ({"name": "x", "mode": "base", "prompting": "magic"}, "arms[0].prompting is 'magic'"),
        ({"name": "x", "mode": "fine_tuned", "tuned": "no run"}, "arms[0].tuned is 'no run'"),
        ({"name": "x", "mode": "rag", "retrieval": {"search": "hybrid"}}, "arms[0].retrieval.search is hybrid"),
        ({"name": "x", "mode": "rag", "retrieval": {"minimum_score": 2}}, "arms[0].retrieval.minimum_score is 2"),
        ({"name": "x", "mode": "rag", "retrieval": {"strategy": "guess"}}, "arms[0].retrieval.strategy is 'guess'"),
        ({"name": "x", "mode": "rag", "knowledge_base": "aws"}, "arms[0].knowledge_base is 'aws'"),
        ({"name": "a--b", "mode": "base"}, "arms[0].name is a--b"),
        ({"name": "x", "mode": "base", "temperature": 1}, "arms[0].temperature is not a known field"),
    ],
)
def test_an_arm_that_cannot_answer_is_refused(arm: dict[str, Any], problem: str) -> None:
    assert any(found.startswith(problem) for found in problems(arm)), problems(arm)


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"mode": "rag", "knowledge_base": "store", "retrieval": {"search": "semantic"}}, []),
        ({"mode": "rag", "knowledge_base": "store", "retrieval": {"search": "hybrid"}}, []),
        ({"mode": "rag", "knowledge_base": "aws", "retrieval": {"search": "hybrid"}}, []),
        ({"mode": "rag", "knowledge_base": "aws", "retrieval": {"search": "semantic"}}, ["arms[0].retrieval.search"]),
        ({"mode": "rag", "retrieval": {"search": "semantic"}}, ["arms[0].retrieval.search"]),
        ({"mode": "base", "knowledge_base": "store"}, ["arms[0].knowledge_base"]),
    ],
)
def test_an_arm_may_ask_what_the_knowledge_base_can_that_it_searches(fields: Any, refused: list[str]) -> None:
    """The deployment's own is managed here, and cannot be searched by meaning alone."""
    bases, own = {"aws": {"managed": True}, "store": {"managed": False}}, Features(semantic_search=False)
    read = read_arms([{"name": "x", **fields}], models=MODELS, features=own, knowledge_bases=bases)
    assert [problem.path for problem in read.problems] == refused


def test_a_model_is_called_by_the_id_that_the_deployment_has_for_it() -> None:
    given = [{"name": "x", "mode": "base", "model": "amazon.nova-2-lite-v1:0"}]
    read = read_arms(given, models=["us.amazon.nova-2-lite-v1:0"], features=Features())
    assert (read.arms[0].model, read.problems) == ("us.amazon.nova-2-lite-v1:0", ())


def test_all_problems_of_all_arms_are_named_at_once() -> None:
    found = problems({"name": "x", "mode": "base"}, {"name": "x", "mode": "base", "model": "meta.other"})
    assert len(found) == 2
    assert problems() == ["arms has 0 items"]
    assert problems({"name": "x", "mode": "rag", "retrieval": {"rerank": True}}, rerank=True) == []


@pytest.mark.parametrize(("prompting", "setting"), [("few_shot", "prompting.examples"), ("house", "prompting.house")])
def test_an_arm_that_needs_prompts_which_the_owner_lacks_is_refused(prompting: str, setting: str) -> None:
    arm = {"name": "own", "mode": "base", "prompting": prompting}
    assert read_arms([arm], models=MODELS, features=Features()).problems == ()
    (problem,) = read_arms([arm], models=MODELS, features=Features(examples=False, house=False)).problems
    assert (problem.path, setting in problem.allowed) == ("arms[0].prompting", True)


def test_further_fields_of_its_requests_belong_to_an_arm() -> None:
    asked = {"system": "Be brief.", "format": {"type": "json"}, "limits": {"max_output_tokens": 64}}
    given = {"name": "base", "mode": "base", "asked": asked}
    (arm,) = read_arms([given], models=MODELS, features=Features()).arms

    assert arm.request("Why?") == {"question": "Why?", "mode": "base", **asked}
    assert Arm.parse(arm.dump()) == arm
    assert arm.technique("zero_shot") != arm._replace(asked=None).technique("zero_shot")
    assert arm.technique("house") != arm.technique("zero_shot")
    assert problems({**given, "asked": {"system": 5}}) == ["arms[0].asked.system is 5"]
    assert problems({**given, "asked": {"mode": "rag"}})[0].startswith("arms[0].asked.mode is not a known field")
    reasoned = {**given, "prompting": "chain_of_thought"}
    assert problems(reasoned) == ["arms[0].prompting is chain_of_thought, with answers in JSON"]
