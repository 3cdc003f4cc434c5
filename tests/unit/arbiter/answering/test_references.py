"""References in a schema are written out, within bounds; what only looks like one is left alone."""

from typing import Any

import pytest

from arbiter.answering.request import parse_request
from arbiter.errors import InvalidRequest
from tests.unit.arbiter.answering.test_request import ALL_OFFERED

NAME = {"type": "string"}


def schema_of(**schema: Any) -> Any:
    asked = {"question": "Who?", "format": {"type": "json", "schema": {"type": "object", **schema}}}
    return parse_request(asked, ALL_OFFERED).format.schema


def test_references_are_written_out_wherever_a_schema_may_stand() -> None:
    inner = {"$ref": "#/$defs/Name"}
    written = schema_of(
        properties={"a": inner, "b": {"type": "array", "items": inner}, "$defs": {"anyOf": [inner]}},
        additionalProperties={**inner, "title": "Other"},
        **{"$defs": {"Name": {"$ref": "#/definitions/Text"}}, "definitions": {"Text": NAME}},
    )

    assert written == {
        "type": "object",
        "properties": {"a": NAME, "b": {"type": "array", "items": NAME}, "$defs": {"anyOf": [NAME]}},
        "additionalProperties": {"type": "string", "title": "Other"},
    }


def test_data_that_looks_like_a_reference_is_data() -> None:
    data = {"$ref": "#/$defs/Name"}

    assert schema_of(**{"properties": {"a": {"const": data}}, "$defs": {"Name": NAME}})["properties"]["a"] == {
        "const": data
    }


DOUBLED = {f"D{n}": {"anyOf": [{"$ref": f"#/$defs/D{n + 1}"}] * 2} for n in range(30)}
CHAIN = {f"D{n}": {"items": {"$ref": f"#/$defs/D{n + 1}"}} for n in range(300)}


@pytest.mark.parametrize(
    ("definitions", "flaw"),
    [
        ({"D0": {"items": {"$ref": "#/$defs/D0"}}}, "inside of it, without an end"),
        ({"D0": {"$ref": "#/$defs/Unknown"}}, "is none of its own"),
        ({"D0": {"$ref": "https://example.com/schema"}}, "is none of its own"),
        ({"D0": {"$ref": "#/$defs/D1", "minLength": 1}, "D1": NAME}, "other rules beside the reference"),
        ({**DOUBLED, "D30": NAME}, "too large with its references"),
        ({**CHAIN, "D300": NAME}, "too large with its references"),
        ({"D0": {"description": "x" * 19_000}}, "has 2"),
        ({"D0": {"pattern": "(a+)+$"}}, "pattern"),
        ({"D0": {"title": "a\0b"}}, "NUL"),
    ],
)
def test_what_cannot_be_written_out_is_refused(definitions: dict[str, Any], flaw: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        schema_of(**{"properties": {"a": {"$ref": "#/$defs/D0"}, "pad": {"title": "y" * 1_200}}, "$defs": definitions})
    assert flaw in str(refused.value)
