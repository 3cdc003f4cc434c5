"""Records of a batch inference job: what asks a model, and what comes back for it."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from arbiter.answering.writer import Completion, Generation
from arbiter.costs.tokens import Usage
from arbiter.model_parameters import reasoning_tokens, takes_temperature

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ID_LENGTH = 11
"""Bedrock user guide, *batch-inference-data*: a record's id is an alphanumeric string of 11 characters."""


class Reply(NamedTuple):
    """One record of a job's output; `completion` is `None` where the record failed, and `failure` says why."""

    record_id: str
    completion: Completion | None
    failure: str | None

    def dump(self) -> dict[str, Any]:
        done = self.completion
        completion = {**done._asdict(), "usage": done.usage._asdict()} if done else None
        return {"record_id": self.record_id, "completion": completion, "failure": self.failure}

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> "Reply":
        completion = value["completion"]
        done = Completion(**{**completion, "usage": Usage(**completion["usage"])}) if completion else None
        return cls(value["record_id"], done, value["failure"])


def record_id(generation: Generation) -> str:
    """The same for the same model, prompt and limit, and for the same draw of several."""
    asked = [generation.model, generation.draw, _body(generation)]
    number = int.from_bytes(blake2b(json.dumps(asked).encode(), digest_size=8).digest())
    digits = []
    for _ in range(_ID_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(digits)


def request_record(generation: Generation) -> bytes:
    """A line of a job's input: what Converse takes, for a job whose `modelInvocationType` is Converse."""
    record = {"recordId": record_id(generation), "modelInput": _body(generation)}
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def read_reply(record: Mapping[str, Any]) -> Reply:
    """A line of a job's output, parsed."""
    known, output = str(record.get("recordId")), record.get("modelOutput")
    if not isinstance(output, dict):
        error = record.get("error") or {}
        return Reply(known, None, str(error.get("errorMessage") or "the record has no output"))
    try:
        blocks, usage = output["output"]["message"]["content"], output["usage"]
        text = "".join(block["text"] for block in blocks if isinstance(block.get("text"), str)).strip()
        # A model may write half of a surrogate pair, which UTF-8 cannot carry.
        text = text.encode("utf-8", "replace").decode()
        counts = (usage["inputTokens"], usage["outputTokens"], usage.get("cacheReadInputTokens") or 0)
        spent = Usage(*(int(count) for count in counts))
        completion = Completion(text, str(output["stopReason"]), spent, batch=True)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
        return Reply(known, None, "the output is no reply of Converse")
    # Empty text is asked for again: the adapter of Converse knows which stop reasons make it rightful.
    return Reply(known, completion, None) if text else Reply(known, None, "the reply is empty")


def _body(generation: Generation) -> dict[str, Any]:
    tokens = generation.max_output_tokens + reasoning_tokens(generation.model)
    temperature = {"temperature": 0.0} if takes_temperature(generation.model) else {}
    return {
        "system": [{"text": text} for text in generation.prompt.system],
        "messages": [{"role": turn.role, "content": [{"text": turn.text}]} for turn in generation.prompt.turns],
        "inferenceConfig": {"maxTokens": tokens, **temperature},
    }
