"""Questions in the shapes of other tools are read, and what was renamed or left out is told once."""

import json
from typing import Any

import pytest

from arbiter.evaluation.run.cases import read_cases

RECORDS: dict[str, dict[str, Any]] = {
    "ragas": {"user_input": "q?", "reference": "r", "response": "x", "retrieved_contexts": ["c"]},
    "ragas before 0.2": {"question": "q?", "ground_truth": "r", "answer": "x", "contexts": ["c"]},
    "ragas of old": {"question": "q?", "ground_truths": ["r"]},
    "promptfoo variables": {"vars": {"question": "q?", "reference": "r"}},
    "promptfoo, one variable": {"vars": {"topic": "q?"}, "assert": [{"type": "equals", "value": "r"}]},
    "promptfoo assertion": {
        "description": "d",
        "vars": {"query": "q?"},
        "assert": [{"type": "llm-rubric", "value": "is polite"}, {"type": "factuality", "value": "r"}],
    },
    "Bedrock prompts": {"prompt": "q?", "referenceResponse": "r", "category": "c"},
    "Bedrock RAG": {
        "conversationTurns": [
            {"prompt": {"content": [{"text": "q?"}]}, "referenceResponses": [{"content": [{"text": "r"}]}]}
        ]
    },
    "DeepEval": {"input": "q?", "expected_output": "r", "actual_output": "x", "retrieval_context": ["c"]},
    "LangSmith": {"inputs": {"question": "q?"}, "outputs": {"answer": "r"}, "metadata": {"split": "base"}},
    "OpenAI evals": {
        "input": [{"role": "system", "content": "s"}, {"role": "user", "content": "q?"}],
        "ideal": ["r", "other"],
    },
    "SQuAD": {
        "id": "5",
        "title": "t",
        "context": "c",
        "question": "q?",
        "answers": {"text": ["r"], "answer_start": [1]},
    },
    "training pairs": {"question": "q?", "answer": "r"},
    "capitals": {"Question": "q?", "Reference": "r"},
}


@pytest.mark.parametrize("tool", RECORDS)
def test_a_record_of_another_tool_is_a_case(tool: str) -> None:
    read = read_cases([json.dumps(RECORDS[tool]).encode()])
    assert read.problems == ()
    (case,) = read.cases
    assert (case["question"], case["reference"]) == ("q?", "r")
    assert set(case) <= {"id", "question", "reference", "tags", "document"}
    assert read.notes, "what was read otherwise than it is written is told"
    assert read_cases([read.dump()]).cases == read.cases


def test_what_is_not_used_is_named_once_a_file() -> None:
    line = json.dumps({"user_input": "%s?", "response": "x"}).encode()
    read = read_cases([b"\n".join(line.replace(b"%s", str(n).encode()) for n in range(3))])
    assert read.notes == (
        '"user_input" was read as "question" in 3 cases',
        '"response": left out, for an evaluation asks its own models and has no use for them',
    )


def test_a_field_that_is_null_is_a_field_that_is_not_there() -> None:
    assert read_cases([b'{"question": "q?", "reference": null, "document": null}']).problems == ()


def test_a_category_becomes_a_tag() -> None:
    (case,) = read_cases([b'{"prompt": "q?", "category": "billing"}']).cases
    assert case["tags"] == ["billing"]


@pytest.mark.parametrize(
    "record",
    [
        {"conversationTurns": [{"prompt": {"content": [{"text": "a"}]}}, {"prompt": {"content": [{"text": "b"}]}}]},
        {"input": [{"role": role, "content": "a"} for role in ("user", "assistant", "user")]},
        {"vars": {"city": "a", "country": "b"}},
        {"user_input": ["a"], "reference": 3},
        {"vars": None},
        {"prompt": {}},
    ],
)
def test_what_cannot_be_told_is_refused_and_not_guessed(record: dict[str, Any]) -> None:
    assert read_cases([json.dumps(record).encode()]).problems


@pytest.mark.parametrize("value", [5, True, "text", {"type": "equals"}, [3], [{"type": "equals", "value": 1}]])
def test_an_odd_assertion_is_left_out(value: Any) -> None:
    (case,) = read_cases([json.dumps({"question": "q?", "assert": value}).encode()]).cases
    assert "reference" not in case


def test_a_file_of_the_own_shape_has_nothing_to_tell() -> None:
    assert read_cases([b'{"id": "a", "question": "q?", "reference": "r", "tags": ["t"]}']).notes == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read(delimiter: str) -> None:
    rows = [["Question", "reference", "tags"], ['"How far, and\nhow long?"', "r", '"a;b"'], ["Why?", "", ""]]
    content = "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows)
    read = read_cases([content.encode()], table=True)
    assert read.problems == ()
    assert read.cases == (
        {"id": "case-0001", "question": "How far, and\nhow long?", "reference": "r", "tags": ["a", "b"]},
        {"id": "case-0002", "question": "Why?"},
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"a,b\n1,2\n", "has no column for the question"),
        (b"question,reference\na,b,c\n", "another number of columns"),
        (b"question,reference\na\n", "another number of columns"),
        (b"question\n\xff\n", "utf-8"),
        (b'question\n"a', "unexpected end"),
        (b"", "has no column for the question"),
    ],
)
def test_a_bad_table_is_refused_in_a_sentence(content: bytes, problem: str) -> None:
    assert problem in read_cases([content], table=True).problems[0]
