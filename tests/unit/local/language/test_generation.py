"""The stand-in asks about the passage that it is given, and finds what stands in it and nothing else."""

import json
from pathlib import Path

import pytest

from arbiter.answering.prompts import Prompt
from arbiter.generation import prompts
from arbiter.generation.replies import Draft, read_drafts, read_verdict
from arbiter.generation.sources.passages import cut
from local.emulator.language.generation import replied

KINDS = list(prompts.KINDS)
PASSAGE = """## Grolling

A grolling is a brass tool with three teeth. The keeper must oil the grolling every 14 days with linseed.
If the grolling squeaks, the keeper takes it apart and dries the teeth in sand. Spare teeth are kept in the
lower drawer of the workshop. The workshop opens at 07:15 and closes at 18:40 on working days."""


def said(prompt: Prompt) -> str:
    reply = replied({"messages": [{"role": t.role, "content": [{"text": t.text}]} for t in prompt.turns]})
    assert reply is not None
    return reply


def pairs(passage: str, kinds: list[str] = KINDS) -> list[Draft]:
    return read_drafts(said(prompts.generator_prompt("tools.md", passage, kinds)), kinds)


def support(answer: str, passage: str = PASSAGE) -> str:
    prompt = prompts.support_prompt([passage], "What about the grolling?", answer)
    return read_verdict(said(prompt), prompts.SUPPORT_VERDICTS).verdict


def test_answers_are_sentences_of_the_passage() -> None:
    drafts = [draft for draft in pairs(PASSAGE) if draft.kind in ("fact", "procedure", "comparison")]

    assert drafts
    plain = " ".join(PASSAGE.split())
    assert all(part in plain for draft in drafts for part in draft.answer.split(". ")[:1])


def test_no_question_is_asked_twice() -> None:
    questions = [draft.question for draft in pairs(PASSAGE, ["fact"] * 6)]
    assert len(questions) == len(set(questions)) > 3


def test_what_the_passage_says_is_supported_and_what_it_does_not_say_is_not() -> None:
    assert support("The keeper must oil the grolling every 14 days with linseed.") == "supported"
    assert support("The keeper must oil the grolling every 41 days with linseed.") == "contradicted"
    assert support("Copper boilers are inspected yearly by the harbour master.") == "unsupported"


def test_a_question_is_answerable_when_a_statement_covers_it() -> None:
    verdicts = [
        read_verdict(said(prompts.absence_prompt([PASSAGE], question)), prompts.ABSENCE_VERDICTS).verdict
        for question in ("Where are spare teeth kept?", "Who designed the grolling?")
    ]
    assert verdicts == ["answerable", "unanswerable"]


def test_the_same_passage_always_gives_the_same_pairs() -> None:
    assert pairs(PASSAGE) == pairs(PASSAGE)


@pytest.mark.parametrize("body", ["What is a grolling?", "<question>\nWhat?\n</question>", '{"pairs": []}'])
def test_other_conversations_are_left_to_the_answering_model(body: str) -> None:
    assert replied({"messages": [{"role": "user", "content": [{"text": body}]}]}) is None


def test_the_examples_yield_every_kind_and_are_mostly_supported(root: Path) -> None:
    verdicts: list[str] = []
    kinds: set[str] = set()
    for file in sorted((root / "examples" / "documents").rglob("*.md")):
        for passage in cut(file.read_text(), 300):
            for draft in pairs(passage.text):
                kinds.add(draft.kind)
                verdicts.append(support(draft.answer, passage.text) if draft.kind != "out_of_scope" else "supported")

    assert kinds == set(KINDS)
    assert len(verdicts) > 200
    assert verdicts.count("supported") / len(verdicts) > 0.95


def test_a_repaired_request_is_answered_like_the_first() -> None:
    prompt = prompts.generator_prompt("tools.md", PASSAGE, KINDS)
    again = prompts.repair_prompt(prompt, "Sure!", "it is not JSON")
    assert json.loads(said(again)) == json.loads(said(prompt))


def test_no_question_is_asked_about_a_subject_that_points_back() -> None:
    passage = "## Tests\n\nThese tests must be called once in a week for the health of the workshop.\n"

    assert all("These tests" not in draft.question for draft in pairs(passage))
