"""A guardrail of Bedrock on the calls of a model.

Converse screens a whole conversation, or what is marked in it where anything is marked. Passages are marked as the
source of an answer, the question as what it must be about, and everything else that callers bring as what is screened.
It screens no arguments of a tool, by which models give JSON here: those are screened by a call of their own.
"""

from collections.abc import Iterator
from typing import Any

from arbiter.answering.prompts import CHAIN_OF_THOUGHT, SYSTEM
from arbiter.answering.writer import Completion, Generation
from arbiter.aws.calls.text import object_of, text_of
from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.errors import BadModelOutput, ModelError
from arbiter.guarding.assessment import INTERVENED, of_assessments, of_trace

Block = dict[str, Any]
_OWN = (None, SYSTEM, CHAIN_OF_THOUGHT)
"""What Arbiter itself puts before a conversation, `None` for a cache point: instructions look like an attack to a
guardrail, which bills for what it looks at."""
_CALLEE = Callee(
    "the guardrail",
    missing=ModelError,
    failed=ModelError,
    unreadable=BadModelOutput,
    field="request",
)


class ScreenedCalls:
    """The guardrail of a deployment, put on each call, whose replies then tell what it did.

    Args:
        guardrail: its ARN and version, as `arn:...:guardrail/id:1`.
    """

    def __init__(self, client: Client, guardrail: str) -> None:
        arn, _, version = guardrail.rpartition(":")
        self._client, self._named = client, {"guardrailIdentifier": arn, "guardrailVersion": version}
        self._marks_answers = True

    def on(self, parameters: dict[str, Any], generation: Generation) -> dict[str, Any]:
        """The parameters of a call of Converse with the guardrail in them."""
        # The trace tells what intervened, and what is billed.
        guarded = {**parameters, "guardrailConfig": {**self._named, "trace": "enabled"}}
        if generation.prompt.quoted is None:
            return guarded
        system = [
            block if block.get("text") in _OWN else _marked(block["text"], "guard_content")
            for block in parameters["system"]
        ]
        return {**guarded, "system": system, "messages": list(self._messages(generation))}

    def does_without(self, generation: Generation, refusal: str) -> bool:
        """Tell whether a call is to be made again without marks on earlier answers, as all later ones are.

        Bedrock's documentation shows marks in messages of the user alone; its API takes them in every message.
        """
        quoted = generation.prompt.quoted is not None
        answers = quoted and any(turn.role == "assistant" for turn in generation.prompt.turns)
        again = self._marks_answers and answers and "guardContent" in refusal
        self._marks_answers = self._marks_answers and not again
        return again

    def _messages(self, generation: Generation) -> Iterator[dict[str, Any]]:
        quoted = generation.prompt.quoted
        for turn in generation.prompt.turns:
            if quoted is not None and turn.role == "user" and turn.text == quoted.text:
                content = [
                    {"text": quoted.instruction},
                    _marked(quoted.documents, "grounding_source"),
                    _marked(quoted.question, "query", "guard_content"),
                ]
            elif turn.role == "user" or self._marks_answers:  # Callers may make earlier answers up.
                content = [_marked(turn.text, "guard_content")]
            else:
                content = [{"text": turn.text}]
            yield {"role": turn.role, "content": content}

    def screened(self, completion: Completion, response: dict[str, Any], timeout: float) -> Completion:
        """A completion with what the guardrail did, after its JSON was screened, too.

        Raises:
            ArbiterError: the guardrail cannot be asked: nothing is answered without it.
        """
        assessed = of_trace(object_of(response.get("trace")))
        if response.get("stopReason") == INTERVENED or not _holds_tool_input(response):
            return completion._replace(assessed=assessed)
        applied = self._client.call(
            "apply_guardrail",
            _CALLEE,
            timeout,
            source="OUTPUT",
            content=[{"text": {"text": completion.text}}],
            **self._named,
        )
        assessments = applied.get("assessments")
        if not isinstance(assessments, list):
            raise BadModelOutput("The guardrail's response is empty or cut.")
        assessed = assessed.plus(of_assessments("output", assessments))
        if applied.get("action") != "GUARDRAIL_INTERVENED":
            return completion._replace(assessed=assessed)
        outputs = applied.get("outputs")
        text = "".join(text_of(object_of(one).get("text")) for one in outputs) if isinstance(outputs, list) else ""
        return completion._replace(text=text, stop_reason=INTERVENED, assessed=assessed)


def _marked(text: str, *qualifiers: str) -> Block:
    return {"guardContent": {"text": {"text": text, "qualifiers": list(qualifiers)}}}


def _holds_tool_input(response: dict[str, Any]) -> bool:
    content = object_of(object_of(response.get("output")).get("message")).get("content")
    return isinstance(content, list) and any("toolUse" in object_of(block) for block in content)
