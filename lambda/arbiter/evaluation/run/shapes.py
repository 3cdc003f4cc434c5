"""Evaluation questions in the shapes of other tools, read as cases.

| tool | question | reference |
|---|---|---|
| ragas (EvaluationDataset) | `user_input` | `reference` |
| ragas before 0.2 | `question` | `ground_truth`, `ground_truths` |
| promptfoo (tests) | `vars`, also in the places of a `prompt` | `vars`, `__expected1`, or a stating `assert` |
| Bedrock (prompt datasets) | `prompt` | `referenceResponse` |
| Bedrock (RAG datasets) | `conversationTurns[].prompt` | `conversationTurns[].referenceResponses` |
| Bedrock (RAG results), fmeval | `inputRecord` of a turn; `model_input` | the same; `target_output` |
| DeepEval, LangSmith (exports) | `input`, `inputs` | `expected_output`, `outputs` |
| Langfuse, Braintrust, MLflow | `input`, `inputs` | `expected_output`, `expected`, `expectations`, `expected_facts` |
| Vertex AI | `prompt`, `contents`, `input_text`, `messages` | `reference`, the model's turn, `output_text` |
| OpenAI evals | `input` (messages), the fields of `item` | `ideal`, `correct_answer` |
| chats to train on (OpenAI, Bedrock, ShareGPT) | the user's turn of `messages`, `conversations` | the turn after it |
| Alpaca, Dolly | `instruction` with its `input` | `output`, `response` |
| SQuAD, BEIR, TriviaQA | `question`, `text` | `answers`, `answer.value` |

Names are compared without case, spaces and punctuation: `expectedOutput` is `expected_output`. In a record of such a
shape other fields are left out; in one of Arbiter's own they are named, for they may be misspelt.

Sources: docs.ragas.io (evaluation schema), promptfoo.dev/docs/configuration/test-cases, Amazon Bedrock User Guide
(model-evaluation-prompt-datasets-custom, knowledge-base-evaluation-prompt), deepeval.com/docs,
docs.langchain.com/langsmith, the README of openai/evals, the SQuAD data card.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from itertools import filterfalse
from typing import Any

from arbiter.evaluation.run.field_names import OTHERS, OWN, QUESTION_RANKS, REFERENCE_RANKS, UNUSED, WRAPPERS, plain
from arbiter.evaluation.run.field_values import filled, is_check, question_of, reference_of, stated_in


@dataclass(frozen=True)
class Reading:
    """A case, and the fields of the record that were renamed or left out on the way."""

    case: dict[str, Any]
    renamed: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()


def as_case(record: Mapping[str, Any]) -> Reading:
    """Read one record; what is neither known here nor to a case stays, for the check of cases to name."""
    record = _unwrapped(record)
    if prompt := filled(record.get("prompt"), record.get("vars")):
        record = {**record, "prompt": prompt}
    known = {key: plain(key) for key in record}
    questions = _by_rank(known, QUESTION_RANKS)
    ranked = _by_rank(known, REFERENCE_RANKS)
    references = list(filterfalse(partial(is_check, record), ranked))
    if not references and questions and known[questions[0]] == "instruction":
        references = [key for key in known if known[key] == "response"]  # Dolly's answer, where ragas has a model's.
    foreign = any(key.strip().lower() not in OWN for key in (*questions[:1], *references[:1]))
    case: dict[str, Any] = {}
    renamed, gone = [], []
    for key, value in record.items():
        name = OTHERS.get(known[key], known[key] if known[key] in OWN else key)
        if key in questions[:1]:
            name, value = "question", question_of(value)
        elif key in references[:1]:
            name, value = "reference", reference_of(key, value)
        elif (
            known[key] in UNUSED
            or key in (*questions, *ranked)
            or (foreign and not _may_be_own(known[key], known.values()))
        ):
            gone.append(key)
            continue
        case[name] = [value] if name == "tags" and isinstance(value, str) else value
        if name != key and value is not None:
            renamed.append((key, name))
    if questions and known[questions[0]] == "instruction" and isinstance(more := record.get("input"), str) and more:
        case["question"] = f"{case['question']}\n\n{more}"
        gone.remove("input")
    if "reference" not in case and (stated := stated_in(record)) is not None:
        case["reference"] = stated
        renamed.append((questions[0] if questions else "assert", "reference"))
    return Reading({k: v for k, v in case.items() if v is not None}, tuple(renamed), tuple(gone))


def _by_rank(known: Mapping[str, str], ranks: Mapping[str, int]) -> list[str]:
    return sorted((key for key in known if known[key] in ranks), key=lambda key: ranks[known[key]])


def _unwrapped(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record itself, without an object or a single turn around it."""
    turns = record.get("conversationTurns")
    if isinstance(turns, list) and len(turns) == 1 and isinstance(turns[0], dict):
        return {**{key: value for key, value in record.items() if key != "conversationTurns"}, **_turn(turns[0])}
    wrapper = next((name for name in WRAPPERS if isinstance(record.get(name), dict)), None)
    return {**{k: v for k, v in record.items() if k != wrapper}, **record[wrapper]} if wrapper else record


def _turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    turn = turn["inputRecord"] if isinstance(turn.get("inputRecord"), dict) else turn
    answers = turn.get("referenceResponses")
    first = answers[0] if isinstance(answers, list) and answers else None
    return {"prompt": turn.get("prompt"), **({"referenceResponse": first} if first is not None else {})}


def _may_be_own(name: str, beside: Collection[str]) -> bool:
    """Whether a name is a case's, or may be a misspelt one that the record does not have."""
    return name in (*OTHERS, *OWN) or bool(get_close_matches(name, set(OWN).difference(beside), n=1, cutoff=0.75))


class Shapes:
    """Counts what was read from the shapes of other tools, to be told once a file."""

    def __init__(self) -> None:
        self._renamed: dict[tuple[str, str], int] = {}
        self._left_out: dict[str, int] = {}
        self._holders: dict[str, None] = {}

    def found_in(self, name: str) -> None:
        """Note the field of an object that holds records."""
        self._holders[name] = None

    def read(self, record: dict[str, Any]) -> dict[str, Any]:
        """The case that a record is."""
        reading = as_case(record)
        for pair in reading.renamed:
            self._renamed[pair] = self._renamed.get(pair, 0) + 1
        for name in reading.left_out:
            self._left_out[name] = self._left_out.get(name, 0) + 1
        return reading.case

    def notes(self) -> Iterator[str]:
        """A sentence on each field that was renamed, and one on those that were left out."""
        for name in self._holders:
            yield f'the cases were taken from "{name}"'
        for (old, new), count in self._renamed.items():
            yield f'"{old}" was read as "{new}" in {count:,} case{"s"[: count != 1]}'
        if self._left_out:
            names = ", ".join(f'"{name}"' for name in self._left_out)
            yield f"{names}: left out, for an evaluation asks its own models and has no use for them"
