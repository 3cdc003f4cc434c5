"""Generation through batch inference: the records that ask, and what comes back for them."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from arbiter.generating import Completion
from arbiter.pricing import Usage
from arbiter.prompts import Prompt


class Reply(NamedTuple):
    """One record of a job's output; `completion` is `None` where the record failed, and `failure` says why."""

    record_id: str
    completion: Completion | None
    failure: str | None


def request_record(record_id: str, prompt: Prompt, most_output: int) -> bytes:
    """A line of a job's input: what Converse takes, for a job whose `modelInvocationType` is Converse."""
    body = {
        "system": [{"text": text} for text in prompt.system],
        "messages": [{"role": turn.role, "content": [{"text": turn.text}]} for turn in prompt.turns],
        "inferenceConfig": {"maxTokens": most_output, "temperature": 0.0},
    }
    return json.dumps({"recordId": record_id, "modelInput": body}, ensure_ascii=False).encode() + b"\n"


def read_reply(record: Mapping[str, Any]) -> Reply:
    """A line of a job's output, parsed."""
    record_id = str(record["recordId"])
    output = record.get("modelOutput")
    if not isinstance(output, dict):
        error = record.get("error") or {}
        return Reply(record_id, None, str(error.get("errorMessage") or "the record has no output"))
    try:
        blocks, usage = output["output"]["message"]["content"], output["usage"]
        text = "".join(block["text"] for block in blocks if isinstance(block.get("text"), str)).strip()
        spent = Usage(usage["inputTokens"], usage["outputTokens"])
        return Reply(record_id, Completion(text, str(output["stopReason"]), spent), None)
    except (KeyError, TypeError, AttributeError):
        return Reply(record_id, None, "the output is no reply of Converse")
