"""The JSON schemas of Arbiter's own contract: of the types that it consists of, with what its readers let pass."""

from typing import get_args

from arbiter.answering.asked.history import LONGEST_TURN, MOST_TURNS
from arbiter.answering.request import LONGEST_QUESTION, Limits, Request, Retrieval, Search
from arbiter.edge.formats.shapes import Schema, nullable, number, one_of, schema_of, words
from arbiter.modes import AUTO, Mode


def retrieval() -> Schema:
    """The options of a retrieval."""
    return _with(
        schema_of(Retrieval),
        results=number(1, 100).schema,
        search=one_of(get_args(Search)).schema,
        minimum_score={"type": "number", "minimum": 0, "maximum": 1},
    )


def limits() -> Schema:
    """The most that an answer may take."""
    cost: Schema = {"type": "number", "exclusiveMinimum": 0, "maximum": 1_000}
    return _with(
        schema_of(Limits),
        max_output_tokens=number(1, 64_000).schema,
        max_latency_ms=nullable(number(1, 900_000)).schema,
        max_cost_usd={"anyOf": [cost, {"type": "null"}]},
    )


def request(**more: Schema) -> Schema:
    """A question, and how it is to be answered; with more fields beside it."""
    schema = schema_of(Request)
    parts = schema["properties"]
    turn = _with(parts["history"]["items"], text=words(LONGEST_TURN).schema)
    return _with(
        schema,
        question=words(LONGEST_QUESTION).schema,
        # None in the parsed request, a word in its JSON.
        mode=one_of((AUTO, *Mode)).schema,
        history={"type": "array", "items": turn, "maxItems": MOST_TURNS},
        system=nullable(words(LONGEST_QUESTION)).schema,
        format={**parts["format"], "required": ["type"]},
        retrieval=retrieval(),
        limits=limits(),
        **more,
    )


def _with(schema: Schema, **properties: Schema) -> Schema:
    return {**schema, "properties": {**schema["properties"], **properties}}
