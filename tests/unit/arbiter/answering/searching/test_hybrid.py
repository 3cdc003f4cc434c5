"""What each search is asked for, and what becomes of what both find."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arbiter.answering.prompts import Passage
from arbiter.answering.searching.grammar import store_filter
from arbiter.answering.searching.hybrid import LONGEST_TEXT, combined, query_text, whole_text
from local.emulator.knowledge.vectors.filters import translate

MEANT, BOTH = Passage("About pumps.", "s3://a", 0.6), Passage("The pump shows E-5032.", "s3://b", 0.4)
TOLD, COMMON = Passage("See E-5032 in the list.", "s3://c", None), Passage("A pump is a machine.", "s3://d", None)


def test_names_are_searched_for_in_parts_too() -> None:
    assert query_text("How does GroundTruth call CreateLabelingJob on ml.m5.xlarge?") == (
        "How does GroundTruth call CreateLabelingJob on ml.m5.xlarge Ground Truth Create Labeling Job ml xlarge"
    )
    assert query_text("Wie hoch ist die Gebühr?") == "Wie hoch ist die Gebühr"


def test_a_long_question_keeps_its_names() -> None:
    filler = " ".join(f"word{letter}" * 3 for letter in "abcdefghijklmnopqrstuvwxyz") * 9

    text = query_text(f"{filler} What does ERR_5032 mean?")

    assert len(text) <= LONGEST_TEXT
    assert "ERR_5032" in text.split()


@given(st.text(max_size=3_000))
def test_every_question_makes_a_text_that_is_taken(question: str) -> None:
    assert len(query_text(question)) <= LONGEST_TEXT


def test_both_searches_make_one_ranking() -> None:
    told = [TOLD, BOTH._replace(score=None)]

    assert combined([MEANT, BOTH], told, "What is E-5032?", 0.0) == [BOTH, MEANT, TOLD]


def test_a_small_chunk_that_words_find_is_the_large_one_around_it() -> None:
    large = Passage(f"Before. {TOLD.text} After.", TOLD.uri, 0.5)

    assert combined([large], [TOLD, COMMON], "What is E-5032?", 0.0) == [large, COMMON]


@pytest.mark.parametrize("name", ["parentText", "parent"])
def test_the_large_chunk_is_recognised_by_the_small_one_in_it(name: str) -> None:
    large = f"Before.\n{TOLD.text} After."
    beside = json.dumps({"source": {"sourceLocation": TOLD.uri}, "levels": [{name: large}], "text": "{no JSON"})

    assert whole_text(TOLD.text, beside) == large
    assert whole_text(COMMON.text, beside) == COMMON.text
    assert whole_text(TOLD.text, json.dumps({name: None})) == whole_text(TOLD.text, None) == TOLD.text


@pytest.mark.parametrize("text", ["2024", "Returns", "c1"])
def test_no_address_or_id_is_taken_for_the_text_around_a_short_chunk(text: str) -> None:
    beside = {"source": "s3://bucket/Our Returns 2024.md", "id": "c1-17", "title": "2024 Returns.md".replace(" ", "-")}

    assert whole_text(text, json.dumps(beside)) == text


def test_a_least_score_leaves_of_what_words_alone_find_the_names_that_are_asked_for() -> None:
    found = [TOLD, COMMON]

    assert combined([], found, "What is E-5032 of a pump?", 0.0) == [TOLD, COMMON]
    assert combined([], found, "What is E-5032 of a pump?", 0.3) == [TOLD]
    assert combined([], found, "What is a pump?", 0.3) == []


def test_a_name_stays_that_a_search_by_meaning_returns_below_the_least_score() -> None:
    found = [BOTH._replace(score=None), COMMON]

    assert combined([MEANT, BOTH], found, "What is E-5032?", 0.5) == [MEANT, found[0]]
    assert combined([MEANT, BOTH], found, "What is E-5032?", 0.4) == [BOTH, MEANT]
    assert combined([MEANT, BOTH], found, "What is a pump?", 0.5) == [MEANT]


@pytest.mark.parametrize(
    "condition",
    [
        *[{name: {"key": "year", "value": 2024}} for name in (
            "equals", "notEquals", "greaterThan", "greaterThanOrEquals", "lessThan", "lessThanOrEquals")],
        {"in": {"key": "team", "value": ["a", "b"]}},
        {"notIn": {"key": "team", "value": ["a"]}},
        {"listContains": {"key": "tags", "value": "wet"}},
        {"andAll": [{"equals": {"key": "a", "value": True}},
                    {"orAll": [{"equals": {"key": "b", "value": 1}}, {"lessThan": {"key": "c", "value": 2}}]}]},
    ],
)  # fmt: skip
def test_a_filter_means_the_same_to_both_searches(condition: dict[str, Any]) -> None:
    assert store_filter(condition) == translate(condition)
