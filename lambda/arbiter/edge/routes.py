"""The routes of the API: what each takes, for the front that serves them and for what is published."""

from collections.abc import Mapping
from typing import NamedTuple

from arbiter.edge.formats.chat import CHAT
from arbiter.edge.formats.format import OWN, Format
from arbiter.edge.formats.responses import RESPONSES
from arbiter.edge.formats.shapes import Schema, nullable, schema_of, words
from arbiter.feedback import LONGEST_ANSWER, LONGEST_TEXT, Feedback


class Route(NamedTuple):
    """One route."""

    summary: str
    format: Format | None = None
    """The format in which it is asked; `None` for a route that asks nothing."""
    body: Schema | None = None
    """The schema of its body; `None` where it has none."""
    streams: bool = False
    """Whether its answers may be streamed, where the deployment does that."""


def _feedback() -> Schema:
    schema = schema_of(Feedback)
    for name, longest in {"text": LONGEST_TEXT, "question": LONGEST_ANSWER, "answer": LONGEST_ANSWER}.items():
        schema["properties"][name] = nullable(words(longest)).schema
    return schema


ROUTES: Mapping[tuple[str, str], Route] = {
    ("POST", "/ask"): Route("Ask, in Arbiter's own contract", OWN, OWN.schema, streams=True),
    ("POST", "/v1/chat/completions"): Route("Ask, as a chat completion", CHAT, CHAT.schema, streams=True),
    ("POST", "/v1/responses"): Route("Ask, as a response", RESPONSES, RESPONSES.schema, streams=True),
    ("GET", "/v1/models"): Route("List the modes that may be asked for, as models"),
    ("POST", "/feedback"): Route("Rate an answer", body=_feedback()),
    ("GET", "/health"): Route("Tell that calls are served"),
}
