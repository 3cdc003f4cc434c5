"""A schema is checked by the keywords that answers are checked by; an answer that breaks one is told where."""

from typing import Any

import pytest

from arbiter.answering.asked.schema import check_schema, flaws
from arbiter.errors import Problem

OFFER: dict[str, Any] = {
    "type": "object",
    "title": "Offer",
    "properties": {
        "product": {"type": "string", "minLength": 1, "maxLength": 20},
        "price": {"type": ["number", "null"], "exclusiveMinimum": 0},
        "days": {"type": "integer", "minimum": 1, "maximum": 365},
        "unit": {"enum": ["day", "week", 1]},
        "kept": {"const": True},
        "colours": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2},
        "contact": {"anyOf": [{"type": "null"}, {"type": "object", "required": ["mail"]}]},
    },
    "required": ["product", "price"],
    "additionalProperties": False,
}
GOOD = {"product": "Tent", "price": None}


def problems(schema: Any) -> list[str]:
    found: list[Problem] = []
    check_schema(schema, "schema", found)
    return [problem.path for problem in found]


def test_a_schema_of_the_known_keywords_is_taken() -> None:
    assert problems(OFFER) == []
    assert problems({"type": "object", "additionalProperties": {"type": "string"}, "description": "Any."}) == []


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"pattern": "(a+)+$"}, "schema"),
        ({"properties": {"a": {"$ref": "#/$defs/b"}}}, "schema.properties.a"),
        ({"properties": []}, "schema.properties"),
        ({"properties": {"a": True}}, "schema.properties.a"),
        ({"type": "text"}, "schema.type"),
        ({"type": ["string", 1]}, "schema.type[1]"),
        ({"items": {"anyOf": []}}, "schema.items.anyOf"),
        ({"anyOf": [{"format": "binary"}]}, "schema.anyOf[0].format"),
        ({"minItems": -1}, "schema.minItems"),
        ({"maximum": True}, "schema.maximum"),
        ({"enum": []}, "schema.enum"),
        ({"required": [""]}, "schema.required[0]"),
        ({"additionalProperties": {"type": "x"}}, "schema.additionalProperties.type"),
        ({"items": {"minLength": 2, "maxLength": 1}}, "schema.items"),
        ({"minimum": 2.5, "maximum": 1}, "schema"),
        ({"required": ["a"], "properties": {"b": {}}, "additionalProperties": False}, "schema"),
    ],
)
def test_a_rule_that_answers_are_not_checked_by_is_refused(schema: dict[str, Any], path: str) -> None:
    assert problems(schema) == [path]


def test_an_answer_that_fits_has_no_flaw() -> None:
    whole = {"days": 7.0, "unit": 1, "kept": True, "colours": ["red"], "contact": {"mail": "a@b.example"}}
    assert list(flaws({**GOOD, **whole}, OFFER)) == []


@pytest.mark.parametrize(
    ("changed", "flaw"),
    [
        ({"product": ""}, "answer.product has fewer characters than 1"),
        ({"product": "T" * 21}, "answer.product has more characters than 20"),
        ({"price": 0}, "answer.price is not above 0"),
        ({"price": True}, "answer.price is true, where number or null is due"),
        ({"days": 1.5}, "answer.days is 1.5, where integer is due"),
        ({"days": 366}, "answer.days is above 365"),
        ({"days": 10**400}, "answer.days is above 365"),
        ({"unit": True}, "answer.unit is true, which is none of 'day', 'week', 1"),
        ({"kept": 1}, "answer.kept is 1, which is none of true"),
        ({"colours": ["red", 2]}, "answer.colours[1] is 2, where string is due"),
        ({"colours": []}, "answer.colours has fewer items than 1"),
        ({"contact": {}}, "answer.contact fits none of the schemas of anyOf"),
        ({"discount": 5}, "answer has the member 'discount', which the schema does not allow"),
    ],
)
def test_a_flaw_names_its_place(changed: dict[str, Any], flaw: str) -> None:
    assert list(flaws({**GOOD, **changed}, OFFER)) == [flaw]


def test_every_flaw_is_named() -> None:
    assert sorted(flaws({"days": 0, "x": 1}, OFFER)) == [
        "answer has the member 'x', which the schema does not allow",
        "answer.days is below 1",
        "answer.price is missing",
        "answer.product is missing",
    ]
    assert list(flaws({"a": 1}, {"additionalProperties": {"type": "string"}})) == ["answer.a is 1, where string is due"]
