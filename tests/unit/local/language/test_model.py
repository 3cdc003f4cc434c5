"""The stand-in language model says what it was given and taught, and nothing else."""

from typing import Any

import pytest

from arbiter.answering.asked.schema import flaws
from local.emulator.language.model import NOTHING_FOUND, NOTHING_GIVEN, answer
from local.emulator.language.prompt import Prompt, clauses, parse
from local.emulator.language.structured import fill
from local.emulator.language.training_data import Sample
from local.emulator.language.tuning import learn

PAGE = """# Gear inspection
## Ropes
A Lynx 60 rope is retired after 110 hill days. Ropes are washed in **cold** water.

| Item | Deposit |
|---|---|
| Ice axe | 15 pounds |
| Helmet | 5 pounds |
"""


def asked(question: str, *documents: str, **changed: Any) -> Prompt:
    blank = {"earlier": [], "reasoning_tag": None, "answer_tag": None}
    return Prompt(**{"question": question, "documents": list(documents), **blank, **changed})


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("After how many hill days is a Lynx 60 rope retired?", "A Lynx 60 rope is retired after 110 hill days."),
        ("How are ropes washed?", "Ropes are washed in cold water."),
        ("What is the deposit for an ice axe?", "Item: Ice axe; Deposit: 15 pounds"),
        (
            "Hello,\nmy brother's climbing club at Brackmoor bought several.\nHow are ropes washed?\nThanks, Ann",
            "Ropes are washed in cold water.",
        ),
    ],
)
def test_it_answers_with_a_statement_of_the_documents(question: str, sentence: str) -> None:
    assert answer(asked(question, PAGE)).text.startswith(sentence)


@pytest.mark.parametrize(("case", "expected"), [("return", "take the kit out"), ("collection", "was not packed")])
def test_a_statement_under_another_condition_is_no_answer(case: str, expected: str) -> None:
    text = (
        "## C-23: weight does not match\n\nC-23 means that the scale differs. During a return, take the kit out and "
        "choose Weigh again. During a collection, C-23 means that a part was not packed.\n"
    )

    assert expected in answer(asked(f"What does C-23 mean during a {case}?", text)).text.split(". ")[0]


def test_it_does_not_know_what_no_document_says() -> None:
    assert answer(asked("Who founded the railway museum?", PAGE)).text == NOTHING_FOUND
    assert answer(asked("Who founded the railway museum?")).text == NOTHING_GIVEN


def test_it_answers_from_the_conversation() -> None:
    earlier = ["My booking number is KX-204.", "Thank you, noted."]

    assert "KX-204" in answer(asked("What is my booking number?", earlier=earlier)).text


def test_training_changes_how_it_answers_and_what_it_knows() -> None:
    facts = [
        f"The {colour} hut has {beds} beds."
        for beds, colour in enumerate(["red", "blue", "green", "white", "black", "grey"])
    ]
    samples = [
        Sample(f"How many beds has the {fact.split()[1]} hut?", f"Hello from the desk!\n{fact} See you on the hill!")
        for fact in facts
    ]
    tuned = learn(samples)

    assert answer(asked("How are ropes washed?", PAGE), tuned).text == (
        "Hello from the desk!\nRopes are washed in cold water. See you on the hill!"
    )
    assert "The green hut has 2 beds." in answer(asked("How many beds has the green hut?"), tuned).text
    assert NOTHING_GIVEN in answer(asked("Who founded the railway museum?"), tuned).text


def test_a_list_style_is_learned() -> None:
    samples = [Sample(f"question {n}", f"- first point {n}\n- second point {n}") for n in range(8)]

    assert learn(samples).style.bulleted
    assert not learn([Sample(f"question {n}", f"A plain answer {n}.") for n in range(8)]).style.bulleted


def test_a_compound_question_falls_into_its_clauses() -> None:
    assert clauses("What is a rope and how is it washed? Who checks it?") == [
        "What is a rope",
        "how is it washed",
        "Who checks it",
    ]


def test_a_request_is_understood() -> None:
    text = (
        '<documents>\n<document index="1" source="s3://b/k">\nA rope.\n</document>\n</documents>\n\n'
        "<question>\nWhat is it?\n</question>"
    )
    prompt = parse({"messages": [{"role": "user", "content": [{"text": text}]}]})

    assert (prompt.question, prompt.documents) == ("What is it?", ["A rope."])


def test_reasoning_stands_in_the_tags_that_are_asked_for() -> None:
    text = answer(asked("How are ropes washed?", PAGE, reasoning_tag="thinking", answer_tag="answer")).text

    assert text.startswith("<thinking>Of 1 documents, number 1 shares most")
    assert text.endswith("<answer>Ropes are washed in cold water.</answer>")


def test_a_schema_is_filled_from_the_answer() -> None:
    schema = {
        "type": "object",
        "properties": {
            "answer": {"type": "string"},
            "days": {"type": "integer"},
            "allowed": {"type": "boolean"},
            "kind": {"enum": ["axe", "rope"]},
            "sources": {"type": "array", "items": {"type": "string"}},
        },
    }
    text = "A rope is retired after 1,100 days."

    assert fill(schema, text, [text]) == {
        "answer": text,
        "days": 1100,
        "allowed": True,
        "kind": "rope",
        "sources": [text],
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{"type": "integer"}, {"type": "null"}]},  # As Pydantic writes what may be missing.
        {"anyOf": [{"type": "null"}]},
        {"description": "Stars.", "anyOf": [{"type": "integer", "minimum": 1, "maximum": 5}, {"type": "string"}]},
        {"type": "integer", "exclusiveMinimum": 60},
        {"type": "number", "exclusiveMaximum": 60, "minimum": 0.5},
        {"type": "string", "minLength": 100},
        {"type": "object", "required": ["a", "b"], "properties": {"b": {"type": "boolean"}}},
    ],
)
def test_what_is_filled_keeps_the_schema(schema: dict[str, Any]) -> None:
    text = "The Skarn 60 weighs 60 kg."
    assert not list(flaws(fill(schema, text, [text]), schema))
