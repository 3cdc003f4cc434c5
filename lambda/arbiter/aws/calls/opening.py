"""The commands by which an administrator opens a model to an account: none gives a function's role a right."""

import json
import re

from arbiter.answering.access import PROMPT

HI = PROMPT.turns[0].text


def is_amazons(model: str) -> bool:
    """Tell if a model is Amazon's own: every account may call it, and nobody subscribes it."""
    return re.search(r"(?:^|[./])amazon\.", model) is not None


def form(region: str | None = None) -> str:
    """Send Anthropic's form; without a region to the one that is set."""
    return f"aws bedrock put-use-case-for-model-access{_in(region)} --form-data fileb://use-case.json"


def subscription(model: str, region: str | None = None) -> str:
    """Subscribe the account by a first call."""
    if (body := body_of(model)) is not None:
        sent = f"--cli-binary-format raw-in-base64-out --body '{json.dumps(body)}'"
        return f"aws bedrock-runtime invoke-model{_in(region)} --model-id {model} {sent} /dev/null"
    conversation = json.dumps([{"role": "user", "content": [{"text": HI}]}])
    call = f"aws bedrock-runtime converse{_in(region)} --model-id {model} --inference-config maxTokens=1"
    return f"{call} --messages '{conversation}'"


def body_of(model: str) -> dict[str, object] | None:
    """The smallest request that a model takes through InvokeModel; none for one that takes Converse."""
    if "titan-embed" in model:
        return {"inputText": HI}
    if "cohere.embed" in model:
        return {"texts": [HI], "input_type": "search_query"}
    if "cohere.rerank" in model:
        return {"query": HI, "documents": [HI], "top_n": 1, "api_version": 2}
    if "amazon.rerank" in model:
        return {"query": HI, "documents": [HI], "top_n": 1}
    return None


def _in(region: str | None) -> str:
    return f" --region {region}" if region else ""
