"""A question that the model was trained on, or that stands in its passages, is found; a similar one is not."""

import json

from arbiter.evaluation.answers.overlap import stands_in, trained_on, training_questions


def sample(*turns: str) -> bytes:
    roles = ("user", "assistant")
    messages = [{"role": roles[n % 2], "content": [{"text": turn}]} for n, turn in enumerate(turns)]
    return json.dumps({"schemaVersion": "bedrock-conversation-2024", "messages": messages}).encode() + b"\n"


def test_cases_that_the_training_set_asks_are_found() -> None:
    grounded = "Answer.\n<documents>\n…\n</documents>\n\n<question>\nHow heavy is it?\n</question>"
    known = training_questions([sample("How far is it?", "Far."), sample("a?", "b", grounded, "Heavy.")])
    cases = [{"id": "1", "question": "how far IS it"}, {"id": "2", "question": "How heavy is it?"}]
    cases += [{"id": "3", "question": "How far was it?"}, {"id": "4", "question": "a?"}]
    assert trained_on(cases, known) == ["1", "2"]


def test_a_question_in_a_passage_is_found_when_it_is_long_enough_to_tell() -> None:
    assert stands_in("How far is it?", ["## How far is it\nFar."])
    assert not stands_in("How far is it?", ["Show far is its name"])
    assert not stands_in("How far?", ["How far?"])
    assert not stands_in("How far is it?", [])
