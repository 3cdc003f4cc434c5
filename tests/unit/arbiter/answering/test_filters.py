"""A filter that Bedrock would refuse is refused first, at the path where it is wrong."""

from typing import Any

import pytest

from arbiter.answering.asked.filters import _OF_TEXTS, _OPERATORS, read_filter, text_operators
from arbiter.answering.request import Features, parse_request
from arbiter.errors import InvalidRequest, Problem
from local.emulator.knowledge.vectors.filters import translate

EQUALS = {"equals": {"key": "team", "value": "desk"}}


def problem_paths(value: object) -> list[str]:
    problems: list[Problem] = []
    read = read_filter(value, "filter", problems)
    assert (read is None) == bool(problems)
    return [problem.path for problem in problems]


@pytest.mark.parametrize(
    "value",
    [
        EQUALS,
        {"notEquals": {"key": "year", "value": 2026}},
        {"equals": {"key": "public", "value": False}},
        {"greaterThan": {"key": "year", "value": 2025.5}},
        {"in": {"key": "team", "value": ["desk", "depot"]}},
        {"listContains": {"key": "tags", "value": "tent"}},
        {"andAll": [EQUALS, EQUALS]},
        {"orAll": [EQUALS, {"andAll": [EQUALS, EQUALS]}]},
        {"equals": {"key": "name", "value": "'; DROP TABLE documents; --"}},
    ],
)
def test_what_bedrock_takes_is_taken(value: dict[str, Any]) -> None:
    assert problem_paths(value) == []


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (None, "filter"),
        ([EQUALS], "filter"),
        ({}, "filter"),
        (EQUALS | {"notEquals": {"key": "a", "value": 1}}, "filter"),
        ({"like": {"key": "a", "value": "b"}}, "filter"),
        ({"equals": {"key": "a"}}, "filter.equals"),
        ({"equals": {"key": "a", "value": 1, "case": False}}, "filter.equals"),
        ({"equals": "a=b"}, "filter.equals"),
        ({"equals": {"key": "", "value": 1}}, "filter.equals.key"),
        ({"equals": {"key": "k" * 101, "value": 1}}, "filter.equals.key"),
        ({"equals": {"key": 7, "value": 1}}, "filter.equals.key"),
        ({"equals": {"key": "a", "value": None}}, "filter.equals.value"),
        ({"equals": {"key": "a", "value": {"b": 1}}}, "filter.equals.value"),
        ({"greaterThan": {"key": "a", "value": "1"}}, "filter.greaterThan.value"),
        ({"lessThan": {"key": "a", "value": True}}, "filter.lessThan.value"),
        ({"lessThan": {"key": "a", "value": float("nan")}}, "filter.lessThan.value"),
        ({"in": {"key": "a", "value": []}}, "filter.in.value"),
        ({"in": {"key": "a", "value": "b"}}, "filter.in.value"),
        ({"in": {"key": "a", "value": ["b"] * 10_000}}, "filter.in.value"),
        ({"notIn": {"key": "a", "value": ["b", None]}}, "filter.notIn.value[1]"),
        ({"listContains": {"key": "a", "value": 1}}, "filter.listContains.value"),
        ({"startsWith": {"key": "a", "value": 7}}, "filter.startsWith.value"),
        ({"andAll": []}, "filter.andAll"),
        ({"orAll": [EQUALS]}, "filter.orAll"),
        ({"andAll": [EQUALS] * 6}, "filter.andAll"),
        ({"andAll": [EQUALS, {"equals": 1}]}, "filter.andAll[1].equals"),
        ({"andAll": [EQUALS, {"orAll": [EQUALS, {"andAll": [EQUALS, EQUALS]}]}]}, "filter.andAll[1].orAll[1].andAll"),
    ],
)
def test_what_bedrock_refuses_is_named(value: object, path: str) -> None:
    assert problem_paths(value) == [path]


@pytest.mark.parametrize(
    "condition",
    [
        {"startsWith": {"key": "a", "value": "b"}},
        {"andAll": [EQUALS, {"orAll": [EQUALS, {"stringContains": {"key": "a", "value": "b"}}]}]},
    ],
)
def test_parts_of_texts_are_compared_where_the_store_can(condition: dict[str, Any]) -> None:
    asked = {"question": "Why?", "retrieval": {"filter": condition}}
    assert parse_request(asked, Features(text_filters=True)).retrieval.filter == condition
    with pytest.raises(InvalidRequest, match="which S3 Vectors and managed knowledge bases cannot apply"):
        parse_request(asked, Features())


OPERANDS: tuple[Any, ...] = ("b", 7, ["b"], [EQUALS, EQUALS])


@pytest.mark.parametrize("operator", [name for name in _OPERATORS if name not in _OF_TEXTS])
def test_every_operator_that_is_allowed_can_be_applied_by_the_store(operator: str) -> None:
    filters = [{operator: operand if operator.endswith("All") else {"key": "a", "value": operand}}
               for operand in OPERANDS]  # fmt: skip
    allowed = [value for value in filters if read_filter(value, "filter", []) is not None]

    assert allowed
    for value in allowed:
        assert text_operators(value) == set()
        translate(value)


def test_a_filter_nested_a_thousand_times_is_refused() -> None:
    value: dict[str, Any] = EQUALS
    for _ in range(1000):
        value = {"andAll": [value, EQUALS]}

    assert problem_paths(value) == ["filter.andAll[0].andAll[0].andAll"]


SERVICE, YEAR = {"equals": {"key": "service", "value": "s3"}}, {"greaterThanOrEquals": {"key": "year", "value": 2024}}


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ({"service": "s3"}, SERVICE),
        ({"service": "s3", "year": {">=": 2024}}, {"andAll": [SERVICE, YEAR]}),
        ({"year": {">=": 2024, "<": 2026}}, {"andAll": [YEAR, {"lessThan": {"key": "year", "value": 2026}}]}),
        ({"team": ["desk", "depot"]}, {"in": {"key": "team", "value": ["desk", "depot"]}}),
        ({"tags": {"contains": "tent"}}, {"listContains": {"key": "tags", "value": "tent"}}),
        ({"team": {"not_in": ["desk"]}}, {"notIn": {"key": "team", "value": ["desk"]}}),
        ({"public": False}, {"equals": {"key": "public", "value": False}}),
        ({"public": {"!=": True}}, {"notEquals": {"key": "public", "value": True}}),
        (EQUALS, EQUALS),
    ],
)
def test_the_short_form_says_the_same(short: dict[str, Any], long: dict[str, Any]) -> None:
    problems: list[Problem] = []

    assert read_filter(short, "filter", problems) == long
    assert problems == []


def test_all_problems_of_the_short_form_are_named_at_once() -> None:
    problems: list[Problem] = []
    wrong = {"year": {">=": "new", "~": 1}, "team": [], "k" * 101: "a", "tags": {}, "size": None}

    assert read_filter(wrong, "filter", problems) is None
    assert {problem.path for problem in problems} == {"filter"}
    assert [problem.problem.partition(", which")[0] for problem in problems] == [
        "has 'year'", "has 'year'", "has 'team'", f"has '{'k' * 40}'... (101 characters)", "has 'tags'", "has 'size'",
    ]  # fmt: skip
    assert problem_paths(dict.fromkeys("abcdef", 1)) == ["filter"]
