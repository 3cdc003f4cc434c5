"""The stand-in plans searches from the words it is given, and by nothing else."""

from typing import Any

import pytest

from arbiter.answering.asked.history import Turn
from arbiter.answering.prompts import Passage, Prompt, build_judging, build_rewriting, build_splitting
from arbiter.answering.request import Request
from local.emulator.language.decomposition import parts, replied

WARRANTY = "Compare the warranty of the tent with that of the stove."
TENT = Passage("The warranty of the tent lasts three years.", "s3://d/tent.md", 0.8)
STOVE = Passage("The warranty of the stove lasts one year.", "s3://d/stove.md", 0.7)


def body(prompt: Prompt) -> dict[str, Any]:
    return {
        "system": [{"text": text} for text in prompt.system],
        "messages": [{"role": turn.role, "content": [{"text": turn.text}]} for turn in prompt.turns],
    }


@pytest.mark.parametrize(
    ("question", "found"),
    [
        (WARRANTY, ["the warranty of the tent", "the warranty of the stove"]),
        ("What is the difference between a tent and a bivy bag?", ["a tent", "a bivy bag"]),
        ("How do the Skarn 3 and the Lynx 60 compare?", ["the Skarn 3", "the Lynx 60"]),
        ("Is the Skarn 3 heavier than the Lynx 60?", ["heavier the Skarn 3", "heavier the Lynx 60"]),
        ("What is the limit for items in A and the fee in B?", ["What is the limit for items in A", "the fee in B"]),
        ("How early may I book, and what does it cost?", ["How early may I book", "what does it cost"]),
        ("How do I create and delete a bucket?", ["How do I create and delete a bucket"]),
    ],
)
def test_a_question_is_taken_apart_by_its_grammar(question: str, found: list[str]) -> None:
    assert parts(question) == found


def test_it_understands_the_prompts_that_the_router_sends() -> None:
    asked = Request(WARRANTY)

    assert replied(body(build_splitting(asked, 1))) == "the warranty of the tent"
    assert replied(body(build_judging(asked, [TENT, STOVE], "SUFFICIENT"))) == "SUFFICIENT"
    assert replied(body(build_judging(asked, [TENT], "SUFFICIENT"))) == "the warranty of the stove"
    alone = Request("How do I wash a rope?")
    assert replied(body(build_judging(alone, [TENT], "SUFFICIENT"))) == "wash rope"
    history = (Turn("user", "How heavy is the Skarn 3?"), Turn("assistant", "3 kg."))
    follow_up = Request("And packed?", history=history)
    assert replied(body(build_rewriting(follow_up))) == "Concerning heavy Skarn 3: And packed?"
    assert replied(body(Prompt((), build_splitting(asked, 1).turns))) is None
