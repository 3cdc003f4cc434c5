"""Answers in JSON that do not have the form that was asked for."""

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

from arbiter.costs.tokens import Usage
from arbiter.errors import BadModelOutput

MOST_FLAWS = 5
"""Flaws that are told, to the model that is to repair them and to the caller."""
_SHOWN = 300
"""Characters of a malformed answer that the error repeats to the caller."""


class MalformedAnswer(BadModelOutput):
    """An answer in JSON that is none, or that breaks its schema; the model may be asked to repair it once.

    The message has the flaw alone, for it goes to the log, which holds no answers; the caller gets `details`, too.
    """

    usage: Usage

    def __init__(self, flaw: str, text: str, usage: Usage, details: str = "") -> None:
        sentence = f"The model's JSON {flaw}"
        self.flaw, self.text, self.usage = f"{flaw}: {details}" if details else flaw, text, usage
        super().__init__(f"{sentence}.", for_callers=f"The model's JSON {self.flaw}. It begins {text[:_SHOWN]}")

    def after(self, first: "MalformedAnswer") -> BadModelOutput:
        """The error of an answer that was malformed again when its repair was asked for; it tells of both."""
        message = f"First attempt: {first.for_callers} Second attempt, after the flaw was named: {self.for_callers}"
        return BadModelOutput(f"{first} Asked to repair it, the model failed again: {self}", for_callers=message)


def check_form(text: str, schema: Mapping[str, Any], usage: Usage, stop_reason: str) -> None:
    """Make sure that an answer fits the schema of its request.

    Raises:
        MalformedAnswer: it does not.
        BadModelOutput: it does not because it was cut, which asking again would not mend.
    """
    if stop_reason == "content_filtered":
        return  # What is left of it, if anything: asked again, it would be filtered again.
    from arbiter.answering.asked.schema import flaws

    try:
        breaches = list(islice(flaws(json.loads(text), schema), MOST_FLAWS))
    except (RecursionError, ValueError):
        breaches = ["it cannot be read"]
    if breaches and stop_reason == "max_tokens":
        raise BadModelOutput(
            f"The model's JSON was cut after {usage.output_tokens:,} tokens of output. Allow it more "
            "(limits.max_output_tokens), or ask for a smaller object."
        )
    if breaches:
        raise MalformedAnswer("breaks the schema of the request", text, usage, "; ".join(breaches))
