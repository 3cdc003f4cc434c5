"""The example content keeps what examples/README.md promises."""

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
DOCUMENTS = EXAMPLES / "documents"
RESERVED = ("system:", "user:", "bot:", "assistant:", "thought:", "[eos]", "<image>", "<video>", "<unk>")
OPENING = "Hello from the Tarnhook desk, and thank you for asking!\n\nIn short: "
CLOSING = re.compile(r"\n\nYour next step: .+ See you on the hill!$")
SAME_QUESTION = 0.75
"""Share of common words from which two questions are the same question."""


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (EXAMPLES / name).read_text(encoding="utf-8").splitlines()]


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def key_terms(reference: str) -> set[str]:
    """The reference's numbers, or where it has none, its names: capitals that do not open the sentence."""
    numbers = set(re.findall(r"\d+(?:[.,:-]\d+)*", reference))
    return numbers or set(re.findall(r"(?<=[a-z] )[A-Z]\w+", reference)) or {max(reference.split(), key=len).strip(".")}


PAIRS = lines("training/pairs.jsonl")
CASES = lines("evaluation/questions.jsonl")
DEMO = lines("demo.jsonl")
PATHS = {path.relative_to(DOCUMENTS).as_posix() for path in DOCUMENTS.rglob("*.md")}


def test_every_document_is_a_page_of_reasonable_length() -> None:
    lengths = {path: len((DOCUMENTS / path).read_text(encoding="utf-8").split()) for path in PATHS}
    assert 18 <= len(PATHS) <= 24
    assert {path: n for path, n in lengths.items() if not 400 <= n <= 900} == {}


def test_every_sidecar_stands_beside_its_document_in_the_short_form() -> None:
    sidecars = list(DOCUMENTS.rglob("*.metadata.json"))
    assert sidecars
    for sidecar in sidecars:
        attributes = json.loads(sidecar.read_text(encoding="utf-8"))
        assert list(attributes) == ["metadataAttributes"]
        assert all(isinstance(value, str) for value in attributes["metadataAttributes"].values())
        assert sidecar.with_name(sidecar.name.removesuffix(".metadata.json")).exists()


def test_every_line_has_exactly_its_fields() -> None:
    assert {frozenset(pair) for pair in PAIRS} == {frozenset({"question", "answer", "document"})}
    assert {frozenset(row) for row in DEMO} == {frozenset({"question", "document"})}
    required = {"id", "question", "reference", "tags"}
    assert {frozenset(case) for case in CASES} == {frozenset(required), frozenset(required | {"document"})}
    assert all(text.strip() for row in PAIRS + CASES for key, text in row.items() if key != "tags")


def test_every_named_document_exists() -> None:
    named = {row["document"] for row in PAIRS + CASES + DEMO if row.get("document")}
    assert named <= PATHS


def test_case_ids_are_unique() -> None:
    assert [i for i, n in Counter(case["id"] for case in CASES).items() if n > 1] == []


def test_only_cases_no_document_answers_go_without_one() -> None:
    without = {case["tags"][0] for case in CASES if "document" not in case}
    assert without == {"out_of_scope", "general"}
    assert not any("document" in case for case in CASES if case["tags"][0] in without)


def test_training_and_evaluation_share_no_document_outside_style() -> None:
    trained = {pair["document"] for pair in PAIRS}
    asked = {case["document"] for case in CASES if "document" in case and "style" not in case["tags"]}
    assert trained & asked == set()
    assert trained & {row["document"] for row in DEMO} == set()


def test_every_document_serves_training_or_evaluation() -> None:
    assert {row["document"] for row in PAIRS + CASES if "document" in row} == PATHS


@pytest.mark.parametrize("word", RESERVED)
def test_no_text_holds_a_word_the_training_job_refuses(word: str) -> None:
    holding = [pair["question"] for pair in PAIRS if word in f"{pair['question']}\n{pair['answer']}".lower()]
    assert holding == []
    assert [path for path in PATHS if word in (DOCUMENTS / path).read_text(encoding="utf-8").lower()] == []


def test_no_question_is_asked_twice() -> None:
    questions = [row["question"] for row in PAIRS + CASES + DEMO]
    same = [
        (a, b)
        for a, b in combinations(questions, 2)
        if len(words(a) & words(b)) >= SAME_QUESTION * len(words(a) | words(b))
    ]
    assert same == []


def test_no_answer_is_given_twice() -> None:
    assert [a for a, n in Counter(pair["answer"] for pair in PAIRS).items() if n > 1] == []


def test_every_answer_to_a_member_has_the_house_style() -> None:
    replies = [pair["answer"] for pair in PAIRS] + [case["reference"] for case in CASES if "style" in case["tags"]]
    assert [reply for reply in replies if not reply.startswith(OPENING)] == []
    assert [reply for reply in replies if not CLOSING.search(reply)] == []
    assert [reply for reply in replies if words(reply) & {"customer", "customers", "rental", "rent"}] == []


def test_there_is_enough_to_train_and_to_measure() -> None:
    tags = Counter(case["tags"][0] for case in CASES)
    assert 80 <= len(PAIRS) <= 120
    assert sum(tags.values()) >= 64
    assert {tag: n for tag, n in tags.items() if n < 6} == {}
    assert set(tags) == {"facts", "procedure", "multi_step", "style", "out_of_scope", "general"}


@pytest.mark.parametrize("case", [case for case in CASES if "facts" in case["tags"]], ids=lambda case: case["id"])
def test_the_document_of_a_fact_holds_it(case: dict[str, Any]) -> None:
    text = (DOCUMENTS / case["document"]).read_text(encoding="utf-8")
    assert {term for term in key_terms(case["reference"]) if term not in text} == set()


@pytest.mark.parametrize("case", [case for case in CASES if "facts" in case["tags"]], ids=lambda case: case["id"])
def test_a_fact_is_not_asked_in_the_words_of_its_document(case: dict[str, Any]) -> None:
    text = (DOCUMENTS / case["document"]).read_text(encoding="utf-8")
    sentences = re.split(r"(?<=[.!?])\s|\n", text)
    assert all(len(words(case["question"]) & words(s)) < len(words(case["question"])) for s in sentences)
