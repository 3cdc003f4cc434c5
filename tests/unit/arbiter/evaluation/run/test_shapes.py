"""Questions in the shapes of other tools are read, and what was renamed or left out is told once."""

import json
from typing import Any

import pytest

from arbiter.evaluation.run.cases import read_cases

RECORDS: dict[str, dict[str, Any]] = {
    "ragas": {"user_input": "q?", "reference": "r", "response": "x", "retrieved_contexts": ["c"]},
    "ragas before 0.2": {"question": "q?", "ground_truth": "r", "answer": "x", "contexts": ["c"]},
    "ragas of old": {"question": "q?", "ground_truths": ["r"]},
    "ragas, a testset of old": {"question": "q?", "answer": "r", "question_type": "simple", "episode_done": True},
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
    "OpenAI evals, an item": {"item": {"question": "q?", "correct_answer": "r"}},
    "DeepEval, camelCase": {"input": "q?", "expectedOutput": "r", "sourceFile": "a.md", "additionalMetadata": {}},
    "Langfuse": {"input": {"question": "q?"}, "expectedOutput": {"answer": "r"}},
    "MLflow": {"inputs": {"question": "q?"}, "expectations": {"expected_response": "r"}},
    "Databricks": {"request": {"messages": [{"role": "user", "content": "q?"}]}, "expected_response": "r"},
    "chat": {"messages": [{"role": "user", "content": "q?"}, {"role": "assistant", "content": "r"}]},
    "chat of Bedrock": {
        "schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": "s"}],
        "messages": [{"role": "user", "content": [{"text": "q?"}]}, {"role": "assistant", "content": [{"text": "r"}]}],
    },
    "ShareGPT": {"conversations": [{"from": "human", "value": "q?"}, {"from": "gpt", "value": "r"}]},
    "Alpaca": {"instruction": "q?", "input": "", "output": "r"},
    "Dolly": {"instruction": "q?", "context": "c", "response": "x", "reference": "r"},
    "HotpotQA": {"_id": "a", "question": "q?", "answer": "r", "type": "bridge", "supporting_facts": []},
    "TriviaQA": {"question": "q?", "answer": {"value": "r", "aliases": ["R"]}},
    "BEIR": {"_id": "a", "text": "q?", "reference": "r"},
    "HELM": {"input": {"text": "q?"}, "references": [{"output": {"text": "r"}, "tags": ["correct"]}]},
    "AutoRAG": {"query": "q?", "generation_gt": ["r"], "retrieval_gt": [["a"]]},
    "promptfoo, variables in a prompt": {
        "prompt": "{{word}}{{ sign }}",
        "vars": {"word": "q", "sign": "?"},
        "assert": [{"type": "icontains", "value": "r"}],
    },
    "promptfoo, a row of its table": {"question": "q?", "__expected": "similar(0.8): r"},
    "promptfoo, a row with a file": {"question": "q?", "__expected": "contains:file://r.txt", "answer": "r"},
    "promptfoo, a row with a check": {"question": "q?", "__expected1": "not-contains: x", "answer": "r"},
    "MLflow, facts": {"inputs": {"question": "q?"}, "expectations": {"expected_facts": ["r"], "guidelines": ["short"]}},
    "Databricks, facts": {"request": "q?", "expected_facts": ["r"]},
    "Vertex AI, Gemini": {
        "systemInstruction": {"role": "system", "parts": [{"text": "s"}]},
        "contents": [{"role": "user", "parts": [{"text": "q?"}]}, {"role": "model", "parts": [{"text": "r"}]}],
    },
    "Vertex AI, a batch": {"request": {"contents": [{"role": "user", "parts": [{"text": "q?"}]}]}, "reference": "r"},
    "Vertex AI, PaLM": {"input_text": "q?", "output_text": "r"},
    "Vertex AI, PaLM chat": {
        "context": "c",
        "messages": [{"author": "user", "content": "q?"}, {"author": "bot", "content": "r"}],
    },
    "Vertex AI, evaluation": {"prompt": "q?", "reference": "r", "response": "x", "baseline_model_response": "y"},
    "SQuAD": {
        "id": "5",
        "title": "t",
        "context": "c",
        "question": "q?",
        "answers": {"text": ["r"], "answer_start": [1]},
    },
    "Bedrock RAG, results": {
        "conversationTurns": [
            {
                "inputRecord": {
                    "prompt": {"content": [{"text": "q?"}]},
                    "referenceResponses": [{"content": [{"text": "r"}]}],
                },
                "output": {"text": "x"},
            }
        ]
    },
    "fmeval": {"model_input": "q?", "target_output": "r", "model_output": "x"},
    "Haystack": {"query": "q?", "ground_truth_answers": ["r"]},
    "LangSmith, an output of another name": {"inputs": {"question": "q?"}, "outputs": {"generation": "r"}},
    "Dolly, its answer": {"instruction": "q?", "context": "", "response": "r"},
    "promptfoo, a row with two assertions": {
        "question": "q?",
        "__expected1": "contains: r",
        "__expected2": "icontains: R",
        "__metric": "m",
    },
    "pandas, a row": {"index": 0, "Unnamed: 0": 0, "question": "q?", "answer": "r"},
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


@pytest.mark.parametrize(
    "columns",
    [
        {"columns": ["question", "answer"], "index": [0, 1], "data": [["q?", "r"], ["s?", "t"]]},
        {"question": ["q?", "s?"], "answer": ["r", "t"]},
        {"user_input": {"0": "q?", "1": "s?"}, "reference": {"0": "r", "1": "t"}, "contexts": {"0": [], "1": []}},
    ],
)
def test_columns_of_a_data_frame_are_cases(columns: dict[str, Any]) -> None:
    read = read_cases([json.dumps(columns).encode()])
    assert [(case["question"], case["reference"]) for case in read.cases] == [("q?", "r"), ("s?", "t")]
    assert read.notes[0].startswith("the cases were taken from")


def test_facts_are_all_demanded() -> None:
    facts = {"inputs": {"question": "q?"}, "expectations": {"expected_facts": ["a", "b"]}}
    assert read_cases([json.dumps(facts).encode()]).cases[0]["reference"] == "a\nb"


def test_an_instruction_keeps_the_text_that_it_is_about() -> None:
    (case,) = read_cases([b'{"instruction": "Shorten.", "input": "A long text.", "output": "r"}']).cases
    assert case["question"] == "Shorten.\n\nA long text."


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ({"Frage": "q?", "Antwort": "r"}, 'has no question: call its field "question", and that of the right answer'),
        (
            {"vars": {"city": "a", "country": "b"}},
            'several texts where one question is to be ("city", "country"): name',
        ),
        (
            {"input": [{"role": role, "content": "a"} for role in ("user", "assistant", "user")]},
            "holds a conversation with several questions: write each as a case of its own",
        ),
        ({"dialog": [{"question": "q?"}, {"question": "r?"}]}, "has no question"),
        ({"user_input": "q?", "referense": "r"}, 'has the unknown field "referense": call it "reference"'),
    ],
)
def test_a_record_that_is_not_understood_is_told_what_to_do(record: dict[str, Any], problem: str) -> None:
    (told,) = read_cases([json.dumps(record).encode()]).problems
    assert problem in told
    assert "remove it" not in told


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b'{"question": "q?",}\n', "remove the comma before the closing bracket"),
        (b'{"question": "q?", "reference": None}\n', "these are Python's words"),
        ("{\u201cquestion\u201d: \u201cq?\u201d}\n".encode(), "straight double quotes"),
        (b'# of May\n{"question": "q?"}\n', "remove the comment"),
        (b'\x1e{"question": "q?"}\n', "remove the marks between records"),
        (b"- vars:\n", "write YAML as JSON Lines"),
        (b'{"question": "q\0?"}\n', "remove the NUL characters"),
    ],
)
def test_a_file_that_is_no_json_lines_has_one_problem_with_its_own_remedy(content: bytes, remedy: str) -> None:
    (problem,) = read_cases([content]).problems
    assert remedy in problem


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
        {"vars": {"question": ["a", "b"]}},
        {"question": ["a", "b"], "reference": ["c"]},
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


def test_a_list_that_pandas_wrote_into_a_cell_is_one() -> None:
    table = b"index,question,ground_truths,contexts,tags\n0,Why?,\"['r', 'other']\",\"['a', 1]\",\"['t']\"\n"
    (case,) = read_cases([table], table=True).cases
    assert case == {"id": "case-0001", "question": "Why?", "reference": "r", "tags": ["t"]}


@pytest.mark.parametrize("listed", [["it's so"], ["it's so", "so"], ["so 'it' is", "it's"], ["so", "it's"]])
def test_so_is_one_of_texts_with_apostrophes(listed: list[str]) -> None:
    cell = repr(listed).replace('"', '""')
    (case,) = read_cases([f'question,ground_truths\nWhy?,"{cell}"\n'.encode()], table=True).cases
    assert case["reference"] == listed[0]


@pytest.mark.parametrize("above", ["", "\r\n", "sep=;\n\n"])
def test_lines_above_a_header_are_skipped(above: str) -> None:
    read = read_cases([f"\ufeff{above}question;reference\nWhy?;r\nWho?\n".encode()], table=True)
    assert f"line {len(above.splitlines()) + 3} has another number of columns" in read.problems[0]


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
        (b"question\nWhy?\nWie fr\xfch?\n", "line 3 is not UTF-8 text: save the file as UTF-8"),
        ("question\nWhy?\n".encode("utf-16"), "it is UTF-16: convert it with `iconv"),
        (b"PK\x03\x04", 'save it as "CSV UTF-8"'),
        (b"| question | answer |\n|---|---|\n| Why? | r |\n", "a table of Markdown"),
        (b"question,Question\nWhy?,Who?\n", 'names the column "question" twice'),
        (b"Frage;Antwort\nWarum?;r\n", 'it has "Frage", "Antwort"'),
        (b'"question"x,reference\na,b\n', "line 1 is not CSV: ',' expected"),
        (b'question\n"a', "line 2 is not CSV: unexpected end"),
        (b'\nquestion,reference\nWhy?,"So,\nthus."\n"a "b" c",d\n', "line 5 is not CSV"),
        (b"", "has no column for the question"),
    ],
)
def test_a_bad_table_is_refused_in_a_sentence(content: bytes, problem: str) -> None:
    assert problem in read_cases([content], table=True).problems[0]


def test_what_was_not_there_was_read_as_nothing() -> None:
    records = [{"question": "q?", "ground_truth": "r"}, {"question": "s?", "ground_truth": None}]
    read = read_cases([json.dumps(records).encode()])
    assert read.notes == ('"ground_truth" was read as "reference" in 1 case',)
