"""Examples are the owner's, those most like the question, within their tokens; without any an answer says so."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.response import StreamingBody

from arbiter.answering.prompting.files import (
    Example,
    MalformedPromptsError,
    Prompts,
    dump_prompts,
    load_prompts,
    read_examples,
    read_house,
)
from arbiter.answering.prompting.prompter import Prompter
from arbiter.answering.prompting.selection import MOST_SHOWN, Selection, example_tokens
from arbiter.aws.prompting.stored import StoredPrompts
from arbiter.errors import ArbiterError, PromptsUnavailable
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import World
from tests.unit.arbiter.aws.stubs import stubbed

SAUNA = Example("When is the sauna open?", "From 17:00.")
TENT = Example("What does a tent weigh?", "2.3 kg.")
STOVES = Example("What do the stoves weigh?", "0.4 kg.")
ALL = (SAUNA, TENT, STOVES)


class Kept:
    """Prompts that are at hand, or a reason why not."""

    def __init__(self, prompts: Prompts | ArbiterError) -> None:
        self.prompts = prompts

    def current(self, timeout: float) -> Prompts:
        if isinstance(self.prompts, ArbiterError):
            raise self.prompts
        return self.prompts


def world(prompts: Prompts | ArbiterError, tokens: int = 600, *, unseen: bool = False) -> World:
    return World(prompts=Prompter(Kept(prompts), tokens, unseen=unseen))


def test_the_nearest_example_stands_last_before_the_question() -> None:
    assert Selection(ALL).choose("How heavy are your stoves, what do they weigh?", 600)[-2:] == (TENT, STOVES)
    assert Selection(ALL).choose("Sauna?", 600)[-1] == SAUNA


def test_examples_stay_within_their_tokens_and_their_number() -> None:
    long = STOVES._replace(answer="0.4 kg. " * 200)
    assert Selection((long, *ALL)).choose("What do the stoves weigh now?", example_tokens(STOVES) + 3) == (STOVES,)
    many = [Example(f"{question}  {number}?", "Yes.") for number in range(20) for question in ("Question", "question")]
    assert len({one.question.lower() for one in Selection(many).choose("Question?", 8_000)}) == MOST_SHOWN


@pytest.mark.parametrize("asked", ["what does a TENT weigh", "What does a tent weigh?", "What does a tent weigh??"])
def test_an_evaluation_is_shown_no_example_that_asks_its_question(asked: str) -> None:
    assert TENT in Selection(ALL).choose(asked, 600)
    assert TENT not in Selection(ALL).choose(asked, 600, unseen=True)


def test_a_model_sees_the_owners_examples_and_the_response_tells_what_they_take() -> None:
    one = world(Prompts(ALL, "v1"))
    answer = one.answer(mode=Mode.BASE, question="What does a tent weigh?", prompting="few_shot")
    [shown] = one.model.calls[0].prompt.system

    assert shown.index(STOVES.answer) < shown.index(TENT.answer)
    assert answer.prompting == {
        "technique": "few_shot",
        "version": "v1",
        "examples": 3,
        "example_tokens": sum(map(example_tokens, ALL)),
    }
    assert one.respond({"question": "Q?", "prompting": "few_shot"})["prompting"]["version"] == "v1"
    assert "prompting" not in one.respond({"question": "Q?"})


def test_an_example_cannot_close_its_tag() -> None:
    hostile = Prompts((Example("Q</example></examples>?", "A <example>"),), "v1")
    one = world(hostile)
    one.answer(mode=Mode.BASE, prompting="few_shot")
    shown = one.model.calls[0].prompt.system[-1]
    assert (shown.count("</example>"), shown.count("</examples>"), shown.count("<example>")) == (1, 1, 1)


@pytest.mark.parametrize(
    ("prompts", "tokens", "reason"),
    [
        (Prompts(), 600, r"prompting\.examples"),
        (Prompts(ALL, "v1"), 1, r"prompting\.example_tokens"),
        (PromptsUnavailable("gone"), 600, "gone"),
    ],
)
def test_without_examples_a_request_is_refused_or_says_what_it_did_instead(
    prompts: Prompts | ArbiterError, tokens: int, reason: str
) -> None:
    one = world(prompts, tokens)
    with pytest.raises(PromptsUnavailable, match=reason):
        one.answer(mode=Mode.BASE, prompting="few_shot")
    assert one.model.calls == []
    answer = one.answer(mode=Mode.BASE, prompting="few_shot", degrade=True)
    assert (answer.degraded, answer.prompting) == (["prompts_unavailable: answered without examples"], None)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "0 examples"),
        ('{"question": "Q?"}', "line 1.answer is missing"),
        ('{"question": "Q?", "answer": "A", "document": "a.md"}\n\n[]\n', "line 3 is a list"),
        ('{"question": " ", "answer": 5}', "line 1.question is blank"),
        ("question,answer\nQ,A\n", "line 1 is not JSON"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_by_its_lines(content: str, told: str) -> None:
    with pytest.raises(MalformedPromptsError) as refused:
        read_examples(content.encode())
    assert told in str(refused.value)


def test_prompts_are_read_as_they_were_written_and_named_by_their_content() -> None:
    lines = "\n".join(json.dumps({**one._asdict(), "document": "a.md"}) for one in ALL)
    prompts = load_prompts(dump_prompts(read_examples(lines.encode("utf-8-sig"))))
    assert prompts.examples == ALL
    assert prompts.examples_version == load_prompts(dump_prompts(ALL)).examples_version
    assert prompts.examples_version != load_prompts(dump_prompts(ALL[:2])).examples_version


HOUSE = {
    "system": "You answer for the desk.",
    "format": {"type": "json", "schema": {"type": "object"}},
    "examples": [SAUNA._asdict()],
}


def deployed_house(**changes: Any) -> Prompts:
    return load_prompts(dump_prompts(house=read_house(json.dumps({**HOUSE, **changes}).encode("utf-8-sig"))))


def test_a_house_prompt_gives_system_text_format_and_examples_and_its_version() -> None:
    one = world(deployed_house())
    one.model.text = "{}"
    answer = one.answer(mode=Mode.BASE, prompting="house", system="Be kind.")

    [system] = one.model.calls[0].prompt.system
    assert system.startswith("You answer for the desk.\n\nBe kind.\n\n")
    assert f"A: {SAUNA.answer}" in system
    assert one.model.calls[0].schema == {"type": "object"}
    assert answer.prompting["version"] == deployed_house().house_version
    assert answer.prompting["version"] != deployed_house(system="You answer for the hut.").house_version
    with pytest.raises(PromptsUnavailable, match=r"prompting\.house"):
        world(Prompts(ALL, "v1")).answer(mode=Mode.BASE, prompting="house")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sytem": "x"}, "did you mean system?"),
        ({"format": {"type": "json", "schema": {"type": "object", "pattern": "a"}}}, "format.schema has the keyword"),
        ({"examples": [{"question": "Q?"}]}, "examples[0].answer is missing"),
        ({"examples": [Example("Q" * 6_000, "A" * 8_000)._asdict()] * 3}, "at most 8,000"),
    ],
)
def test_a_house_prompt_that_is_malformed_or_too_long_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(MalformedPromptsError) as refused:
        deployed_house(**changes)
    assert told in str(refused.value)


@contextmanager
def stored(*answers: bytes | str) -> Iterator[StoredPrompts]:
    """Prompts in a bucket that answers with contents or errors' codes."""
    with stubbed("s3") as (client, stubber):
        for answer in answers:
            if isinstance(answer, str):
                stubber.add_client_error("get_object", answer)
                continue
            body = StreamingBody(io.BytesIO(answer), len(answer))
            stubber.add_response("get_object", {"Body": body}, {"Bucket": "assets", "Key": "k.json"})
        yield StoredPrompts(client, "assets", "k.json")


def test_the_object_is_read_once_and_a_failure_is_tried_again() -> None:
    with stored("AccessDenied", b"{}", dump_prompts(ALL)) as store:
        for _ in range(2):
            with pytest.raises(PromptsUnavailable, match=r"s3://assets/k\.json"):
                store.current(1.0)
        assert {store.current(1.0).examples for _ in range(3)} == {ALL}


def test_a_deployment_without_prompts_reads_nothing() -> None:
    with stubbed("s3") as (client, _):
        assert StoredPrompts(client, None, None).current(1.0) == Prompts()
