"""Evaluation questions in the shapes of other tools, read as cases.

| tool | question | reference |
|---|---|---|
| ragas (EvaluationDataset) | `user_input` | `reference` |
| ragas before 0.2 | `question` | `ground_truth`, `ground_truths` |
| promptfoo (tests) | `vars` | `vars`, else `assert` of a type that states the answer |
| Bedrock (prompt datasets) | `prompt` | `referenceResponse` |
| Bedrock (RAG datasets) | `conversationTurns[].prompt` | `conversationTurns[].referenceResponses` |
| DeepEval, LangSmith (exports) | `input`, `inputs` | `expected_output`, `outputs` |
| OpenAI evals | `input` (messages) | `ideal` |
| SQuAD | `question` | `answers` |

Sources: docs.ragas.io (evaluation schema), promptfoo.dev/docs/configuration/test-cases, Amazon Bedrock User Guide
(model-evaluation-prompt-datasets-custom, knowledge-base-evaluation-prompt), deepeval.com/docs,
docs.langchain.com/langsmith, the README of openai/evals, the SQuAD data card.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

QUESTIONS = ("question", "user_input", "prompt", "query", "input", "inputs", "vars", "q", "inputtext")
REFERENCES = (
    "reference", "ground_truth", "ground_truths", "referenceresponse", "reference_answer", "expected_output",
    "expected_answer", "expected", "ideal", "answers", "outputs", "answer", "completion", "output", "a",
)  # fmt: skip
"""Other tools' names of an answer that is known to be right, the surest first."""
OTHERS = {"category": "tags", "tag": "tags", "source": "document"}
LEFT_OUT = frozenset({
    "response", "retrieved_contexts", "reference_contexts", "contexts", "context", "rubrics", "actual_output", "title",
    "retrieval_context", "metadata", "assert", "description", "options", "threshold", "modelresponses", "persona_name",
    "query_style", "query_length", "synthesizer_name", "outputtext", "multi_responses",
})  # fmt: skip
"""Fields of other tools that an evaluation has no use for: answers of a model, passages, settings of a test."""
STATING = ("factuality", "equals", "similar", "answer-relevance", "icontains", "contains", "model-graded-closedqa")
"""Assertions of promptfoo whose value is the answer, or part of it."""
COLUMNS = "a column named question"


@dataclass(frozen=True)
class Reading:
    """A case, and the fields of the record that were renamed or left out on the way."""

    case: dict[str, Any]
    renamed: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()


def as_case(record: Mapping[str, Any]) -> Reading:
    """Read one record; what is neither known here nor to a case stays, for the check of cases to name."""
    turns = record.get("conversationTurns")
    if isinstance(turns, list) and len(turns) == 1 and isinstance(turns[0], dict):
        record = {**{key: value for key, value in record.items() if key != "conversationTurns"}, **_turn(turns[0])}
    known = {key: key.strip().lower() for key in record}
    questions = sorted((key for key in known if known[key] in QUESTIONS), key=lambda key: QUESTIONS.index(known[key]))
    references = sorted((k for k in known if known[k] in REFERENCES), key=lambda key: REFERENCES.index(known[key]))
    case: dict[str, Any] = {}
    renamed = []
    reference = references[0] if references else None
    for key, value in record.items():
        if questions and key == questions[0]:
            name, value = "question", _question(value)
        elif key == reference:
            name, value = "reference", _text(value)
        elif known[key] in LEFT_OUT or key in questions or key in references:
            continue
        else:
            name = OTHERS.get(known[key], key)
            value = [value] if name == "tags" and isinstance(value, str) else value
        case[name] = value
        if name != key:
            renamed.append((key, name))
    if "reference" not in case and (stated := _stated(record)) is not None:
        case["reference"] = stated
        renamed.append(("vars or assert", "reference"))
    gone = (key for key in record if known[key] in LEFT_OUT or key in (*questions[1:], *references[1:]))
    return Reading({k: v for k, v in case.items() if v is not None}, tuple(renamed), tuple(gone))


def _turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    answers = turn.get("referenceResponses")
    first = answers[0] if isinstance(answers, list) and answers else None
    return {"prompt": turn.get("prompt"), **({"referenceResponse": first} if first is not None else {})}


def _question(value: Any) -> Any:
    """The question in a text, in the variables of a test, or in the last message of a user."""
    if isinstance(value, dict) and "content" not in value:
        names = {key.strip().lower(): key for key in value}
        name = next((names[known] for known in QUESTIONS if known in names), None)
        others = [key for key, low in names.items() if key not in REFERENCES and low not in LEFT_OUT]
        return value[name] if name else value[others[0]] if len(others) == 1 and others[0] in value else value
    if isinstance(value, list) and value and isinstance(value[-1], dict) and value[-1].get("role") == "user":
        users = [message for message in value if isinstance(message, dict) and message.get("role") == "user"]
        return _text(value[-1]) if len(users) == 1 else value
    return _text(value)


def _text(value: Any) -> Any:
    """A text, however it is wrapped; anything else as it is."""
    if isinstance(value, list) and len(value) >= 1 and all(isinstance(item, str) for item in value):
        return value[0]
    if isinstance(value, dict):
        for name in ("content", "text", *REFERENCES):
            if name in value:
                return _text(value[name])
    if isinstance(value, list) and len(value) == 1:
        return _text(value[0])
    return value


def _stated(record: Mapping[str, Any]) -> str | None:
    """The right answer among the variables or the assertions of a promptfoo test."""
    variables = record.get("vars")
    if isinstance(variables, dict):
        for key, value in variables.items():
            if key.strip().lower() in REFERENCES and isinstance(value, str):
                return value
    assertions = record.get("assert")
    checks = [check for check in (assertions if isinstance(assertions, list) else ()) if isinstance(check, dict)]
    stating = [check for kind in STATING for check in checks if check.get("type") == kind]
    return next((check["value"] for check in stating if isinstance(check.get("value"), str)), None)


def table_rows(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The rows of a CSV file as lines of JSON, empty cells left out; tags are separated by semicolons.

    Raises:
        ValueError: saying why it is no table.
    """
    text = b"".join(chunks).decode("utf-8-sig")
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    if not any(name.strip().lower() in QUESTIONS for name in reader.fieldnames or ()):
        raise ValueError(f"the table has no column for the question: give it {COLUMNS}, and one named reference")
    for row in reader:
        if None in row or None in row.values():
            raise ValueError(f"line {reader.line_num} has another number of columns than the header: quote its commas")
        cells = {name.strip(): cell for name, cell in row.items() if cell.strip()}
        tags = {name: [tag.strip() for tag in cells[name].split(";")] for name in cells if name.lower() == "tags"}
        if cells:
            yield json.dumps({**cells, **tags}).encode() + b"\n"
