"""Evaluation questions in the shapes of other tools, read as cases.

| tool | question | reference |
|---|---|---|
| ragas (EvaluationDataset) | `user_input` | `reference` |
| ragas before 0.2 | `question` | `ground_truth`, `ground_truths` |
| promptfoo (tests) | `vars` | `vars`, else `assert` of a type that states the answer |
| Bedrock (prompt datasets) | `prompt` | `referenceResponse` |
| Bedrock (RAG datasets) | `conversationTurns[].prompt` | `conversationTurns[].referenceResponses` |
| DeepEval, LangSmith (exports) | `input`, `inputs` | `expected_output`, `outputs` |
| Langfuse, Braintrust, MLflow | `input`, `inputs` | `expected_output`, `expected`, `expectations` |
| OpenAI evals | `input` (messages), the fields of `item` | `ideal`, `correct_answer` |
| chats to train on (OpenAI, Bedrock, ShareGPT) | the user's turn of `messages`, `conversations` | the turn after it |
| Alpaca | `instruction` with its `input` | `output` |
| SQuAD, BEIR, TriviaQA | `question`, `text` | `answers`, `answer.value` |

Names are compared without case, spaces and signs: `expectedOutput` is `expected_output`. In a record of such a shape
other fields are left out; in one of Arbiter's own they are named, for they may be misspelt.

Sources: docs.ragas.io (evaluation schema), promptfoo.dev/docs/configuration/test-cases, Amazon Bedrock User Guide
(model-evaluation-prompt-datasets-custom, knowledge-base-evaluation-prompt), deepeval.com/docs,
docs.langchain.com/langsmith, the README of openai/evals, the SQuAD data card.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

QUESTIONS = (
    "question", "user_input", "instruction", "prompt", "query", "input", "inputs", "request", "messages",
    "conversations", "vars", "q", "inputtext", "text",
)  # fmt: skip
REFERENCES = (
    "reference", "ground_truth", "ground_truths", "referenceresponse", "reference_answer", "expected_output",
    "expected_answer", "expected_response", "expectations", "expected", "ideal", "ground_truth_answer", "best_answer",
    "correct_answer", "correct_answers", "generation_gt", "answers", "references", "outputs", "answer", "completion",
    "output", "a",
)  # fmt: skip
"""Other tools' names of an answer that is known to be right, the surest first."""
OTHERS = {"category": "tags", "tag": "tags", "source": "document"}
OWN = ("id", "question", "reference", "tags", "document")
LEFT_OUT = frozenset({
    "response", "retrieved_contexts", "reference_contexts", "contexts", "context", "rubrics", "actual_output", "title",
    "retrieval_context", "metadata", "assert", "description", "options", "threshold", "modelresponses", "persona_name",
    "query_style", "query_length", "synthesizer_name", "outputtext", "multi_responses",
})  # fmt: skip
"""Fields of other tools that an evaluation has no use for: answers of a model, passages, settings of a test."""
STATING = ("factuality", "equals", "similar", "answer-relevance", "icontains", "contains", "model-graded-closedqa")
"""Assertions of promptfoo whose value is the answer, or part of it."""
WRAPPERS = ("item", "doc", "example")
"""Fields whose object is the record itself."""
COLUMNS = "a column named question"


@dataclass(frozen=True)
class Reading:
    """A case, and the fields of the record that were renamed or left out on the way."""

    case: dict[str, Any]
    renamed: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()


def as_case(record: Mapping[str, Any]) -> Reading:
    """Read one record; what is neither known here nor to a case stays, for the check of cases to name."""
    record = _unwrapped(record)
    known = {key: _plain(key) for key in record}
    questions = sorted((key for key in known if known[key] in _QUESTIONS), key=lambda key: _QUESTIONS[known[key]])
    references = sorted((key for key in known if known[key] in _REFERENCES), key=lambda key: _REFERENCES[known[key]])
    foreign = any(key.strip().lower() not in OWN for key in (*questions[:1], *references[:1]))
    case: dict[str, Any] = {}
    renamed, gone = [], []
    for key, value in record.items():
        name = OTHERS.get(known[key], known[key] if known[key] in OWN else key)
        if key in questions[:1]:
            name, value = "question", _question(value)
        elif key in references[:1]:
            name, value = "reference", _text(value)
        elif known[key] in _LEFT_OUT or key in (*questions, *references) or (foreign and not _may_be_own(known[key])):
            gone.append(key)
            continue
        case[name] = [value] if name == "tags" and isinstance(value, str) else value
        if name != key:
            renamed.append((key, name))
    if questions and known[questions[0]] == "instruction" and isinstance(more := record.get("input"), str) and more:
        case["question"] = f"{case['question']}\n\n{more}"
        gone.remove("input")
    if "reference" not in case and (stated := _stated(record)) is not None:
        case["reference"] = stated
        renamed.append((questions[0] if questions else "assert", "reference"))
    return Reading({k: v for k, v in case.items() if v is not None}, tuple(renamed), tuple(gone))


def _unwrapped(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record itself, without an object or a single turn around it."""
    turns = record.get("conversationTurns")
    if isinstance(turns, list) and len(turns) == 1 and isinstance(turns[0], dict):
        return {**{key: value for key, value in record.items() if key != "conversationTurns"}, **_turn(turns[0])}
    wrapper = next((name for name in WRAPPERS if isinstance(record.get(name), dict)), None)
    return {**{k: v for k, v in record.items() if k != wrapper}, **record[wrapper]} if wrapper else record


def _turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    answers = turn.get("referenceResponses")
    first = answers[0] if isinstance(answers, list) and answers else None
    return {"prompt": turn.get("prompt"), **({"referenceResponse": first} if first is not None else {})}


def _plain(name: str) -> str:
    """A name without case, spaces and signs."""
    return "".join(character for character in name.lower() if character.isalnum())


_QUESTIONS = {_plain(name): rank for rank, name in enumerate(QUESTIONS)}
_REFERENCES = {_plain(name): rank for rank, name in enumerate(REFERENCES)}
_LEFT_OUT = frozenset(map(_plain, LEFT_OUT))


def _may_be_own(name: str) -> bool:
    """Whether a name is a case's, or may be a misspelt one."""
    return name in OTHERS or bool(get_close_matches(name, OWN, n=1, cutoff=0.75))


def _question(value: Any) -> Any:
    """The question in a text, in the variables of a test, or in the only message of a user."""
    if isinstance(value, dict) and "content" not in value:
        names = {_plain(key): key for key in value}
        name = next((names[known] for known in _QUESTIONS if known in names), None)
        others = [key for plain, key in names.items() if plain not in _REFERENCES and plain not in _LEFT_OUT]
        return _question(value[name]) if name else value[others[0]] if len(others) == 1 else value
    if isinstance(value, list) and any(_role(turn) for turn in value):
        users = [turn for turn in value if _role(turn) in ("user", "human")]
        return _text(users[0]) if len(users) == 1 else value
    return _text(value)


def _role(turn: Any) -> str:
    """Who speaks in a message, in the words of whichever tool."""
    speaker = next((turn[key] for key in ("role", "from", "type") if key in turn), "") if isinstance(turn, dict) else ""
    return speaker if isinstance(speaker, str) else ""


def _text(value: Any) -> Any:
    """A text, however it is wrapped; anything else as it is."""
    if isinstance(value, list) and len(value) >= 1 and all(isinstance(item, str) for item in value):
        return value[0]
    if isinstance(value, dict):
        names = {_plain(key): key for key in value}
        for name in ("content", "text", "value", "parts", *_REFERENCES):
            if name in names:
                return _text(value[names[name]])
    if isinstance(value, list) and len(value) == 1:
        return _text(value[0])
    return value


def _stated(record: Mapping[str, Any]) -> str | None:
    """The right answer in a chat, or among the variables or the assertions of a promptfoo test."""
    chat = record.get("messages", record.get("conversations"))
    if isinstance(chat, list) and chat and _role(chat[-1]) in ("assistant", "gpt", "model"):
        answer = _text(chat[-1])
        return answer if isinstance(answer, str) else None
    variables = record.get("vars")
    if isinstance(variables, dict):
        for key, value in variables.items():
            if _plain(key) in _REFERENCES and isinstance(value, str):
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
    if not any(_plain(name) in _QUESTIONS for name in reader.fieldnames or ()):
        raise ValueError(f"the table has no column for the question: give it {COLUMNS}, and one named reference")
    for row in reader:
        if None in row or None in row.values():
            raise ValueError(f"line {reader.line_num} has another number of columns than the header: quote its commas")
        cells = {name.strip(): cell for name, cell in row.items() if cell.strip()}
        tags = {name: [tag.strip() for tag in cells[name].split(";")] for name in cells if name.lower() == "tags"}
        if cells:
            yield json.dumps({**cells, **tags}).encode() + b"\n"
