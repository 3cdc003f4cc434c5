"""The OpenAPI document of the API, and the outlines of bodies that API Gateway checks before any function runs."""

import json
import sys
from typing import Any

from arbiter.edge.formats.format import OWN
from arbiter.edge.formats.shapes import Schema
from arbiter.edge.routes import ROUTES, Route

DRAFT = "http://json-schema.org/draft-04/schema#"
"""The JSON schema that API Gateway knows."""
STATUSES = {
    "400": "The request is not valid: every problem is named",
    "401": "The caller has not shown who it is",
    "403": "The caller may not ask for that",
    "404": "There is no such model or path, or no such answer of the caller's",
    "409": "The documents hold nothing for the question",
    "413": "The request is too long",
    "429": "Too many requests, or the budget of the day is used up: `retry-after` says when to come again",
    "500": "A defect, whose details are in the log",
    "502": "The model failed",
    "503": "A part is not available",
    "504": "The time of the request is over",
}


def document(title: str = "Arbiter") -> dict[str, Any]:
    """The document, by OpenAPI 3.1."""
    paths: dict[str, Any] = {}
    for (verb, path), route in ROUTES.items():
        paths.setdefault(path, {})[verb.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Error": _error(own=True), "OpenAIError": _error(own=False)}},
    }


def outline(body: Schema) -> Schema:
    """The part of a body's schema that is checked at the gate: an object with what is required, each of its type.

    Everything else is refused by the function, which names every problem in a sentence; the gate can name none.
    """
    required = body.get("required", [])
    known = {name: body["properties"][name] for name in required}
    typed = {name: {"type": shape["type"]} for name, shape in known.items() if "type" in shape}
    return {"$schema": DRAFT, "type": "object", "required": required, "properties": typed}


def _operation(route: Route) -> dict[str, Any]:
    name = "Error" if route.format in (None, OWN) else "OpenAIError"
    refused = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    answered: dict[str, Any] = {
        "description": "The answer" if route.format else "Done",
        "content": {"application/json": {}, **({"text/event-stream": {}} if route.streams else {})},
    }
    operation: dict[str, Any] = {
        "summary": route.summary,
        "responses": {
            "200": answered,
            **{status: {"description": why, "content": refused} for status, why in STATUSES.items()},
        },
    }
    if route.body is not None:
        content = {"application/json": {"schema": route.body}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _error(*, own: bool) -> Schema:
    needed = ("code", "message", "retryable", "request_id") if own else ("code", "message", "type", "param")
    inner = {"type": "object", "required": list(needed)}
    return {"type": "object", "required": ["error"], "properties": {"error": inner}}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), indent=2) + "\n")
