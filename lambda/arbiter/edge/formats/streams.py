"""The fields by which both of OpenAI's formats ask for an answer while it is written."""

from collections.abc import Mapping
from typing import Any

from arbiter.edge.formats.shapes import Shape, nullable, only, record
from arbiter.errors import InvalidRequest, Problem


def stream_options(**options: Shape) -> Shape:
    """The options of a stream: the format's own, and the one that both have."""
    unpadded = only([False], "events are not padded")
    return nullable(record({**options, "include_obfuscation": unpadded}))


def streamed(fields: Mapping[str, Any]) -> bool:
    """Whether the answer is to be streamed.

    Raises:
        InvalidRequest: it is not, and options of that are given.
    """
    if "stream_options" in fields and not fields.get("stream"):
        raise InvalidRequest([Problem("stream_options", "are given without a stream", '"stream": true')])
    return bool(fields.get("stream"))
