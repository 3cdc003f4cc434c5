"""The parts that both of OpenAI's formats have: models, messages, answers in JSON, citations, errors."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from arbiter.answering.prompts import Passage
from arbiter.answering.request import Preference, Prompting
from arbiter.edge.formats import contract
from arbiter.edge.formats.shapes import (
    Shape,
    nullable,
    only,
    or_blank,
    passed,
    record,
    schema_of,
    switch,
    texts_by_name,
    words,
)
from arbiter.errors import ArbiterError, InvalidRequest, Problem, Throttled, TooLarge
from arbiter.fields import shown
from arbiter.modes import AUTO, Mode


def model_of(mode: Mode) -> str:
    """A mode as these formats name models."""
    return mode.value.replace("_", "-")


MODELS: Mapping[str, str] = {AUTO: AUTO, **{model_of(mode): mode.value for mode in Mode}}
"""The names under which modes are asked for as models."""
MOST_STOPS, LONGEST_STOP = 4, 200
EXTENSION = "arbiter"
"""The one field that these formats do not have, in requests and responses."""
NO_TOOLS = "the router calls no tools"
UNSAMPLED = "answers are not sampled, so that modes can be compared"
SAID_ELSEWHERE = "say it in the instructions"
NOTHING_KEPT = "nothing is kept between requests"
REASONS = "whether a model reasons is the deployment's choice"
CACHED = "what is cached is the deployment's choice"


class UnknownModel(InvalidRequest):
    """A model that is none of the modes."""

    code = "model_not_found"
    status = 404


extension = nullable(
    record(
        {
            "prompting": passed(schema_of(Prompting)),
            "retrieval": passed(contract.retrieval()),
            "limits": passed(contract.limits()),
            "prefer": passed(schema_of(Preference)),
            "degrade": passed({"type": "boolean"}),
        }
    )
)
"""Options of the router that OpenAI's formats have no place for; the router's own reader checks them."""
model = Shape(lambda value, path, problems: value, {"type": "string", "enum": list(MODELS)})
COMMON: Mapping[str, Shape] = {
    "model": model,
    EXTENSION: extension,
    "stream": nullable(switch),
    # 1 is OpenAI's own default: clients that always send it say as much as those that leave it out.
    "temperature": only([0, 1], UNSAMPLED),
    "top_p": only([1], UNSAMPLED),
    "tools": only([[]], NO_TOOLS),
    "tool_choice": only(["none", "auto"], NO_TOOLS),
    "parallel_tool_calls": only([True, False], NO_TOOLS),
    "store": only([False], NOTHING_KEPT),
    "service_tier": only(["auto", "default"], "there is one tier"),
    "top_logprobs": only([0], "Bedrock tells no probabilities"),
    # Labels for whoever keeps responses, which nobody does here, and of the caller's own people.
    "metadata": nullable(texts_by_name(16, name=64, value=512)),
    "user": nullable(or_blank(words(512))),
    "safety_identifier": nullable(or_blank(words(512))),
    "prompt_cache_key": nullable(or_blank(words(512))),
    "prompt_cache_retention": only(["in_memory", "in-memory"], CACHED),
    "prompt_cache_options": only([{}], CACHED),
    "moderation": only([], "the deployment's guardrail is on every call, where there is one"),
}
"""Fields of both formats."""


def names(messages: str, schema: str) -> dict[str, str]:
    """The names of the router's fields in a format, of which the messages and the schema stand elsewhere."""
    options = ("prompting", "retrieval", "limits", "prefer", "degrade")
    spoken = dict.fromkeys(("question", "history", "system"), messages)
    return {"format.schema": schema, **spoken, **{option: f"{EXTENSION}.{option}" for option in options}}


def mode_of(body: object) -> str:
    """The mode that a body's model names.

    Raises:
        UnknownModel: it names none.
    """
    name = body.get("model") if isinstance(body, dict) else None
    if isinstance(name, str) and (mode := MODELS.get(name.replace("_", "-"))):
        return mode  # Arbiter itself writes an underscore.
    if isinstance(body, dict) and "model" in body:
        raise UnknownModel(
            [Problem("model", f"is {shown(name)}, which is no mode here", "one of " + ", ".join(MODELS))]
        )
    return AUTO


def read_body(shape: Shape, body: object) -> dict[str, Any]:
    """The fields of a body, without those that say nothing.

    Raises:
        InvalidRequest: naming every problem at once.
    """
    problems: list[Problem] = []
    fields: dict[str, Any] = shape.read(body, "", problems)
    if problems:
        raise InvalidRequest(problems)
    return {name: value for name, value in fields.items() if value is not None}


def payload(fields: Mapping[str, Any], mode: str, asked: Mapping[str, Any], tokens: int | None) -> dict[str, Any]:
    """The router's request.

    Raises:
        InvalidRequest: the length of the answer is limited twice.
    """
    options = dict(fields.get(EXTENSION) or {})
    limits = options.get("limits")
    if tokens is not None:
        if isinstance(limits, dict) and "max_output_tokens" in limits:
            path = f"{EXTENSION}.limits.max_output_tokens"
            raise InvalidRequest([Problem(path, "is given beside the format's own limit", "one of them")])
        options["limits"] = {**(limits if isinstance(limits, dict) else {}), "max_output_tokens": tokens}
    return {**asked, "mode": mode, **options}


def form(asked: Mapping[str, Any] | None, path: str) -> dict[str, Any]:
    """The router's `format` of a wanted format: text, any JSON object, or one by a schema.

    Raises:
        InvalidRequest: a schema for text.
    """
    asked = asked or {"type": "text"}
    schema = asked.get("schema") or (asked.get("json_schema") or {}).get("schema")
    if asked["type"] == "text" and schema is not None:
        raise InvalidRequest([Problem(f"{path}.type", "is text, and a schema is given", "json_schema")])
    if asked["type"] == "text":
        return {}
    return {"format": {"type": "json", **({"schema": schema} if schema is not None else {})}}


def citations(passages: Sequence[Passage], text: str) -> list[tuple[int, int, str, str]]:
    """Begin, end, address and title of each document that the answer as a whole stands on."""
    addresses = dict.fromkeys(passage.uri for passage in passages)
    return [(0, len(text), address, address.rsplit("/", 1)[-1]) for address in addresses]


def fail(error: ArbiterError, request_id: str) -> dict[str, Any]:
    """An error as OpenAI's clients read it."""
    details = error.to_object(request_id)["error"]
    kind = _TYPES.get(error.status, "server_error" if error.status >= 500 else "invalid_request_error")
    kind = error.code if error.code == "insufficient_quota" else kind
    param = error.problems[0].path if error.problems else None
    code = _CODES.get(error.code, error.code)
    shape = {"message": details["message"], "type": kind, "param": param, "code": code}
    return {"error": {**shape, EXTENSION: {key: details[key] for key in details if key not in ("message", "code")}}}


def status_of(error: ArbiterError) -> int:
    """The status of an error where OpenAI's clients look for it: a conversation that is too long is a bad request."""
    return InvalidRequest.status if error.code == TooLarge.code else error.status


_TYPES = {403: "permission_error", 429: "rate_limit_error"}
_CODES = {Throttled.code: "rate_limit_exceeded", TooLarge.code: "context_length_exceeded"}
"""Codes by which clients wait, and shorten a conversation or take a model with a longer context."""


def models(modes: Collection[str]) -> dict[str, Any]:
    """The list of models: the modes that a caller may ask for."""
    listed = [{"id": name, "object": "model", "created": 0, "owned_by": EXTENSION} for name, mode in MODELS.items()
              if mode in modes]  # fmt: skip
    return {"object": "list", "data": listed}
